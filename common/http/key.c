/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "key.h"
#include "log.h"
#include "secret.h"
#include "status.h"

void
key_guard(void)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
#ifdef PR_SET_DUMPABLE
	prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
#endif
}

/* What may stand in a header as one word. */
static int
is_word(char c)
{
	return c > ' ' && c < 0x7F;
}

/* Returns the text without white space around it, in place. */
static char *
trim(char *text)
{
	static const char blank[] = " \t\r\n";
	char *end;

	text += strspn(text, blank);
	for (end = text + strlen(text);
	     end > text && strchr(blank, end[-1]) != NULL;)
		*--end = '\0';
	return text;
}

static char *
key_of_file(const char *name)
{
	char line[KEY_MAX + 2] = ""; /* a newline, a NUL */
	FILE *file = fopen(name, "re");
	char *key;

	if (file == NULL)
		log_errx(STATUS_FAILED, "%s: %s", name, strerror(errno));
	setvbuf(file, NULL, _IONBF, 0); /* no second copy of it */
	if (fgets(line, sizeof line, file) == NULL && ferror(file))
		log_errx(STATUS_FAILED, "%s: %s", name, strerror(errno));
	fclose(file);
	key = strdup(trim(line));
	if (key == NULL)
		log_errx(STATUS_FAILED, "no memory");
	key_wipe(line, sizeof line);
	return key;
}

/*
 * The key of the environment, or NULL.  It is wiped out there, where every
 * program of the same user could go on reading it.
 */
static char *
key_of_environment(const char *variable)
{
	char *value = getenv(variable), *key;

	if (value == NULL || *value == '\0')
		return NULL;
	key = strdup(trim(value));
	if (key == NULL)
		log_errx(STATUS_FAILED, "no memory");
	key_wipe(value, strlen(value));
	unsetenv(variable);
	return key;
}

char *
key_read(const struct key_names *names, const char *file)
{
	const char *place = file ? file : names->variable;
	char *key = key_of_environment(names->variable);

	if (file != NULL) {
		key_free(key);
		key = key_of_file(file);
	} else if (key == NULL) {
		log_errx(STATUS_USAGE, "no %s: set %s or use %s", names->what,
		    names->variable, names->option);
	}
	if (*key == '\0')
		log_errx(STATUS_FAILED, "%s: there is no key in it", place);
	for (const char *p = key; *p != '\0'; p++)
		if (!is_word(*p))
			log_errx(STATUS_FAILED,
			    "%s: what is in it is not an %s: "
			    "a key is one word of ASCII",
			    place, names->what);
	if (strlen(key) > KEY_MAX)
		log_errx(STATUS_FAILED, "%s: longer than any %s", place,
		    names->what);
	secret_set(key);
	return key;
}

/* Not every system has explicit_bzero. */
void
key_wipe(void *memory, size_t len)
{
	volatile unsigned char *p = memory;

	while (len-- > 0)
		*p++ = 0;
}

void
key_free(char *key)
{
	if (key != NULL)
		key_wipe(key, strlen(key));
	free(key);
}
