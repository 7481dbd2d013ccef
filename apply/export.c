#include <string.h>

#include "buf.h"
#include "export.h"
#include "jsontext.h"
#include "visible.h"

static void
print_line(void *arg, const struct value *row, size_t n)
{
	const char *p = row[0].text, *why;
	size_t len = row[0].len, at;
	struct jsonspan json = {0};
	struct buf compact = {0};

	(void)n;
	if (memchr(p, '\n', len) != NULL)
		json = jsontext_check(p, len, &why, &at);
	if (json.p != NULL) {
		jsontext_compact(json, &compact);
		p = compact.p;
		len = compact.len;
	}
	visible_write(arg, p, len);
	putc('\n', arg);
	buf_free(&compact);
}

enum db_result
export_ledger(struct db *db, FILE *out)
{
	static struct query q = {
	    .counted = "SELECT COUNT(*) FROM \"events_cursor\""};

	q.sql = db->ops->export;
	return db_select(db, &q, NULL, 0, print_line, out);
}
