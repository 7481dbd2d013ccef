/*
 * PostgreSQL as wos-apply's database.  The statements of a batch go into a
 * pipeline: they are sent as they come, and the server's answers are read as
 * they arrive, so that a batch waits for the network twice, not once for each
 * event.  After a failure the server passes over everything up to the end of
 * the pipeline, so the first failure is the only one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "pg.h"
#include "sha256.h"
#include "utf8.h"

/*
 * How many statements, and bytes of them, are sent before the server is asked
 * to answer those.  After a failure as much may have been sent in vain.
 */
#define FLUSH_STATEMENTS 64
#define FLUSH_BYTES ((size_t)256 * 1024)

/* The most that may be on its way, in statements: their answers take memory. */
#define MOST_UNDERWAY 1024

/* The most statements that the server may keep and nobody needs. */
#define MOST_FORGOTTEN 512

/* Values of a statement; the stream's have fewer. */
#define MOST_VALUES 128

/*
 * Writers take turns.  Whoever runs this waits until no other one is left, and
 * sees all that it did: the row is updated, not only locked, so that a
 * transaction whose view of the database is older fails instead, at whatever
 * isolation the server has.
 */
static const char take_turn[] =
    "INSERT INTO \"sync_lock\" (\"name\",\"taken_at\") VALUES ('writer',"
    "CAST(EXTRACT(EPOCH FROM clock_timestamp())*1000 AS BIGINT)) "
    "ON CONFLICT (\"name\") DO UPDATE SET \"taken_at\"=excluded.\"taken_at\"";

/* How long to wait before a lost connection is made anew, in seconds. */
#define RECONNECT_PAUSE 2

/*
 * wos_, the beginning of a SHA-256 of the statement, and a number: two queries
 * may have the same text, one of ours and one of the stream.
 */
#define NAME_SIZE 48

/*
 * A statement that the server keeps.  Its name stands for its text, so that
 * even a pooler that mixes up sessions can't make it another one.
 */
struct prepared {
	char name[NAME_SIZE];
	unsigned session;  /* in which it was prepared; 0: in none */
	unsigned underway; /* jobs */
	bool forgotten;    /* freed when nothing of it is underway */
};

enum job_kind { JOB_PREPARE, JOB_RUN, JOB_COMMIT, JOB_FORGET, JOB_SYNC };

/* Something on its way to the server. */
struct job {
	enum job_kind kind;
	bool foreign;
	struct prepared *prepared; /* or NULL */
	struct db_place place;
	int64_t *changed; /* or NULL */
};

struct pg {
	struct db db;
	char *where;
	PGconn *conn;     /* NULL: it was lost, and not made anew */
	unsigned session; /* counts connections, and their being cleared */
	bool reconnected; /* since the last commit */
	bool in_transaction;
	unsigned forgotten; /* statements that the server still has */
	unsigned names;     /* of statements that were given so far */
	bool forgetting;
	struct job job[MOST_UNDERWAY]; /* a ring */
	size_t first, njobs;
	bool unsynced; /* has anything been sent since the last JOB_SYNC? */
	size_t unflushed_jobs, unflushed_bytes;
	struct pg_answer failure; /* of a job; rc is DB_OK: none yet */
	struct db_place failed_at;
	struct buf text; /* the values at hand */
};

static const struct db_ops pg_ops;

#define POOLER                                                                 \
	"a connection pooler in transaction mode lies between: use one in "    \
	"session mode, or none"

static void
prepared_release(struct prepared *s)
{
	if (s != NULL && s->forgotten && s->underway == 0)
		free(s);
}

static struct job *
oldest(struct pg *p)
{
	return &p->job[p->first];
}

static void
job_done(struct pg *p)
{
	struct job *job = oldest(p);

	if (job->prepared != NULL) {
		job->prepared->underway--;
		prepared_release(job->prepared);
	}
	p->first = (p->first + 1) % MOST_UNDERWAY;
	p->njobs--;
}

