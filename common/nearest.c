/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "nearest.h"

/* A longer word is no slip of what the programs know: an event type has 43. */
#define WORD_MOST 64

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Capitals are no slip. */
static bool
same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * How many characters are missing, in excess, wrong or the wrong way round:
 * the distance of Damerau and Levenshtein, in its restricted form.
 */
static size_t
distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[3][WORD_MOST + 1], *before = row[0], *last = row[1],
				      *now = row[2], *swap;

	for (size_t j = 0; j <= nb; j++)
		last[j] = j;
	for (size_t i = 1; i <= na; i++) {
		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			now[j] = last[j - 1] + !same(a[i - 1], b[j - 1]);
			now[j] = least(now[j], least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		swap = before, before = last, last = now, now = swap;
	}
	return last[nb];
}

/*
 * People shorten the object of an event: its first part alone, as in
 * org.created, and its last, as in membership.created, cost one.
 */
static size_t
distance_of_short(const char *word, const char *candidate)
{
	const char *rest = strchr(word, '.'), *of = strchr(candidate, '.');
	size_t d = WORD_MOST, n;

	if (rest != NULL && of != NULL && rest - word > 2 &&
	    strncmp(word, candidate, (size_t)(rest - word)) == 0)
		d = distance(rest, strlen(rest), of, strlen(of)) + 1;
	for (n = strcspn(candidate, "._"); candidate[n] == '_';
	     n = strcspn(candidate, "._")) {
		candidate += n + 1;
		d = least(d,
		    distance(word, strlen(word), candidate, strlen(candidate)) +
			1);
	}
	return d;
}

/* A third of the word may be wrong; or the candidate begins with all of it. */
void
nearest_try(struct nearest *n, const char *candidate)
{
	size_t nw = strlen(n->word), nc = strlen(candidate), d;

	if (nw == 0 || nw > WORD_MOST || nc > WORD_MOST)
		return;
	d = distance(n->word, nw, candidate, nc);
	d = least(d, distance_of_short(n->word, candidate));
	if (nw > 2 && strncasecmp(n->word, candidate, nw) == 0)
		d = least(d, 1);
	if (d > (nw + 1) / 3 || (n->found != NULL && d >= n->distance))
		return;
	n->found = candidate;
	n->distance = d;
}

const char *
nearest_hint(const struct nearest *n)
{
	static char hint[WORD_MOST + sizeof "; did you mean ?"];

	if (n->found == NULL)
		return "";
	snprintf(hint, sizeof hint, "; did you mean %s?", n->found);
	return hint;
}
