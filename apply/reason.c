/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "reason.h"

/* The names of programs stand for what has no better word. */
static const struct {
	const char *word, *next;
} reasons[] = {
    {"usage",
	"give wos-sync the options and the key that its message asks for"},
    {"key",
	"give wos-sync a key that WorkOS accepts: staging and production have "
	"different ones"},
    {"limit", "let the next run try again; if it stays, run wos-sync less "
	      "often, or ask WorkOS for more"},
    {"api", "let the next run try again; if it stays, ask WorkOS, who want the "
	    "id of the request"},
    {"network", "let the next run try again; if it stays, wos-doctor looks at "
		"the network, the proxy and the certificates"},
    {"forgotten", "run wos-sync --resume, which goes on from where everything "
		  "had been seen and notes what may be missing"},
    {"fetch", "mend what the message names, and run wos-sync again"},
    {"decode", "mend what the message names, and run wos-sync again"},
    {"busy", "let the next run try again; if it stays, end the program that "
	     "holds the database"},
    {"database", "mend what the message names: wos-doctor looks at the "
		 "database, its rights and the room on its disk"},
    {"locked", "let the other run come to its end; if it never does, end it"},
    {"signal", "see in the system's log who ended it; the next run does the "
	       "rest"},
    {"sync", "mend what the message names, and run wos-sync again"},
};

const char *
reason_next(const char *text)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (strcmp(reasons[i].word, text) == 0)
			return reasons[i].next;
	return NULL;
}

bool
reason_is_word(const char *text)
{
	return reason_next(text) != NULL;
}