/* The first failure is kept; what follows is its echo. */
static void
fail(struct pg *p, const PGresult *res)
{
	if (p->failure.rc != DB_OK)
		return;
	pg_failed(&p->failure, p->conn, res);
	/* Prepared statements neither vanish nor appear in a session. */
	if (strcmp(p->failure.state, "26000") == 0 ||
	    strcmp(p->failure.state, "42P05") == 0)
		snprintf(p->failure.why, sizeof p->failure.why, POOLER);
	p->failed_at = p->njobs > 0 ? oldest(p)->place : p->db.here;
}

static void
fail_with(struct pg *p, enum db_result rc, const char *why)
{
	if (p->failure.rc != DB_OK)
		return;
	p->failure.rc = rc;
	snprintf(p->failure.why, sizeof p->failure.why, "%s", why);
	p->failed_at = p->njobs > 0 ? oldest(p)->place : p->db.here;
}

/* The connection is gone, and everything that was on its way with it. */
static void
lose(struct pg *p)
{
	fail(p, NULL);
	while (p->njobs > 0)
		job_done(p);
	pq.finish(p->conn);
	p->conn = NULL;
	p->unsynced = p->in_transaction = false;
}

/* A row change says INSERT, UPDATE or DELETE; anything else was none. */
static bool
is_row_change(const PGresult *res)
{
	const char *tag = pq.cmdStatus((PGresult *)res);

	return strncmp(tag, "INSERT ", 7) == 0 ||
	       strncmp(tag, "UPDATE ", 7) == 0 ||
	       strncmp(tag, "DELETE ", 7) == 0;
}

static void
take_done(struct pg *p, struct job *job, PGresult *res)
{
	int64_t rows;

	switch (job->kind) {
	case JOB_PREPARE:
	case JOB_SYNC:
		break;
	case JOB_RUN:
		if (job->foreign && !is_row_change(res))
			fail_with(p, DB_REFUSED, "it is no row change");
		rows = strtoll(pq.cmdTuples(res), NULL, 10);
		if (job->foreign)
			db_count(&p->db, &job->place, rows);
		if (job->changed != NULL)
			*job->changed = rows;
		break;
	case JOB_COMMIT: /* a transaction that has failed says ROLLBACK */
		if (strcmp(pq.cmdStatus(res), "COMMIT") != 0)
			fail_with(p, DB_FAILED, "the server took it back");
		break;
	case JOB_FORGET:
		p->forgotten = 0;
		p->forgetting = false;
	}
}

/* It failed, or the server passed over it. */
static void
take_undone(struct pg *p, struct job *job)
{
	if (job->kind == JOB_PREPARE)
		job->prepared->session = 0;
	if (job->kind == JOB_FORGET) {
		p->session--; /* what was prepared before is still there */
		p->forgetting = false;
	}
}

/* Takes the next answer, which has arrived. */
static void
take_answer(struct pg *p)
{
	struct job *job = oldest(p);
	PGresult *res = pq.getResult(p->conn);

	if (res == NULL) { /* all of this job's have been */
		job_done(p);
		return;
	}
	switch (pq.resultStatus(res)) {
	case PGRES_PIPELINE_SYNC:
		job_done(p);
		break;
	case PGRES_PIPELINE_ABORTED:
		take_undone(p, job);
		break;
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		take_done(p, job, res);
		break;
	default:
		fail(p, res);
		take_undone(p, job);
	}
	pq.clear(res);
}

/* Takes answers until no more than `most` jobs are underway. */
static void
take_answers(struct pg *p, size_t most)
{
	while (p->conn != NULL && p->njobs > most) {
		if (!pq.isBusy(p->conn))
			take_answer(p);
		else if (!pg_wait(p->conn) || !pq.consumeInput(p->conn))
			lose(p);
		if (p->conn != NULL && pq.status(p->conn) == CONNECTION_BAD)
			lose(p);
	}
}

/* Takes the answers that are there already. */
static void
take_arrived(struct pg *p)
{
	if (p->conn == NULL)
		return;
	if (!pq.consumeInput(p->conn)) {
		lose(p);
		return;
	}
	while (p->njobs > 0 && !pq.isBusy(p->conn))
		take_answer(p);
}

/* Sees to it that what was sent leaves, while the server may be writing. */
static void
flush(struct pg *p)
{
	int more;

	p->unflushed_jobs = p->unflushed_bytes = 0;
	while (p->conn != NULL && (more = pq.flush(p->conn)) != 0)
		if (more == -1 || !pg_wait(p->conn) ||
		    !pq.consumeInput(p->conn))
			lose(p);
	take_arrived(p);
}

