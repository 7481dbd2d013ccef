/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>

#include "clock.h"
#include "jsontext.h"
#include "log.h"
#include "otlp_post.h"

#define USER_AGENT "wos-otlp/" WOS_VERSION

static const char timed_out[] = "no answer in time";

/* What becomes of the spans of a request. */
enum outcome {
	OUTCOME_TAKEN,
	OUTCOME_REFUSED, /* they won't ever be */
	OUTCOME_LATER,   /* the collector may take them another time */
};

/* In the process that posts. */
struct poster {
	const struct post *post;
	CURL *easy;
	struct buf answer;
	int64_t spans; /* in the request at hand */
	int64_t lost;
	const char *why; /* of the last failure */
	char status[32]; /* what `why` may point to */
};

/* Keeps what of the answer may be read, and takes no more than that. */
static size_t
take_answer(char *bytes, size_t size, size_t n, void *arg)
{
	struct poster *p = arg;
	size_t len = size * n;

	if (p->answer.len + len > POST_ANSWER_MAX)
		return 0;
	buf_add(&p->answer, bytes, len);
	return len;
}

static void
poster_reach(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(
	    easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}

static int
poster_init(struct poster *p, const struct post *post)
{
	const struct settings *s = post->settings;

	*p = (struct poster){.post = post, .why = "libcurl can't be used"};
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (p->easy = curl_easy_init()) == NULL)
		return -1;
	poster_reach(p->easy);
	curl_easy_setopt(p->easy, CURLOPT_URL, s->url);
	curl_easy_setopt(p->easy, CURLOPT_HTTPHEADER, s->headers);
	curl_easy_setopt(p->easy, CURLOPT_USERAGENT, USER_AGENT);
	curl_easy_setopt(p->easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(p->easy, CURLOPT_WRITEDATA, p);
	if (s->certificate != NULL)
		curl_easy_setopt(p->easy, CURLOPT_CAINFO, s->certificate);
	if (s->client_certificate != NULL)
		curl_easy_setopt(
		    p->easy, CURLOPT_SSLCERT, s->client_certificate);
	if (s->client_key != NULL)
		curl_easy_setopt(p->easy, CURLOPT_SSLKEY, s->client_key);
	return 0;
}

/*
 * What the answer says of spans that were not taken: the number in
 * {"partialSuccess":{"rejectedSpans":"3"}}, which may be a string.
 */
static int64_t
rejected_spans(const struct buf *answer)
{
	struct jsonspan text;
	const char *why;
	size_t at;
	int64_t n = 0;

	if (answer->len == 0)
		return 0;
	text = jsontext_check(answer->p, answer->len, &why, &at);
	text = jsontext_member(
	    jsontext_member(text, "partialSuccess"), "rejectedSpans");
	for (size_t i = 0; i < text.len && n < INT32_MAX; i++)
		if (text.p[i] >= '0' && text.p[i] <= '9')
			n = n * 10 + text.p[i] - '0';
	return n;
}

static enum outcome
poster_answered(struct poster *p, long status)
{
	int64_t rejected;

	if (status >= 200 && status < 300) {
		rejected = rejected_spans(&p->answer);
		if (rejected == 0)
			return OUTCOME_TAKEN;
		p->why = "the collector took only some of them";
		p->spans = rejected < p->spans ? rejected : p->spans;
		return OUTCOME_REFUSED;
	}
	snprintf(p->status, sizeof p->status, "the answer is %ld", status);
	p->why = p->status;
	return status == 429 || (status >= 502 && status <= 504)
		   ? OUTCOME_LATER
		   : OUTCOME_REFUSED;
}

static enum outcome
poster_request(struct poster *p, const struct buf *body)
{
	int64_t left = p->post->until - (POST_END_MS - POST_MS) - time_ticks();
	long ms = p->post->settings->timeout_ms, status = 0;
	CURLcode rc;

	if (left < ms)
		ms = left > 1 ? (long)left : 1;
	buf_clear(&p->answer);
	curl_easy_setopt(p->easy, CURLOPT_TIMEOUT_MS, ms);
	curl_easy_setopt(p->easy, CURLOPT_POSTFIELDS, body->p);
	curl_easy_setopt(
	    p->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
	rc = curl_easy_perform(p->easy);
	curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &status);
	/* A status says it all, even where the rest was not waited for. */
	if (rc == CURLE_OK || (rc == CURLE_WRITE_ERROR && status != 0))
		return poster_answered(p, status);
	p->why =
	    rc == CURLE_OPERATION_TIMEDOUT ? timed_out : curl_easy_strerror(rc);
	return OUTCOME_LATER;
}

/* Returns false if there is more, but not now. */
static bool
poster_run(struct poster *p, struct spool *spool, struct post_report *report)
{
	struct buf body = {0};
	enum outcome outcome;
	int64_t next;

	while (spool_read(spool, &body, &p->spans, &next) == 1) {
		outcome =
		    p->spans > 0 ? poster_request(p, &body) : OUTCOME_TAKEN;
		if (outcome == OUTCOME_LATER)
			return false;
		if (outcome == OUTCOME_REFUSED)
			p->lost += p->spans;
		spool->done = report->done = next;
	}
	return true;
}

static void
say_lost(const struct post *p, const char *why, int64_t lost)
{
	log_warnx("%s: %s: %" PRId64 " span%s lost", p->settings->shown, why,
	    lost, lost == 1 ? "" : "s");
}

/* All of the process that posts. */
static _Noreturn void
poster_main(const struct post *post, bool quiet)
{
	struct spool spool = *post->spool;
	struct poster p;
	bool later = true;

	/* The end of the run is no reason to leave it untold; time is. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	alarm(POST_END_MS / 1000 + 1); /* should our parent be gone */
	if (poster_init(&p, post) == 0)
		later = !poster_run(&p, &spool, post->report);
	if (later && post->last)
		p.lost += spool_count(&spool);
	if (p.lost > 0)
		say_lost(post, p.why, p.lost);
	else if (later && !quiet)
		log_warnx("%s: %s: trying again", post->settings->shown, p.why);
	post->report->later = later;
	_exit(0);
}

int
post_init(struct post *p, const struct settings *settings, struct spool *spool)
{
	void *shared = mmap(NULL, sizeof *p->report, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*p = (struct post){.settings = settings, .spool = spool};
	if (shared == MAP_FAILED)
		return -1;
	p->report = shared;
	return 0;
}

void
post_release(struct post *p)
{
	munmap(p->report, sizeof *p->report);
}

void
post_start(struct post *p, int64_t until, bool last, bool quiet)
{
	p->until = until;
	p->last = last;
	*p->report = (struct post_report){.done = p->spool->done};
	p->pid = fork();
	if (p->pid == 0)
		poster_main(p, quiet);
	if (p->pid == -1) {
		p->pid = 0;
		p->report->later = true;
		log_warn("can't post spans");
	}
}

void
post_stop(struct post *p)
{
	if (p->pid == 0)
		return;
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	p->pid = 0;
}

bool
post_is_over(struct post *p)
{
	bool late = time_ticks() >= p->until;
	int status = 0;

	if (p->pid == 0)
		return true;
	if (late)
		kill(p->pid, SIGKILL);
	if (waitpid(p->pid, &status, late ? 0 : WNOHANG) == 0)
		return false;
	p->pid = 0;
	p->spool->done = p->report->done;
	if (WIFSIGNALED(status)) { /* it may have ended just in time */
		p->report->later = true;
		if (p->last)
			say_lost(p, timed_out, spool_count(p->spool));
	}
	return true;
}
