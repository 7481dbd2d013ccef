/* SPDX-License-Identifier: MIT */
/*
 * wos-otlp: run a command as one trace of OpenTelemetry, and post what its
 * programs have written of it.  Whatever becomes of the traces, the command
 * runs as it would have, and ends as it does.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "cli.h"
#include "clock.h"
#include "confine/confine.h"
#include "descriptors.h"
#include "log.h"
#include "otlp_post.h"
#include "otlp_sampler.h"
#include "otlp_settings.h"
#include "otlp_spool.h"
#include "resource.h"
#include "status.h"
#include "trace/trace.h"

/* How often spans are posted while the command runs, in milliseconds. */
#define POST_EVERY_MS 5000

/* And no more often than that once the collector can't be reached. */
#define POST_EVERY_MAX_MS 300000

/* What env(1), nice(1) and the shell end with. */
enum { STATUS_CANT_RUN = 126, STATUS_NOT_FOUND = 127 };

static const int forwarded[] = {
    SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

/* For the handler. */
static volatile pid_t command; /* 0: it has ended */
static volatile sig_atomic_t hurry;

/* What a broken pipe does to the command; to us it does nothing. */
static struct sigaction usual_pipe;

#define USAGE                                                                  \
	"usage: wos-otlp [--log-format text|json] [--] COMMAND "               \
	"[ARGUMENT ...]\n"

static struct cli cli = {
    .name = "wos-otlp",
    .usage = USAGE "       wos-otlp --help | --version\n",
    .head = USAGE "Runs the command as one trace of OpenTelemetry, posts the "
		  "spans of its programs\nto where OTEL_EXPORTER_OTLP_ENDPOINT "
		  "says, and ends as the command does.\n",
    .tail = "Exit status: the command's, or 1 failed, 2 wrong usage, 126 the "
	    "command can't be run, 127 it was not found.",
    .command = true,
};

/* Returns only to say why not. */
static int
exec_command(char **argv)
{
	int error, status;

	sigaction(SIGPIPE, &usual_pipe, NULL);
	execvp(argv[0], argv);
	error = errno;
	signal(SIGPIPE, SIG_IGN);
	status = error == ENOENT ? STATUS_NOT_FOUND : STATUS_CANT_RUN;
	log_field_int("exit_status", status);
	log_message(LEVEL_ERROR, "%s: %s", argv[0], strerror(error));
	return status;
}

/* The empty name tells wos-sync that the question has been settled. */
static int
run_untraced(char **argv)
{
	setenv("WOS_TRACE_FILE", "", 1);
	return exec_command(argv);
}

/*
 * A signal that was sent to this process alone is for the command.  One from
 * the terminal, which no process has sent, the command has had already.  Once
 * the command has ended, it is we who are waited for.
 */
static void
take_signal(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	if (number == SIGCHLD)
		return; /* it only had to end a wait */
	if (command == 0)
		hurry = 1;
	else if (info->si_pid != 0)
		kill(command, number);
	errno = saved;
}

static void
take(int number, const sigset_t *all)
{
	struct sigaction sa = {.sa_sigaction = take_signal,
			     .sa_flags = SA_SIGINFO},
			 old;

	sa.sa_mask = *all;
	/* What nohup(1) and the like keep out stays out. */
	if (number != SIGCHLD && sigaction(number, NULL, &old) == 0 &&
	    old.sa_handler == SIG_IGN)
		return;
	sigaction(number, &sa, NULL);
}

/* Signals come during a wait, and at no other time; *usual is the old mask. */
static void
take_signals(sigset_t *usual)
{
	const size_t n = sizeof forwarded / sizeof forwarded[0];
	sigset_t all;

	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	for (size_t i = 0; i < n; i++)
		sigaddset(&all, forwarded[i]);
	sigprocmask(SIG_BLOCK, &all, usual);
	take(SIGCHLD, &all);
	for (size_t i = 0; i < n; i++)
		take(forwarded[i], &all);
}

/* Waits for a signal, or so many milliseconds. */
static void
wait_for_signal(const sigset_t *usual, int64_t ms)
{
	struct timespec limit = {ms / 1000, ms % 1000 * 1000000};
	sigset_t mask = *usual;

	sigdelset(&mask, SIGCHLD);
	if (ms > 0)
		pselect(0, NULL, NULL, NULL, &limit, &mask);
}

/* Posts every now and then, ever more rarely while that fails. */
struct rounds {
	struct post *post;
	int64_t every, due; /* in ms, on the monotonic clock */
	bool failing, posting;
};

static void
rounds_step(struct rounds *r)
{
	int64_t now = time_ticks();
	struct post *p = r->post;

	if (r->posting && post_is_over(p)) {
		r->posting = false;
		r->failing = p->report->later;
		r->every = r->failing ? r->every * 2 : POST_EVERY_MS;
		if (r->every > POST_EVERY_MAX_MS)
			r->every = POST_EVERY_MAX_MS;
		r->due = now + r->every;
		spool_shrink(p->spool);
	}
	if (r->posting || now < r->due)
		return;
	r->due = now + r->every;
	if (spool_left(p->spool) > 0) {
		post_start(p, now + POST_END_MS, false, r->failing);
		r->posting = true;
	}
}

/* Returns the command's status as wait(2) has it. */
static int
wait_for_command(struct rounds *r, const sigset_t *usual)
{
	int status = 0;
	int64_t until;

	while (waitpid(command, &status, WNOHANG) == 0) {
		rounds_step(r);
		until = r->posting ? r->post->until : r->due;
		wait_for_signal(usual, until - time_ticks());
	}
	command = 0;
	return status;
}

/* Posts all that is left, unless that takes too long. */
static void
post_rest(struct rounds *r, const sigset_t *usual)
{
	int64_t until = time_ticks() + POST_END_MS;
	struct post *p = r->post;

	if (r->posting && until < p->until)
		p->until = until;
	while (!post_is_over(p) && !hurry)
		wait_for_signal(usual, p->until - time_ticks());
	if (!hurry)
		post_start(p, until, true, false);
	while (!post_is_over(p) && !hurry)
		wait_for_signal(usual, p->until - time_ticks());
	post_stop(p);
}

/* The root span's end. */
static void
trace_command_end(int status)
{
	if (!WIFEXITED(status)) {
		trace_signalled(WTERMSIG(status));
		return;
	}
	trace_exiting(WEXITSTATUS(status));
	trace_end();
}

/* Ends as the command did. */
static int
end_as(int status, const sigset_t *usual)
{
	const struct rlimit no_core = {0, 0};

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &no_core); /* one is enough */
	signal(WTERMSIG(status), SIG_DFL);
	sigprocmask(SIG_SETMASK, usual, NULL);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* Where the command's own spans belong. */
static void
set_environment(const struct spool *spool)
{
	char place[TRACEPARENT_SIZE];

	trace_place(place);
	setenv("WOS_TRACE_FILE", spool->name, 1);
	setenv("TRACEPARENT", place, 1);
}

/*
 * The command is not ours to confine: this is for us, who read what its
 * programs have written and talk to the network.
 */
static void
confine(struct confine *c, const struct post *post)
{
	const struct settings *s = post->settings;

	confine_begin(c, CONFINE_CONNECT | CONFINE_FORK);
	confine_reads_of_libraries(c);
	confine_links_of_certificates(c);
	confine_path(c, CONFINE_READ, s->certificate);
	confine_path(c, CONFINE_READ, s->client_certificate);
	confine_path(c, CONFINE_READ, s->client_key);
	confine_folder(c, CONFINE_WRITE, post->spool->name);
}

static int
run_traced(struct post *post, char **argv)
{
	struct rounds rounds = {.post = post,
	    .every = POST_EVERY_MS,
	    .due = time_ticks() + POST_EVERY_MS};
	struct confine c;
	sigset_t usual;
	pid_t pid;
	int status;

	confine(&c, post);
	take_signals(&usual);
	pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &usual, NULL);
		_exit(exec_command(argv));
	}
	if (pid == -1) {
		sigprocmask(SIG_SETMASK, &usual, NULL);
		return -1;
	}
	command = pid;
	confine_end(&c, false);
	span_int(trace_program(), "process.pid", pid);
	status = wait_for_command(&rounds, &usual);
	trace_command_end(status);
	if (trace_lost() > 0)
		log_warnx(
		    "%s: there was no room for all spans", post->spool->name);
	spool_unlink(post->spool);
	post_rest(&rounds, &usual);
	return end_as(status, &usual);
}