static void
job_add(struct pg *p, struct job job)
{
	if (job.prepared != NULL)
		job.prepared->underway++;
	job.place = p->db.here;
	p->job[(p->first + p->njobs) % MOST_UNDERWAY] = job;
	p->njobs++;
	p->unflushed_jobs++;
	p->unsynced = job.kind != JOB_SYNC;
}

/* Room for a job.  Nothing is sent that the server would pass over. */
static bool
make_room(struct pg *p)
{
	if (p->conn == NULL || p->failure.rc != DB_OK)
		return false;
	if (pq.pipelineStatus(p->conn) == PQ_PIPELINE_OFF &&
	    !pq.enterPipelineMode(p->conn)) {
		lose(p);
		return false;
	}
	if (p->unflushed_jobs >= FLUSH_STATEMENTS ||
	    p->unflushed_bytes >= FLUSH_BYTES) {
		if (!pq.sendFlushRequest(p->conn))
			lose(p);
		flush(p);
	}
	take_answers(p, MOST_UNDERWAY - 1);
	return p->conn != NULL && p->failure.rc == DB_OK;
}

/* Sends a statement without values, which is not kept. */
static void
send_plain(struct pg *p, enum job_kind kind, const char *sql, int64_t *changed)
{
	if (!make_room(p))
		return;
	if (!pq.sendQueryParams(p->conn, sql, 0, NULL, NULL, NULL, NULL, 0))
		lose(p);
	else
		job_add(p, (struct job){.kind = kind, .changed = changed});
}

/*
 * Waits for all that is on its way.  Returns the first failure in it, which is
 * forgotten then: the pipeline is as new, and the transaction has failed.
 */
static enum db_result
settle(struct pg *p)
{
	enum db_result rc;

	if (p->conn != NULL && p->unsynced) {
		take_answers(p, MOST_UNDERWAY - 1);
		if (p->conn != NULL && !pq.pipelineSync(p->conn))
			lose(p);
		if (p->conn != NULL)
			job_add(p, (struct job){.kind = JOB_SYNC});
		take_answers(p, 0);
		p->unflushed_jobs = p->unflushed_bytes = 0;
	}
	rc = p->failure.rc;
	if (rc != DB_OK) {
		memcpy(p->db.why, p->failure.why, sizeof p->db.why);
		p->db.failed = p->failed_at;
	}
	p->failure.rc = DB_OK;
	return rc;
}

/*
 * Adds a text and its NUL.  The server takes UTF-8 only, so every other byte
 * becomes U+FFFD.
 */
static void
add_text(struct buf *out, const char *text, size_t len)
{
	size_t n;

	for (;;) {
		n = utf8_span(text, len);
		buf_add(out, text, n);
		if (n == len)
			break;
		buf_puts(out, UTF8_REPLACEMENT);
		text += n + 1;
		len -= n + 1;
	}
	buf_putc(out, '\0');
}

/* Makes the values texts; they stay where they are until the next call. */
static void
make_params(struct pg *p, const struct value *value, size_t nvalues,
    const char *param[MOST_VALUES])
{
	size_t at[MOST_VALUES];

	if (nvalues > MOST_VALUES)
		log_errx(1, "a statement has more values than %d", MOST_VALUES);
	buf_clear(&p->text);
	for (size_t i = 0; i < nvalues; i++) {
		const struct value *v = &value[i];

		at[i] = p->text.len;
		if (v->type == VALUE_TEXT)
			add_text(&p->text, v->text, v->len);
		else if (v->type == VALUE_BOOL)
			add_text(
			    &p->text, v->i ? "true" : "false", v->i ? 4 : 5);
		else if (v->type == VALUE_INT) {
			buf_printf(&p->text, "%" PRId64, v->i);
			buf_putc(&p->text, '\0');
		}
	}
	for (size_t i = 0; i < nvalues; i++)
		param[i] =
		    value[i].type != VALUE_NULL ? p->text.p + at[i] : NULL;
	p->unflushed_bytes += p->text.len;
}

