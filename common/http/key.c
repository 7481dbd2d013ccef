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
#include "memory.h"
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

/* Returns NULL, with the reason, if the file can't be read. */
static char *
key_of_file(const char *name, struct buf *why)
{
	char line[KEY_MAX + 2] = ""; /* a newline, a NUL */
	FILE *file = fopen(name, "re");
	char *key = NULL;

	if (file != NULL)
		setvbuf(file, NULL, _IONBF, 0); /* no second copy of it */
	if (file == NULL ||
	    (fgets(line, sizeof line, file) == NULL && ferror(file)))
		buf_printf(why, "%s: %s", name, strerror(errno));
	else if ((key = strdup(trim(line))) == NULL)
		memory_out();
	if (file != NULL)
		fclose(file);
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
		memory_out();
	key_wipe(value, strlen(value));
	unsetenv(variable);
	return key;
}

/* Why it can't be sent as a key, or NULL. */
static const char *
fault(const char *key)
{
	if (*key == '\0')
		return "there is no key in it";
	for (const char *p = key; *p != '\0'; p++)
		if (!is_word(*p))
			return "what is in it is not an API key: "
			       "a key is one word of ASCII";
	return strlen(key) > KEY_MAX ? "longer than any API key" : NULL;
}

char *
key_find(const struct key_names *names, const char *file, struct buf *why,
    int *status)
{
	char *key = key_of_environment(names->variable);
	const char *wrong;

	*status = STATUS_FAILED;
	if (file != NULL) {
		key_free(key);
		key = key_of_file(file, why);
	} else if (key == NULL) {
		*status = STATUS_USAGE;
		buf_printf(why, "no %s: set %s or use %s", names->what,
		    names->variable, names->option);
	}
	if (key != NULL && (wrong = fault(key)) != NULL) {
		buf_printf(why, "%s: %s", file ? file : names->variable, wrong);
		key_free(key);
		key = NULL;
	}
	if (key != NULL)
		secret_set(key);
	return key;
}

char *
key_read(const struct key_names *names, const char *file)
{
	struct buf why = {0};
	int status;
	char *key = key_find(names, file, &why, &status);

	if (key == NULL)
		log_errx(status, "%s", buf_str(&why));
	buf_free(&why);
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
