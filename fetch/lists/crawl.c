/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "budget.h"
#include "clock.h"
#include "crawl.h"
#include "events/output.h"
#include "listing.h"
#include "log.h"
#include "memory.h"
#include "meter.h"
#include "status.h"
#include "stop.h"
#include "trace/trace.h"

/*
 * Lists that are under way at most: more than there are connections, since some
 * wait for their directory's next second.
 */
#define LISTINGS_MAX 256

/* So many parents have to be refused before the others are not asked for. */
#define REFUSALS_MAX 3

/* The ids of one list's items, by which others are asked for. */
struct family {
	char parent[ITEM_ID_MAX + 1]; /* of that list, or "" */
	bool complete;
	struct buf ids;
	unsigned queues; /* that have not come to its end */
};

/* A list that is still to be asked for, of each of a family; of none once. */
struct queue {
	struct queue *next;
	const struct list *list;
	struct family *family; /* or NULL */
	size_t at;             /* in the family's ids */
};

/* What became of one list of the catalogue, over all parents. */
struct outcome {
	unsigned answered, refused;
	bool dropped;
};

struct crawl {
	struct client *client;
	const struct wanted *wanted;
	struct outcome *outcome; /* of each list */
	struct budgets budgets;
	struct queue *queues, **last; /* they take turns */
	struct listing *listings;
	size_t nlistings;
	struct buf lines; /* to be written next */
	struct output output;
	int wake;
	struct meter meter;
	int status;
	bool over; /* no more requests: it has failed */
};

/* How many lists are left of a queue. */
static size_t
queue_left(const struct queue *q)
{
	size_t n = 0;

	if (q->family == NULL)
		return 1;
	for (size_t i = q->at; i < q->family->ids.len; i++)
		n += q->family->ids.p[i] == '\0';
	return n;
}

static void
add_queue(struct crawl *c, const struct list *list, struct family *family)
{
	struct queue *q = memory_new(1, sizeof *q);

	q->list = list;
	q->family = family;
	*c->last = q;
	c->last = &q->next;
	if (family != NULL)
		family->queues++;
	c->meter.known += queue_left(q);
}

/* Puts the first queue behind the others, or drops it. */
static void
rotate(struct crawl *c, bool drop)
{
	struct queue *q = c->queues;

	c->queues = q->next;
	if (c->queues == NULL)
		c->last = &c->queues;
	q->next = NULL;
	if (!drop) {
		*c->last = q;
		c->last = &q->next;
		return;
	}
	if (q->family != NULL && --q->family->queues == 0) {
		buf_free(&q->family->ids);
		free(q->family);
	}
	free(q);
}

static struct outcome *
outcome_of(struct crawl *c, const struct list *list)
{
	return &c->outcome[list - c->wanted->list];
}

/* The lists that are asked for by the ids of this one can begin. */
static void
add_children(struct crawl *c, struct listing *l)
{
	const struct list *child = l->list;
	struct family *f;

	if (!l->keeps_ids || l->ids.len == 0)
		return;
	f = memory_new(1, sizeof *f);
	memcpy(f->parent, l->parent, sizeof f->parent);
	f->complete = l->trusted && l->why.len == 0;
	f->ids = l->ids;
	l->ids = (struct buf){0};
	while ((child = wanted_child(c->wanted, l->list, child)) != NULL)
		add_queue(c, child, f);
}

static void
remove_listing(struct crawl *c, struct listing *l)
{
	struct listing **p = &c->listings;

	while (*p != l)
		p = &(*p)->next;
	*p = l->next;
	c->nlistings--;
	listing_free(l);
}

/* What is not listed is said once, and not asked for again. */
static void
take_refused(struct crawl *c, const struct listing *l)
{
	struct outcome *o = outcome_of(c, l->list);

	o->refused++;
	if (l->list->parent == NULL ||
	    (o->answered == 0 && o->refused >= REFUSALS_MAX))
		o->dropped = true;
	if (o->refused > 1)
		return;
	request_fields(l->request);
	log_warnx("%s: not listed: %s", l->list->of, l->why.p);
}

