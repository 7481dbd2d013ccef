/* SPDX-License-Identifier: MIT */
#ifndef WOS_SECCOMP_H
#define WOS_SECCOMP_H

#include <stdbool.h>

/*
 * A seccomp filter of Linux (seccomp(2)): which calls fail, with EPERM, from
 * now on, besides those that `may`, of may.h, leaves.  Returns false if
 * there is none, here or on this kind of machine.
 */
bool seccomp_filter(unsigned may);

#endif
