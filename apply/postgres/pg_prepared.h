/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_PREPARED_H
#define WOS_PG_PREPARED_H

#include <stdbool.h>

#include "buf.h"

/*
 * The statements that a server keeps for us.  Their names are the connection's
 * alone: where several share a session, as behind a pooler or in PGlite, none
 * has another's statement run, and none can do away with it.
 */

/* Sixteen hexadecimal digits. */
#define PG_TAG_SIZE 17

/* wos_, the connection's tag, and a number. */
#define PG_NAME_SIZE 48

struct pg_prepared {
	struct pg_prepared *next;
	char name[PG_NAME_SIZE];
	unsigned session;  /* in which it was prepared; 0: in none */
	unsigned underway; /* jobs */
	bool forgotten;    /* freed when the server has it no more */
	bool leaving;      /* is the server asked to do away with it? */
};

struct pg_prepared_list {
	struct pg_prepared *first;
	unsigned session;      /* counts connections */
	char tag[PG_TAG_SIZE]; /* of this one's */
	unsigned names;        /* that were given so far */
	unsigned forgotten;    /* those that the server has in vain */
};

/* A new connection is there, which has none. */
void pg_prepared_begin(struct pg_prepared_list *l);

/* A new one, which no server has yet; it is the list's. */
struct pg_prepared *pg_prepared_new(struct pg_prepared_list *l);

/* Is it the server's, too? */
bool pg_prepared_is_there(
    const struct pg_prepared_list *l, const struct pg_prepared *s);

/* Gives it the name that it will have. */
void pg_prepared_name(struct pg_prepared_list *l, struct pg_prepared *s);

/* Nobody needs it any more. */
void pg_prepared_forget(struct pg_prepared_list *l, struct pg_prepared *s);

/* One of those that nobody needs, if the server has many; or NULL. */
struct pg_prepared *pg_prepared_spare(const struct pg_prepared_list *l);

/* Frees it if it is forgotten, and neither underway nor with the server. */
void pg_prepared_free(struct pg_prepared_list *l, struct pg_prepared *s);

/* Adds what makes the server do away with all of them. */
void pg_prepared_leave(const struct pg_prepared_list *l, struct buf *sql);

/* Frees all. */
void pg_prepared_free_all(struct pg_prepared_list *l);

#endif