static void
take_ended(struct crawl *c, struct listing *l)
{
	struct buf name = {0};

	outcome_of(c, l->list)->answered++;
	add_children(c, l);
	if (l->why.len == 0)
		return;
	listing_name(l, &name);
	log_warnx(
	    "%s: not a complete list: %s", buf_str(&name), buf_str(&l->why));
	buf_free(&name);
	c->status = STATUS_FAILED;
}

static void
take_failed(struct crawl *c, const struct listing *l, int status)
{
	if (c->over)
		return;
	request_fields(l->request);
	log_field_int("exit_status", status);
	log_message(LEVEL_ERROR, "%s: %s", l->request->place.p, l->why.p);
	c->status = status;
	c->over = true;
}

static void
take(struct crawl *c, struct request *r)
{
	struct listing *l = r->owner;
	uint64_t before = l->count;
	enum listing_state state = listing_take(l, &c->lines);

	if (state == LISTING_AGAIN)
		return;
	buf_str(&l->why);
	c->meter.requests++;
	c->meter.objects += l->count > before ? l->count - before : 0;
	if (state == LISTING_REFUSED)
		take_refused(c, l);
	else if (state == LISTING_ENDED)
		take_ended(c, l);
	else if (state == LISTING_LATER || state == LISTING_FAILED)
		take_failed(c, l,
		    state == LISTING_LATER ? STATUS_RETRY : STATUS_FAILED);
	request_stop(r);
	l->request = NULL;
	if (state == LISTING_MORE)
		return;
	c->meter.done++;
	remove_listing(c, l);
}

/* Is it the turn of this listing?  If not, *until is when it will be. */
static bool
may_ask(struct crawl *c, const struct listing *l, int64_t now, int64_t *until)
{
	struct rate *rate =
	    budget_of(&c->budgets, l->path.p, listing_of(l, "directory"));
	int64_t at = rate != NULL ? rate_ready(rate, now) : now;

	if (at > now && at < *until)
		*until = at;
	return at <= now;
}

static void
ask(struct crawl *c, struct listing *l)
{
	struct request *r = client_free_request(c->client);

	r->budget =
	    budget_of(&c->budgets, l->path.p, listing_of(l, "directory"));
	listing_ask(l, r);
}

/* Of those under way, one that has not asked for its next page. */
static struct listing *
next_page(struct crawl *c, int64_t now, int64_t *until)
{
	for (struct listing *l = c->listings; l != NULL; l = l->next)
		if (l->request == NULL && may_ask(c, l, now, until))
			return l;
	return NULL;
}

static struct listing *
begin(struct crawl *c, struct queue *q)
{
	struct family *f = q->family;
	struct listing *l = listing_new(c->wanted, q->list,
	    f != NULL ? f->ids.p + q->at : "", f != NULL ? f->parent : "");

	l->trusted = f == NULL || f->complete;
	return l;
}

/* The listing has begun: the next of its queue is another queue's turn away. */
static void
advance(struct crawl *c)
{
	struct queue *q = c->queues;

	if (q->family != NULL)
		q->at += strlen(q->family->ids.p + q->at) + 1;
	rotate(c, q->family == NULL || q->at == q->family->ids.len);
}

/*
 * The next list of the first queue that has its turn.  Each queue is looked at
 * once; its budget is the same for all of it.
 */
static struct listing *
next_listing(struct crawl *c, int64_t now, int64_t *until)
{
	struct queue *q, *first = NULL;
	struct listing *l;

	if (c->nlistings == LISTINGS_MAX)
		return NULL;
	while ((q = c->queues) != NULL && q != first) {
		if (outcome_of(c, q->list)->dropped) {
			c->meter.known -= queue_left(q);
			rotate(c, true);
			continue;
		}
		l = begin(c, q);
		if (l->ended && !l->keeps_ids) { /* there is nothing to ask */
			c->meter.known--;
			advance(c);
			listing_free(l);
			continue;
		}
		if (may_ask(c, l, now, until)) {
			advance(c);
			l->next = c->listings;
			c->listings = l;
			c->nlistings++;
			return l;
		}
		listing_free(l);
		first = first != NULL ? first : q;
		rotate(c, false);
	}
	return NULL;
}

