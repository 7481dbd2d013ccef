/* SPDX-License-Identifier: MIT */
#ifndef WOS_CONFINE_H
#define WOS_CONFINE_H

#include <stdbool.h>

#include "buf.h"
#include "confine/landlock.h"
#include "confine/may.h"

/*
 * What a program gives up once its options are read: from then on it opens no
 * files but those that it has named here, and reaches and starts nothing but
 * what it has said.  A mistake in reading what strangers chose then finds
 * nothing to get hold of.  Programs that it starts are confined as it is.
 *
 * It is there on Linux, by Landlock and a seccomp filter, and on OpenBSD, by
 * unveil(2) and pledge(2); a kernel that knows one of them only does with it.
 * Elsewhere, and with WOS_SANDBOX=off, all of this does nothing.
 */
/* Between confine_begin and confine_end; all of it is theirs. */
struct confine {
	bool wanted;
	unsigned may;
	struct landlock files;
};

/*
 * Begins to say what stays allowed.  WOS_SANDBOX with another value than "on"
 * and "off" ends the program with STATUS_USAGE.
 */
void confine_begin(struct confine *c, unsigned may);

/* May open this later.  What is not there is left out, and so is NULL. */
void confine_path(struct confine *c, enum confine_how how, const char *path);

/* The same for the folder of a file. */
void confine_folder(struct confine *c, enum confine_how how, const char *file);

/* Makes `path`, zero-initialised, that folder: a link is followed there. */
void confine_folder_name(struct buf *path, const char *file);

/* May read what a variable of the environment names, with colons between. */
void confine_variable(struct confine *c, const char *name);

/*
 * What libraries read for a connection, whenever they make one: certificates,
 * addresses, and more libraries.
 */
void confine_reads_of_libraries(struct confine *c);

/*
 * What the links in SSL_CERT_DIR lead to, for a connection with TLS: to look at
 * hundreds takes a millisecond.
 */
void confine_links_of_certificates(struct confine *c);

/* What it takes to start a program that is linked to libraries. */
void confine_programs(struct confine *c);

/*
 * From now on nothing else.  Threads that are there stay free, so it is to be
 * called before any is started.  With `tell` a message says how far it goes.
 */
void confine_end(struct confine *c, bool tell);

#endif
