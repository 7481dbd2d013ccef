# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the tests of wos-sync share:  load sync

# sample FROM TO: these lines of the sample events.
sample() {
	sed -n "$1,$2p" "$DATA/sample.jsonl"
}

# lately FROM TO: the same, but of the last hours: months later, the API would not
# be expected to know a cursor of theirs.
lately() {
	[ -e lately ] || recent "$DATA/sample.jsonl" >lately
	sed -n "$1,$2p" lately
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

# on_day DAY: it is that day for wos-sync, which calls a file of the archive so: no
# test may meet the end of one.
on_day() {
	mkdir -p bin
	printf '#!/bin/sh\necho %s\n' "$1" >bin/date
	chmod +x bin/date
	PATH=$PWD/bin:$PATH
}

# no_files NAME...: there is none of these.
no_files() {
	local name

	for name; do
		[ ! -e "$name" ] || fail "$name is there"
	done
}

# fakes: a wos-sync of its own in bin/, with programs that exit with FETCH,
# DECODE and APPLY; CURSOR is the cursor.
fakes() {
	mkdir -p bin share/wos
	cp "$ROOT/scripts/wos-sync" "$ROOT/scripts/wos-rebuild" bin
	cp "$ROOT"/scripts/wos{,-options,-metrics}.sh share/wos
	cat >bin/wos-fetch <<-'END'
	#!/bin/sh
	case $* in
	*--explain*) echo "begins oldest"; echo "key environment"; exit ;;
	*--options*) exec "${WOS_APPLY%/apply/*}/fetch/wos-fetch" --options ;;
	esac
	echo "fetch $*" >>calls
	echo a line
	exit "${FETCH:-0}"
	END
	cat >bin/wos-decode <<-'END'
	#!/bin/sh
	cat
	exit "${DECODE:-0}"
	END
	cat >bin/wos-apply <<-'END'
	#!/bin/sh
	case $* in
	*--name* | "--lock "* | *--lock-file*) exec "$WOS_APPLY" "$@" ;;
	*"--locking 9"*) "$WOS_APPLY" --lock 9 || { echo locked; exit 75; } ;;
	*--run-*) echo 1; exit ;;
	esac
	echo "apply $*" >>calls
	case $* in
	*--plan*)
		[ ! "${CURSOR-}" ] || printf '%s\n' "cursor $CURSOR" \
			"fetch --after $CURSOR" "apply --after $CURSOR"
		[ ! "${FILL-}" ] || echo "fill --backfill $FILL --probe $CURSOR"
		exit "${READ:-0}"
		;;
	*--export*) echo a line; exit "${FETCH:-0}" ;;
	esac
	cat >applied
	exit "${APPLY:-0}"
	END
	chmod +x bin/wos-*
	export WORKOS_API_KEY=$API_KEY WOS_APPLY=$ROOT/apply/wos-apply
}
