# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the tests of wos-apply share:  load apply

# shellcheck disable=SC2154 # run sets stderr, newdb names

setup_file() {
	wos_setup
	wos-apply "$BATS_FILE_TMPDIR/empty.db" </dev/null
}

# emptydb NAME: a database with nothing in it but the schema.
emptydb() {
	newdb "$1"
	if [[ $DBKIND == sqlite ]]; then
		cp "$BATS_FILE_TMPDIR/empty.db" "${!1}"
	else
		wos-apply "${!1}" </dev/null
	fi
}

# clean NAME: makes one, or empties again what this made.
clean() {
	if [[ ${CLEAN:-} == *" $1 "* ]]; then
		sql "${!1}" 'DELETE FROM "user"' 'DELETE FROM events_cursor' \
		    'DELETE FROM parked_event' 'DELETE FROM sync_cursor'
	else
		emptydb "$1"
		CLEAN+=" $1 "
	fi
}

# refuses LINE REASON STATEMENT...: between two good events, one with these
# statements is refused at that line, for this reason, and nothing of it is kept.
# The statement at fault is the last; one that would be fine goes before it.
refuses() {
	local line=$1 reason=$2

	clean got
	{
		group before "INSERT INTO \"user\" (\"id\") VALUES ('before');"
		group bad "INSERT INTO \"user\" (\"id\") VALUES ('bad');" "${@:3}"
		group after "INSERT INTO \"user\" (\"id\") VALUES ('after');"
	} >got.sql
	run -3 --separate-stderr wos-apply "$got" got.sql
	assert_equal "$stderr" "wos-apply: got.sql: bad: line $line: $reason: parked"
	assert_equal "$(ids "$got")" "after before"
	assert_equal "$(sql "$got" "SELECT event_id, kind, reason FROM parked_event")" \
	    "bad|group|$reason"
	assert_equal "$(cursor "$got")" after
}
