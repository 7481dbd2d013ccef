/* SPDX-License-Identifier: MIT */
/* Nobody else's calls, libcurl's own least of all, are to end up here. */
#pragma GCC visibility push(hidden)
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#pragma GCC visibility pop

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>

#include "libcurl.h"
#include "library.h"

/* Newer versions take a URL that is to be read as a constant. */
typedef __typeof__(_Generic(
    &curl_url_get, CURLUcode (*)(const CURLU *, CURLUPart, char **, unsigned)
    : (const CURLU *)0, default
    : (CURLU *)0)) url_t;

/* What common/http calls: the result, the name, the parameters, as passed. */
#define FUNCTIONS                                                              \
	FUNCTION(CURLcode, global_init, (long flags), (flags))                 \
	FUNCTION(void, global_cleanup, (void), ())                             \
	FUNCTION(char *, version, (void), ())                                  \
	FUNCTION(void, free, (void *p), (p))                                   \
	FUNCTION(time_t, getdate, (const char *s, const time_t *unused),       \
	    (s, unused))                                                       \
	FUNCTION(CURL *, easy_init, (void), ())                                \
	FUNCTION(void, easy_cleanup, (CURL * easy), (easy))                    \
	FUNCTION(char *, easy_escape, (CURL * easy, const char *s, int len),   \
	    (easy, s, len))                                                    \
	FUNCTION(const char *, easy_strerror, (CURLcode code), (code))         \
	FUNCTION(CURLM *, multi_init, (void), ())                              \
	FUNCTION(CURLMcode, multi_cleanup, (CURLM * multi), (multi))           \
	FUNCTION(const char *, multi_strerror, (CURLMcode code), (code))       \
	FUNCTION(CURLMcode, multi_add_handle, (CURLM * multi, CURL * easy),    \
	    (multi, easy))                                                     \
	FUNCTION(CURLMcode, multi_remove_handle, (CURLM * multi, CURL * easy), \
	    (multi, easy))                                                     \
	FUNCTION(CURLMcode, multi_perform, (CURLM * multi, int *running),      \
	    (multi, running))                                                  \
	FUNCTION(CURLMcode, multi_poll,                                        \
	    (CURLM * multi, struct curl_waitfd fds[], unsigned n, int ms,      \
		int *ready),                                                   \
	    (multi, fds, n, ms, ready))                                        \
	FUNCTION(CURLMsg *, multi_info_read, (CURLM * multi, int *left),       \
	    (multi, left))                                                     \
	FUNCTION(struct curl_slist *, slist_append,                            \
	    (struct curl_slist * list, const char *s), (list, s))              \
	FUNCTION(void, slist_free_all, (struct curl_slist * list), (list))     \
	FUNCTION(CURLU *, url, (void), ())                                     \
	FUNCTION(void, url_cleanup, (CURLU * url), (url))                      \
	FUNCTION(CURLUcode, url_get,                                           \
	    (url_t url, CURLUPart what, char **part, unsigned flags),          \
	    (url, what, part, flags))                                          \
	FUNCTION(CURLUcode, url_set,                                           \
	    (CURLU * url, CURLUPart what, const char *part, unsigned flags),   \
	    (url, what, part, flags))

static struct {
#define FUNCTION(result, name, parameters, passed)                             \
	__typeof__(curl_##name) *(name);
	FUNCTIONS
#undef FUNCTION
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_multi_setopt) *multi_setopt;
} lib;

#define FUNCTION(result, name, parameters, passed)                             \
	result curl_##name parameters                                          \
	{                                                                      \
		return lib.name passed;                                        \
	}
FUNCTIONS
#undef FUNCTION

/* What stands behind an option has the type that its number tells. */
#define SET(set, handle, option)                                               \
	do {                                                                   \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, option);                                          \
		if ((option) >= CURLOPTTYPE_OFF_T)                             \
			rc = set(handle, option, va_arg(ap, curl_off_t));      \
		else if ((option) >= CURLOPTTYPE_FUNCTIONPOINT)                \
			rc = set(handle, option, va_arg(ap, void (*)(void)));  \
		else if ((option) >= CURLOPTTYPE_OBJECTPOINT)                  \
			rc = set(handle, option, va_arg(ap, void *));          \
		else                                                           \
			rc = set(handle, option, va_arg(ap, long));            \
		va_end(ap);                                                    \
	} while (0)

CURLcode
curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
	CURLcode rc;

	SET(lib.easy_setopt, easy, option);
	return rc;
}

CURLMcode
curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
	CURLMcode rc;

	SET(lib.multi_setopt, multi, (int)option);
	return rc;
}

CURLcode
curl_easy_getinfo(CURL *easy, CURLINFO info, ...)
{
	CURLcode rc;
	va_list ap;

	va_start(ap, info);
	rc = lib.easy_getinfo(easy, info, va_arg(ap, void *));
	va_end(ap);
	return rc;
}

bool
libcurl_load(const char **why)
{
	static bool tried, loaded;
	static char missing[256];
	void *library;

	*why = missing;
	if (tried) /* a program that is confined might find another one */
		return loaded;
	tried = true;
	library = dlopen(LIBCURL_FILE, RTLD_NOW | RTLD_LOCAL);
	loaded = library != NULL;
#define FUNCTION(result, name, parameters, passed)                             \
	loaded = loaded && library_find(library, "curl_" #name, &lib.name);
	FUNCTIONS
	FUNCTION(, easy_setopt, , )
	FUNCTION(, easy_getinfo, , )
	FUNCTION(, multi_setopt, , )
#undef FUNCTION
	if (!loaded)
		snprintf(missing, sizeof missing, "%s", dlerror());
	return loaded;
}
