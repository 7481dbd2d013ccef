# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the tests of wos-sync share:  load sync

# sample FROM TO: these lines of the sample events.
sample() {
	sed -n "$1,$2p" "$DATA/sample.jsonl"
}

# applied FILE: the dump of a database that has these events and no cursor.
applied() {
	rm -f want.db
	wos-decode "$1" | wos-apply --no-cursor want.db
	dump want.db
}

# same_tables DB FILE: the database holds what these events come to.
same_tables() {
	diff <(applied "$2") <(dump "$1" | without_cursors)
}

# without_cursors: a dump, with the rows of sync_cursor left out.
without_cursors() {
	awk '/^== / { skip = 0 } !skip { print } /^== sync_cursor$/ { skip = 1 }'
}

# asked_after: where each request so far began, null for the first of a range.
asked_after() {
	asked 'select(.path == "/events").query.after' | xargs
}

# no_files NAME...: there is none of these.
no_files() {
	local name

	for name; do
		[ ! -e "$name" ] || fail "$name is there"
	done
}