/* The place of the run: in the caller's trace, or at the start of its own. */
static void
read_place(struct traceparent *place)
{
	if (traceparent_read(place, getenv("TRACEPARENT")) == 0)
		return;
	traceparent_new_id(place->trace_id, TRACE_ID_DIGITS);
	unsetenv("TRACESTATE"); /* it is of a trace that is not there */
}

static void
read_resource(struct buf *resource)
{
	if (resource_add(resource) == -1)
		log_warnx("OTEL_RESOURCE_ATTRIBUTES: what is in it is no list "
			  "of attributes: left out");
}

/* Returns the status to exit with, or -1 if the run can't be traced. */
static int
trace_command(const struct settings *settings, const struct traceparent *place,
    char **argv)
{
	struct spool spool;
	struct post post;
	int status = -1;

	if (spool_init(&spool) == -1) {
		log_warn("%s: no traces", spool.name);
	} else if (post_init(&post, settings, &spool) == -1) {
		log_warn("no traces");
	} else {
		read_resource(&spool.resource);
		trace_start(spool.name, place, "wos-otlp", base_name(argv[0]));
		set_environment(&spool);
		status = run_traced(&post, argv);
		post_release(&post);
	}
	if (status == -1 && spool.fd != -1)
		spool_unlink(&spool);
	spool_release(&spool);
	return status;
}

int
main(int argc, char **argv)
{
	struct settings settings = {0};
	struct traceparent place;
	int status = -1;

	sigaction(SIGPIPE, NULL, &usual_pipe);
	signal(SIGPIPE, SIG_IGN); /* nobody may be there to be told */
	log_init();
	descriptors_keep();
	argv = cli_read(&cli, NULL, argc, argv);
	if (*argv == NULL)
		log_usage(cli.usage);
	read_place(&place);
	if (settings_wanted() && sampler_wants(&place) &&
	    settings_read(&settings, POST_MS) == 0)
		status = trace_command(&settings, &place, argv);
	settings_release(&settings);
	return status != -1 ? status : run_untraced(argv);
}