/* Sends what may be sent.  Returns when more may, on the monotonic clock. */
static int64_t
send_requests(struct crawl *c)
{
	int64_t until = INT64_MAX, now = time_ticks(), at;
	struct listing *l;

	while (!c->over && !output_pending(&c->output) &&
	       client_free_request(c->client) != NULL) {
		if ((at = client_ready(c->client, now)) > now)
			return at < until ? at : until;
		if ((l = next_page(c, now, &until)) == NULL &&
		    (l = next_listing(c, now, &until)) == NULL)
			break;
		ask(c, l);
	}
	return until;
}

/* While the reader is busy, answers wait where they are. */
static void
take_answers(struct crawl *c)
{
	struct request *r;

	while (!c->over && !output_pending(&c->output) &&
	       (r = client_done_request(c->client)) != NULL) {
		take(c, r);
		if (c->lines.len > 0)
			output_put(&c->output, &c->lines);
		output_write(&c->output);
	}
}

static bool
is_over(const struct crawl *c)
{
	return stop_wanted() ||
	       (!output_pending(&c->output) &&
		   (c->over || (c->queues == NULL && c->listings == NULL)));
}

static void
wait_for(struct crawl *c, int64_t until)
{
	struct curl_waitfd fds[2];
	unsigned n = 0;

	if (output_pending(&c->output))
		fds[n++] =
		    (struct curl_waitfd){c->output.fd, CURL_WAIT_POLLOUT, 0};
	fds[n++] = (struct curl_waitfd){c->wake, CURL_WAIT_POLLIN, 0};
	client_wait(c->client, fds, n, until);
}

static void
crawl_init(struct crawl *c, struct client *client, const struct wanted *w,
    bool progress, struct filter *filter)
{
	*c = (struct crawl){.client = client,
	    .wanted = w,
	    .status = STATUS_DONE,
	    .meter = {.pace = {.shown = progress}}};
	c->last = &c->queues;
	c->outcome = memory_new(w->n, sizeof *c->outcome);
	budgets_init(&c->budgets);
	output_init(&c->output, STDOUT_FILENO, filter);
	c->wake = stop_init();
	for (size_t i = 0; i < w->n; i++)
		if (w->walked[i] && w->list[i].parent == NULL)
			add_queue(c, &w->list[i], NULL);
}

static void
crawl_release(struct crawl *c)
{
	while (c->listings != NULL) {
		if (c->listings->request != NULL)
			request_stop(c->listings->request);
		remove_listing(c, c->listings);
	}
	while (c->queues != NULL)
		rotate(c, true);
	budgets_release(&c->budgets);
	output_release(&c->output);
	buf_free(&c->lines);
	free(c->outcome);
}

int
crawl(struct client *client, const struct wanted *w, bool progress,
    struct filter *filter)
{
	struct crawl c;
	int64_t until;

	crawl_init(&c, client, w, progress, filter);
	for (;;) {
		/* Here only: what is sent depends on whether all is written. */
		output_write(&c.output);
		take_answers(&c);
		until = send_requests(&c);
		client_perform(client);
		meter_show(&c.meter);
		if (is_over(&c))
			break;
		if (client_done_request(client) == NULL ||
		    output_pending(&c.output))
			wait_for(&c, until);
	}
	output_drain(&c.output, c.wake); /* its line, if it was stopped */
	log_status("");
	span_int(trace_program(), "wos.pages", (int64_t)c.meter.requests);
	crawl_release(&c);
	if (stop_wanted())
		stop_now();
	return c.status;
}