static struct prepared *
prepared_new(struct pg *p, const char *sql)
{
	struct prepared *s = calloc(1, sizeof *s);
	char hex[SHA256_HEX_SIZE];
	struct sha256 hash;

	if (s == NULL)
		log_err(1, NULL);
	sha256_init(&hash);
	sha256_add(&hash, sql, strlen(sql));
	sha256_hex(&hash, hex);
	snprintf(s->name, sizeof s->name, "wos_%.24s_%u", hex, p->names++);
	return s;
}

/* Makes room on the server, once there is much that nobody needs. */
static void
send_forget(struct pg *p)
{
	if (p->forgotten < MOST_FORGOTTEN || p->forgetting)
		return;
	send_plain(p, JOB_FORGET, "DEALLOCATE ALL", NULL);
	if (p->njobs > 0 && p->failure.rc == DB_OK) {
		p->forgetting = true;
		p->session++;
	}
}

/* Has the server prepare the statement, unless it has already. */
static void
send_prepare(struct pg *p, struct query *q)
{
	struct prepared *s;

	if (q->prepared == NULL)
		q->prepared = prepared_new(p, q->sql);
	s = q->prepared;
	if (s->session == p->session)
		return;
	send_forget(p);
	if (!make_room(p))
		return;
	if (!pq.sendPrepare(p->conn, s->name, q->sql, 0, NULL)) {
		lose(p);
		return;
	}
	s->session = p->session;
	job_add(p, (struct job){.kind = JOB_PREPARE, .prepared = s});
}

static void
send_query(struct pg *p, struct query *q, const struct value *value,
    size_t nvalues, int64_t *changed)
{
	const char *param[MOST_VALUES];
	struct prepared *s;

	send_prepare(p, q);
	if (!make_room(p))
		return;
	s = q->prepared;
	make_params(p, value, nvalues, param);
	if (!pq.sendQueryPrepared(
		p->conn, s->name, (int)nvalues, param, NULL, NULL, 0))
		lose(p);
	else
		job_add(p, (struct job){.kind = JOB_RUN,
			       .foreign = q->foreign,
			       .prepared = s,
			       .changed = changed});
}

/* A question outside of the pipeline, so that its rows come one by one. */
static enum db_result
ask(struct pg *p, const struct query *q, const struct value *value,
    size_t nvalues, db_row_fn *row, void *arg)
{
	struct pg_answer answer;
	enum db_result rc = settle(p);

	if (rc != DB_OK)
		return rc;
	if (pq.pipelineStatus(p->conn) != PQ_PIPELINE_OFF)
		pq.exitPipelineMode(p->conn);
	answer = pg_exec(p->conn, q->sql, value, nvalues, row, arg);
	if (answer.rc == DB_OK)
		return DB_OK;
	p->failure = answer;
	p->failed_at = p->db.here;
	if (*answer.state == '\0')
		lose(p);
	return settle(p);
}

static enum db_result
pg_run(struct db *db, struct query *q, const struct value *value,
    size_t nvalues, int64_t *changed, db_row_fn *row, void *arg)
{
	struct pg *p = (struct pg *)db;

	if (p->conn == NULL)
		fail_with(p, DB_AGAIN, "the connection was lost");
	if (row != NULL)
		return ask(p, q, value, nvalues, row, arg);
	if (nvalues == 0 && !q->foreign)
		send_plain(p, JOB_RUN, q->sql, changed);
	else
		send_query(p, q, value, nvalues, changed);
	/* Only a transaction has an end at which failures come to light. */
	if (p->in_transaction && changed == NULL && p->failure.rc == DB_OK)
		return DB_OK;
	return settle(p);
}

static enum db_result
pg_sync(struct db *db)
{
	return settle((struct pg *)db);
}

static void
pg_forget(struct db *db, struct query *q)
{
	struct pg *p = (struct pg *)db;
	struct prepared *s = q->prepared;

	q->prepared = NULL;
	p->forgotten += s->session == p->session;
	s->forgotten = true;
	prepared_release(s);
}

