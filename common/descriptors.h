/* SPDX-License-Identifier: MIT */
#ifndef WOS_DESCRIPTORS_H
#define WOS_DESCRIPTORS_H

/*
 * The highest descriptor that an option may name.  A shell opens none above
 * 255, other callers rarely one above 1,023: what is larger than this is a
 * mistake, such as the number of a process.
 */
#define DESCRIPTOR_MAX 65535

/*
 * Sees to it that standard input, output and error are taken: a file or a
 * socket that is opened later must not become one of them by chance.  Where the
 * caller has closed one, to read or write there fails as it would have, with
 * EBADF.  To be called before anything is opened; ends the program with status
 * 1 if there is no /dev/null.
 */
void descriptors_keep(void);

/*
 * Ends the program with STATUS_USAGE if this descriptor, which the option
 * `place` names, is not open.
 */
void descriptors_check(const char *place, int fd);

/*
 * Says what is waited for, if standard input is a terminal: who has forgotten
 * to name a file there would wait, too.
 */
void descriptors_await(const char *what);

/*
 * Writes what stdio holds for standard output.  Returns 0; ends the program
 * with status 1, and the reason, if that or something before could not be
 * written.
 */
int descriptors_flush(void);

#endif
