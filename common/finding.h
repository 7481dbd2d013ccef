/* SPDX-License-Identifier: MIT */
#ifndef WOS_FINDING_H
#define WOS_FINDING_H

/*
 * What a program finds when it checks its surroundings, for wos-doctor: a line
 * each on standard output, with tabs between a word, what was looked at, and a
 * text, which is all visible and free of the secret.
 */
enum finding {
	FINDING_OK,
	FINDING_TODO, /* well, and something is still to be done */
	FINDING_BAD,  /* it does not work like this; the text says what would */
};

void finding(enum finding what, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* What the program exits with: STATUS_FAILED if one of them was bad. */
int finding_status(void);

#endif
