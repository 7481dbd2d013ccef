/* SPDX-License-Identifier: MIT */
#ifndef WOS_OTLP_SHAPE_H
#define WOS_OTLP_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Is the text, without a newline, a line of spans as the programs of wos write
 * them?  Any program of a run may write to their file, and a collector refuses
 * a whole request for one line in it that it can't read.
 */
bool shape_is_ours(const char *line, size_t len);

#endif