/* Makes a lost connection anew: once, until something has been committed. */
static enum db_result
reconnect(struct pg *p)
{
	const struct timespec pause = {RECONNECT_PAUSE, 0};
	enum db_result rc;

	p->failure.rc = DB_OK;
	if (p->reconnected) {
		snprintf(p->db.why, sizeof p->db.why,
		    "the connection was lost again");
		return DB_BUSY;
	}
	p->reconnected = true;
	nanosleep(&pause, NULL);
	rc = pg_connect(p->where, &p->conn, p->db.why);
	if (rc != DB_OK)
		return rc;
	p->session++;
	p->forgotten = 0;
	p->forgetting = false;
	return DB_OK;
}

const char *
pg_lock_timeout(void)
{
	static char sql[sizeof "SET LOCAL lock_timeout = 4294967295"];

	/* 0 would be for ever. */
	snprintf(sql, sizeof sql, "SET LOCAL lock_timeout = %u",
	    db_busy_ms > 0 ? db_busy_ms : 1);
	return sql;
}

static enum db_result
pg_begin(struct db *db)
{
	struct pg *p = (struct pg *)db;
	enum db_result rc;

	if (p->conn == NULL && (rc = reconnect(p)) != DB_OK)
		return rc;
	send_plain(p, JOB_RUN, PG_BEGIN, NULL);
	send_plain(p, JOB_RUN, pg_lock_timeout(), NULL);
	send_plain(p, JOB_RUN, take_turn, NULL);
	p->in_transaction = p->conn != NULL;
	return p->in_transaction ? DB_OK : settle(p);
}

static enum db_result
pg_commit(struct db *db)
{
	struct pg *p = (struct pg *)db;
	enum db_result rc;

	if (p->conn == NULL)
		fail_with(p, DB_AGAIN, "the connection was lost");
	if ((rc = settle(p)) != DB_OK)
		return rc;
	if (pq.transactionStatus(p->conn) != PQTRANS_INTRANS)
		fail_with(p, DB_FAILED, "the transaction has ended early");
	send_plain(p, JOB_COMMIT, "COMMIT", NULL);
	rc = settle(p);
	if (rc == DB_OK)
		p->in_transaction = p->reconnected = false;
	return rc;
}

static void
pg_rollback(struct db *db)
{
	struct pg *p = (struct pg *)db;

	settle(p);
	if (p->conn != NULL && pq.transactionStatus(p->conn) != PQTRANS_IDLE) {
		send_plain(p, JOB_RUN, "ROLLBACK", NULL);
		settle(p);
	}
	if (p->conn != NULL && pq.transactionStatus(p->conn) != PQTRANS_IDLE) {
		lose(p);
		settle(p);
	}
	p->in_transaction = false;
}

static void
pg_close(struct db *db)
{
	struct pg *p = (struct pg *)db;

	if (p->conn != NULL)
		lose(p);
	buf_free(&p->text);
	free(p->where);
	free(p);
}

/* The connection and its schema; *found is what a reader asks for. */
static enum db_result
start(struct pg *p, enum db_mode mode, bool *found)
{
	enum db_result rc = pg_connect(p->where, &p->conn, p->db.why);

	if (rc == DB_OK)
		rc = pg_schema(p->conn, mode, found, p->db.why);
	return rc;
}

enum db_result
pg_open(
    const char *where, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE])
{
	struct pg *p;
	const char *missing;
	enum db_result rc;
	bool found = false;

	*db = NULL;
	if (!libpq_load(&missing)) {
		snprintf(why, DB_WHY_SIZE, "needs libpq: %s", missing);
		return DB_FAILED;
	}
	p = calloc(1, sizeof *p);
	if (p == NULL || (p->where = strdup(where)) == NULL)
		log_err(1, NULL);
	p->db.ops = &pg_ops;
	p->session = 1;
	rc = start(p, mode, &found);
	memcpy(why, p->db.why, DB_WHY_SIZE);
	if (rc == DB_OK && (found || mode == DB_WRITE))
		*db = &p->db;
	else
		pg_close(&p->db);
	return rc == DB_REFUSED && mode != DB_DRY ? DB_FAILED : rc;
}

static const struct db_ops pg_ops = {
    .run = pg_run,
    .sync = pg_sync,
    .forget = pg_forget,
    .close = pg_close,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .export = "SELECT \"event_payload\" FROM \"events_cursor\" "
	      "ORDER BY \"seq\"",
    .system = "postgresql",
};
