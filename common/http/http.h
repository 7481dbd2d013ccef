/* SPDX-License-Identifier: MIT */
#ifndef WOS_HTTP_H
#define WOS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "buf.h"
#include "clock.h"
#include "rate.h"
#include "trace/trace.h"

/*
 * Requests to an API: many at once, each repeated while it may heal.  A
 * request is taken from the client, lives through waiting, running and
 * perhaps waiting again until it has an answer, and is given back.
 */

/* A request that nobody answers is given up after this; the SDKs' figure. */
#define TIMEOUT_MS 60000
#define CONNECT_TIMEOUT_MS 15000

/* Less than a byte a second for this long: the connection is dead. */
#define LOW_SPEED_S 30

/* How often a request is repeated, and how often it may be told to be. */
#define RETRIES 5
#define RETRIES_MAX 100

/* The pause before the first repetition; each further one is twice as long. */
#define RETRY_PAUSE_MS 500
#define RETRY_PAUSE_MAX_MS 30000

/*
 * The longest Retry-After that is waited for: the API counts its limits by
 * the minute.  Told to wait longer, the program ends, and its caller decides.
 */
#define RETRY_AFTER_MAX_MS 120000

/* Connections that one program needs at most. */
#define JOBS_MAX 64

enum answer {
	ANSWER_PAGE,    /* 200; the body is in `body` */
	ANSWER_REFUSED, /* another status; the body is in `body` */
	ANSWER_LARGE,   /* the page is larger than body_max */
	ANSWER_STALLED, /* there was no room for it */
	ANSWER_LATER,   /* it may heal, but not within the retries: see `why` */
	ANSWER_FAILED,  /* it will not heal: see `why` */
};

enum request_state {
	REQUEST_FREE,
	REQUEST_WAITING, /* until `due` */
	REQUEST_RUNNING,
	REQUEST_DONE, /* see `answer` */
};

struct request {
	struct client *client;
	CURL *easy;
	enum request_state state;
	enum answer answer;
	void *owner;         /* the caller's */
	struct rate *budget; /* under the client's own, or NULL */
	bool ahead; /* nobody waits for it yet: it needs the client's room */
	/*
	 * What it does must not be done again unseen: it is repeated only if it
	 * did not get there, or was told to come back; else it is ANSWER_LATER.
	 * libcurl repeats it, and so it has to bear that, where a connection
	 * that was kept ends without a byte.
	 */
	bool once;
	const char *route; /* as request_start has it */
	struct buf place;  /* the address without a query, to be printed */
	struct buf url;
	struct buf sent; /* the body of a POST */
	bool posts;
	int64_t due;     /* on the monotonic clock, in ms */
	int64_t sent_at; /* Unix time in ms */
	unsigned tries;
	struct buf body;
	struct buf why; /* what went wrong, fit to be printed */
	CURLcode code;  /* what libcurl says of the last try */
	long status;
	char id[64];         /* X-Request-Id, fit to be printed, or "" */
	char host[128];      /* to which a redirect leads, likewise */
	int64_t retry_after; /* in ms, -1 if the answer has none */
	int64_t retry_date;  /* the same as a date: Unix ms, or TIME_NONE */
	int64_t date;        /* when the API answered, by its own clock: Unix
				ms in whole seconds, or TIME_NONE */
	char error[CURL_ERROR_SIZE];
	struct span span; /* of the try that is running, or was the last */
};

struct client_options {
	const char *base_url;
	const char *base_place; /* what set it: --base-url */
	const char *key;        /* NULL: ask without one */
	const char *agent;      /* what it calls itself */
	bool sends;             /* bodies, which are JSON */
	/*
	 * What is to be sent once has a connection of its own: on one that is
	 * used again and ends without an answer, libcurl sends it again.
	 */
	bool apart;
	/* Adds what an answer says that is no page, fit to be printed. */
	void (*refusal)(struct buf *out, long status, const struct buf *body);
	long timeout_ms;
	long low_speed_s; /* without a byte for so long, it is dead */
	unsigned retries;
	unsigned pause_ms;
	unsigned jobs;
	size_t body_max; /* bytes of an answer, decoded */
	unsigned rate_requests;
	double rate_seconds;
	bool verbose;
};

struct client {
	const struct client_options *options;
	CURLM *multi;
	struct curl_slist *headers;
	struct buf base; /* https://api.example.com, as a string */
	bool plain;      /* http, so it is loopback */
	struct rate rate;
	size_t room; /* bytes that requests ahead of their time may take in */
	struct buf host; /* for spans; empty unless there are any */
	int64_t port, requests, retries;
	/*
	 * The newest time by the API's own clock that an answer had: Unix ms
	 * in whole seconds, or TIME_NONE.  It is a server's word: plausible,
	 * but no more.
	 */
	int64_t date;
	struct request request[JOBS_MAX];
};

/* Ends the program if that can't be done or the URL is not a safe one. */
void client_init(struct client *c, const struct client_options *o);
void client_release(struct client *c);

/* A request that is free, or NULL. */
struct request *client_free_request(struct client *c);

/* Adds the name=value to a query, escaped. */
void client_add_parameter(
    struct client *c, struct buf *query, const char *name, const char *value);

/* When the next request may be sent: `now` if it may. */
int64_t client_ready(struct client *c, int64_t now);

/* What stands in a route for an id. */
#define ROUTE_ID "{id}"

/*
 * Sends a GET for a route of the API, which stays the caller's and has to live
 * as long as the request: "/events", or with one ROUTE_ID in it
 * "/organizations/{id}".  The id, a string of any bytes but "", "." and "..",
 * becomes one segment of the path, whatever is in it.  Without a query, NULL.
 */
void request_start(
    struct request *r, const char *route, const char *id, const char *query);

/*
 * The same where the path, which needs no escapes, is made already; the route
 * is what is told of it, with names in the place of ids.
 */
void request_start_at(
    struct request *r, const char *route, const char *path, const char *query);

/*
 * The same with a body, which the request takes a copy of: a POST.  The path
 * is as in request_start_at.
 */
void request_post(struct request *r, const char *route, const char *path,
    const struct buf *body, bool once);

/*
 * The answer is no good, for the reason in r->why, but another may be: tries
 * again.  Returns false if all tries are used up; the request is done then, and
 * its answer is `last` or ANSWER_LATER.
 */
bool request_again(struct request *r, enum answer last);

/* What the next message, which is about the request, has in its fields. */
void request_fields(const struct request *r);

/* Drops what is on its way and makes the request free. */
void request_stop(struct request *r);

/* Sends what is due and takes in what has come, without waiting. */
void client_perform(struct client *c);

/*
 * Waits until there is something to perform, one of the descriptors is ready,
 * or the time on the monotonic clock has come.
 */
void client_wait(
    struct client *c, struct curl_waitfd *fds, unsigned nfds, int64_t until);

/* A request that is done, or NULL. */
struct request *client_done_request(struct client *c);

#endif
