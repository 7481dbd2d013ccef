/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_H
#define WOS_PG_H

#include "db.h"

/*
 * PostgreSQL, and what speaks its protocol.  What is used is meant to be what
 * it shares with CockroachDB, YugabyteDB, Citus, Neon and Aurora, though only
 * PostgreSQL itself was run:
 *
 * - the extended protocol with named statements, pipelines, and parameters
 *   whose types the server infers; SAVEPOINT, and SET LOCAL lock_timeout and
 *   statement_timeout;
 * - INSERT ... ON CONFLICT, comparisons of rows, JSONB, and a column GENERATED
 *   BY DEFAULT AS IDENTITY;
 * - COUNT and ROW_NUMBER as window functions, for --status;
 * - information_schema.tables and columns, pg_indexes, pg_class, pg_namespace,
 *   pg_type, current_schema and clock_timestamp; for --dry-run pg_trigger,
 *   pg_rules and pg_constraint;
 * - CREATE TABLE, CREATE INDEX and ALTER TABLE ADD COLUMN, IF NOT EXISTS;
 *   indexes USING spgist.
 *
 * Neither LOCK TABLE nor advisory locks, which some of them lack or ignore:
 * writers take turns by a row of their own.  No triggers, no procedural code,
 * no extensions, no COPY, no LISTEN, no cursors.
 */

/* db_open for a database that a connection string names. */
enum db_result pg_open(const char *where, enum db_mode mode, struct db **db,
    char why[DB_WHY_SIZE]);

/* For db_library. */
const char *pg_library(void);

#endif
