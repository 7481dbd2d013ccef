/* SPDX-License-Identifier: MIT */
/*
 * wos-fetch: read events from the WorkOS Events API, write them as lines of
 * JSON.  It is the part that talks to the network and holds the key; what the
 * events mean is not its business.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "confine/confine.h"
#include "counts.h"
#include "descriptors.h"
#include "events/filter.h"
#include "events/known.h"
#include "events/report.h"
#include "events/saved.h"
#include "events/walk.h"
#include "heap.h"
#include "http/key.h"
#include "jq_memory.h"
#include "lists/crawl.h"
#include "lists/gone.h"
#include "log.h"
#include "options.h"
#include "secret.h"
#include "status.h"
#include "trace/trace.h"

/* In bytes: pages come and go, and most are larger. */
#define PAGE_BYTES (128 * 1024)

/* Nothing is opened from now on but files of libraries and those named. */
static void
confine(const struct options *o)
{
	struct buf tail = {0};
	struct confine c;
	struct stat st;

	confine_begin(&c, o->from ? 0 : CONFINE_CONNECT);
	if (!o->from)
		confine_reads_of_libraries(&c);
	if (!o->from && strncasecmp(o->client.base_url, "http:", 5) != 0)
		confine_links_of_certificates(&c);
	for (int i = 0; o->from && i < o->nfiles; i++)
		confine_path(&c, CONFINE_READ, o->file[i]);
	if (o->terms.tail_file != NULL) {
		if (stat(o->terms.tail_file, &st) == 0 && !S_ISREG(st.st_mode))
			log_errx(STATUS_USAGE, "--tail-file: %s: not a file",
			    o->terms.tail_file);
		/* A new one is made beside it, even if it is a link. */
		buf_printf(&tail, "%s.XXXXXX", o->terms.tail_file);
		confine_folder(&c, CONFINE_WRITE, buf_str(&tail));
	}
	confine_end(&c, o->client.verbose);
	buf_free(&tail);
}

/* Asks the API, which takes the key. */
static int
ask(struct options *o, struct filter *filter)
{
	static struct client client;
	char *key = o->check ? check_key(o->key_file)
			     : key_read(&workos_key, o->key_file);
	int status;

	confine(o);
	o->client.key = key;
	client_init(&client, &o->client);
	if (o->check)
		status = check(&client);
	else if (o->lists)
		status = crawl(&client, &o->wanted, o->progress, filter);
	else if (o->gone)
		status = gone(&client);
	else if (o->known)
		status = known(&client);
	else if ((status = known_first(&client, o->if_known, o->nif_known)) ==
		 STATUS_DONE)
		status =
		    walk(&client, &o->types, &o->terms, o->progress, filter);
	client_release(&client);
	secret_set("");
	key_free(key);
	return status;
}

static void
add_terms(struct buf *out, const struct options *o)
{
	if (o->from)
		buf_puts(out, "begins files\n");
	else
		report_add_terms(
		    out, &o->terms, &o->types, o->key_file != NULL);
}

static int
explain(const struct options *o)
{
	struct buf terms = {0};

	add_terms(&terms, o);
	fputs(buf_str(&terms), stdout);
	buf_free(&terms);
	return descriptors_flush();
}

/* Writes the events of files or of the API, or its objects. */
static int
fetch(struct options *o)
{
	struct filter *filter = o->jq != NULL ? filter_new(o->jq) : NULL;
	struct buf terms = {0};
	int status = STATUS_DONE, filtered;

	if (o->report != 0) {
		add_terms(&terms, o);
		report_begin((int)o->report, &terms);
		buf_free(&terms);
	}
	if (o->from) {
		confine(o);
		saved_write(o->file, o->nfiles,
		    o->list.len > 0 ? &o->types : NULL, o->terms.max, filter);
	} else {
		status = ask(o, filter);
	}
	filtered = filter_free(filter);
	return status != STATUS_DONE ? status : filtered;
}

int
main(int argc, char **argv)
{
	struct options o;
	int status;

	key_guard();
	log_init();
	jq_memory_init();
	if (fcntl(STDOUT_FILENO, F_GETFD) == -1)
		log_errx(STATUS_FAILED, "standard output is closed");
	descriptors_keep();
	counts_init();
	heap_give_back(PAGE_BYTES);
	options_read(&o, argc, argv);
	if (!o.explain && !o.check)
		trace_init("wos-fetch");
	status = o.explain ? explain(&o) : fetch(&o);
	options_release(&o);
	trace_exiting(status);
	return status;
}
