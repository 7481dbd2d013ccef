/* SPDX-License-Identifier: MIT */
#ifndef WOS_ERASE_H
#define WOS_ERASE_H

/*
 * The filter of --erase: lines in, the same lines out, but for what they have
 * of the people that the file `who` names.  What those people had is looked for
 * first, so lines are read up to three times: those of a pipe are kept in a
 * file without a name meanwhile.
 */
struct erase;

/* Opens what it will read; for erase_lines.  Ends the program if it can't. */
struct erase *erase_open(const char *who, char *const *file);

/*
 * Writes the lines to standard output.  Returns the status to exit with; ends
 * the program if a line is cut short or too long, or writing fails.
 */
int erase_lines(struct erase *e);

#endif
