/* SPDX-License-Identifier: MIT */
#ifndef WOS_MAY_H
#define WOS_MAY_H

/* What a program that is confined may still start and reach, */
enum {
	CONFINE_CONNECT = 1, /* connections out */
	CONFINE_FORK = 2,    /* processes of this program */
	CONFINE_EXEC = 4,    /* and of those that confine_path has for it */
};

/* and what with a file, or with what is below a folder. */
enum confine_how {
	CONFINE_READ,
	CONFINE_WRITE, /* as well as change, make and remove it */
	CONFINE_RUN,   /* start it, and read it */
};

#endif
