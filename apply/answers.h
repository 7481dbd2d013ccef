/* SPDX-License-Identifier: MIT */
#ifndef WOS_ANSWERS_H
#define WOS_ANSWERS_H

#include "options.h"

/*
 * What answers each question of main's table, as options.h says: all that they
 * know is which options belong to it.
 */
enum db_result answer_cursor(struct db *db, const struct options *o);
enum db_result answer_cursor_info(struct db *db, const struct options *o);
enum db_result answer_export(struct db *db, const struct options *o);
enum db_result answer_gap(struct db *db, const struct options *o);
enum db_result answer_parked(struct db *db, const struct options *o);
enum db_result answer_parked_drop(struct db *db, const struct options *o);
enum db_result answer_plan(struct db *db, const struct options *o);
enum db_result answer_sample(struct db *db, const struct options *o);
enum db_result answer_status(struct db *db, const struct options *o);
enum db_result answer_tail_seen(struct db *db, const struct options *o);

int answer_name(struct db *db, const struct options *o);
int answer_parked_drop_all(struct db *db, const struct options *o);
int answer_parked_retry(struct db *db, const struct options *o);
int answer_schema(struct db *db, const struct options *o);

#endif
