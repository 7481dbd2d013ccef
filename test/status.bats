#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The verdicts of wos-status.

load helper
load status

setup() {
	wos_setup
	newdb app
}

# verdict_told STATUS WORD: however it is told.
verdict_told() {
	verdict "$@"
	run -"$1" status "$app"
	assert_equal "${lines[0]%%:*}" "$2"
	run -"$1" status --json "$app"
	assert_equal "$(jq -r .verdict,.status <<<"$output")" "$2
$1"
	run -"$1" status --html - "$app"
	assert_output --partial "<strong>$2</strong>"
	run -"$1" status --html page.html "$app"
	assert_output ""
}

# bats test_tags=slow
@test "status: each verdict, told in each way" {
	wos-apply "$app" </dev/null
	verdict_told 1 behind
	one_event $((21 * DAY))
	verdict_told 2 stale
	seen "$NOW"
	verdict_told 0 fresh
	park
	verdict_told 1 parked
	wos-apply --gap 1:2 "$app"
	verdict_told 2 gap
}

# ---------------------------------------------------------------- the verdict

# bats test_tags=slow
@test "status: fresh, while the newest event was reached not long ago" {
	one_event 0
	seen $((NOW - 900000))
	verdict 0 fresh
	assert_equal "$(status "$app" | head -n 1)" \
	    "fresh: reached the newest event 15 min ago"
}

# bats test_tags=slow
@test "status: behind, if it was longer ago than --behind" {
	one_event 0
	seen $((NOW - 900001))
	verdict 1 behind
	verdict 0 fresh --behind 1h
	verdict 1 behind --behind 899s
	assert_equal "$(status "$app" | head -n 1)" \
	    "behind: last reached the newest event 15 min ago"
}

@test "status: behind, if the newest event was never reached" {
	one_event 0
	verdict 1 behind
}

# bats test_tags=slow
@test "status: behind, if nothing was synced" {
	wos-apply "$app" </dev/null
	verdict 1 behind
	assert_equal "$(status "$app" | head -n 1)" "behind: nothing was synced yet"
}

# bats test_tags=slow
@test "status: stale, if nothing was read for longer than --stale" {
	one_event $((20 * DAY + 1000))
	verdict 2 stale
	verdict 1 behind --stale 21d
	seen $((NOW - 20 * DAY - 1))
	verdict 2 stale
	seen $((NOW - 20 * DAY))
	verdict 1 behind
}

# bats test_tags=slow
@test "status: a quiet account is not stale" {
	one_event $((50 * DAY))
	seen $((NOW - 60000))
	verdict 0 fresh
}

# bats test_tags=slow
@test "status: gap, until somebody has dealt with it" {
	one_event 0
	seen "$NOW"
	wos-apply --gap $((NOW - 40 * DAY)):$((NOW - 30 * DAY)) "$app"
	verdict 2 gap
	assert_equal "$(status "$app" | head -n 1)" \
	    "gap: events from 2025-12-22 00:00 UTC to 2026-01-01 00:00 UTC may be missing"
	# A second one does not put the first one out of sight.
	wos-apply --gap $((NOW - 9 * DAY)):$((NOW - 7 * DAY)) "$app"
	assert_equal "$(status "$app" | head -n 1)" \
	    "gap: events from 2025-12-22 00:00 UTC to 2026-01-24 00:00 UTC may be missing"
	wos-apply --gap 0:0 "$app"
	verdict 0 fresh
	wos-apply --gap $((NOW - 9 * DAY)):$((NOW - 7 * DAY)) "$app"
	assert_equal "$(status "$app" | head -n 1)" \
	    "gap: events from 2026-01-22 00:00 UTC to 2026-01-24 00:00 UTC may be missing"
	wos-apply --gap "$NOW:$NOW" "$app"
	verdict 0 fresh
}

@test "status: parked, if anything is" {
	one_event 0
	seen "$NOW"
	park
	verdict 1 parked
	assert_equal "$(status "$app" | head -n 1)" "parked: 1 event is parked"
}

# bats test_tags=slow
@test "status: the worst has the word, and the others are told" {
	one_event $((25 * DAY))
	wos-apply --gap 1:2000 "$app"
	park
	verdict 2 stale
	run -2 status "$app"
	assert_line --index 0 \
	    "stale: nothing was read for 25 days; the API forgets after 30 days"
	assert_line --index 1 "also: events from 1970-01-01 00:00 UTC to 1970-01-01 00:00 UTC may be missing; the newest event was never reached; 1 event is parked"
	verdict 2 gap --stale 30d
	wos-apply --gap 0:0 "$app"
	verdict 1 behind --stale 30d
	seen "$NOW"
	verdict 1 parked
}

# bats test_tags=slow
@test "status: of several cursors the worst counts, or the one that is named" {
	one_event 0
	seen "$NOW"
	fill 10 2>/dev/null
	"$ROOT/test/bench/generate" 12 | wos-decode |
		whole --cursor-name other "$app"
	verdict 1 behind
	assert_equal "$(status "$app" | head -n 1)" \
	    "behind: cursor other: the newest event was never reached"
	verdict 0 fresh --cursor-name default
	seen "$NOW" --cursor-name other
	verdict 0 fresh
	run -1 status --cursor-name nobody "$app"
	assert_line --index 0 "behind: there is no cursor nobody"
}

# bats test_tags=slow
@test "status: what lies a moment in the future is just now" {
	one_event 0
	seen $((NOW + 300000))
	verdict 0 fresh
	assert_equal "$(status "$app" | head -n 1)" \
	    "fresh: reached the newest event just now"
}

# bats test_tags=slow
@test "status: a time in the future: a clock is wrong, and nothing is fresh" {
	one_event 0
	seen $((NOW + DAY))
	verdict 1 behind
	assert_equal "$(status "$app" | head -n 1)" \
	    "behind: the newest event was reached 24 h in the future: a clock is wrong"
	newdb app
	one_event $((-DAY))
	seen "$NOW"
	verdict 1 behind
	assert_equal "$(status "$app" | head -n 1)" \
	    "behind: its event happens 24 h in the future: a clock is wrong"
}

# bats test_tags=slow
@test "status: partial, if nobody knows what the cursor stands for" {
	users() {
		printf '{"id":"event_%s","event":"user.created","data":{"id":"user_%s"},"created_at":"2026-01-30T23:59:59Z"}\n' "$1" "$1" | wos-decode
	}
	users 1 | wos-apply "$app"
	seen "$NOW"
	verdict_told 1 partial
	assert_equal "$(status "$app" | head -n 1)" \
	    "partial: which events it stands for is not known; the next wos-sync reads again from the oldest"
	assert_equal "$(status --json "$app" | jq -c '.cursors[0].scope.known')" false
	# Whoever moves it by hand leaves that behind.
	newdb app
	users 1 | whole "$app"
	seen "$NOW"
	verdict 0 fresh
	users 2 | wos-apply --after event_1 "$app"
	verdict 1 partial
}

# bats test_tags=slow
@test "status: partial, while older events are being fetched" {
	one_event 0
	seen "$NOW"
	sql "$app" "INSERT INTO cursor_scope (name, event_type, state)
	    VALUES ('default', 'a.b', 'filling'), ('default', 'a.c', 'filling'),
		('default', 'a.d', 'refused')"
	verdict_told 1 partial
	assert_equal "$(status "$app" | head -n 1)" \
	    "partial: older events of 2 types are missing; the next wos-sync goes on with them"
	run -1 status "$app"
	assert_line "  stands for  1 event type"
	assert_line "  refused     a.d"
	run -1 status --html - "$app"
	assert_line --partial "<dt>refused</dt><dd>a.d</dd>"
	assert_equal "$(status --json "$app" | jq -c .cursors[0].scope)" \
	    '{"known":true,"types":1,"filling":2,"since":null,"organization":null,"refused":["a.d"]}'
}

# bats test_tags=slow
@test "status: partial, if the cursor's event is not in the ledger" {
	one_event 0
	seen "$NOW"
	sql "$app" "DELETE FROM events_cursor"
	verdict_told 1 partial
	assert_equal "$(status "$app" | head -n 1)" \
	    "partial: its event is not in the ledger: is this another copy of the database?"
}

# bats test_tags=slow
@test "status: a cursor of one organization, from a time on, says so" {
	one_event 0
	seen "$NOW"
	sql "$app" "UPDATE sync_cursor SET scope_organization_id = 'org_1'" \
	    "UPDATE cursor_scope SET since = $((NOW - DAY))"
	verdict 0 fresh
	run -0 status "$app"
	assert_line "  stands for  1 event type, from 2026-01-30 00:00 UTC, of org_1 only"
}

# ---------------------------------------------------------------- 3: unknown

@test "status: a database that is not there is no verdict, and is not made" {
	run -3 --separate-stderr wos-status nowhere.db
	assert_equal "$stderr" "wos-status: nowhere.db: there is no such database"
	assert_equal "$output" ""
	assert [ ! -e nowhere.db ]
	run -3 --separate-stderr wos-status --html page.html nowhere.db
	assert [ ! -e page.html ]
}

@test "status: a database without our tables is no verdict" {
	if [[ $DBKIND == sqlite ]]; then
		sqlite3 app.db 'CREATE TABLE t (a)'
	fi
	run -3 --separate-stderr wos-status "$app"
	assert_equal "$stderr" \
	    "wos-status: $app: not a database of wos: it has no table events_cursor"
	run -3 --separate-stderr wos-status --json "$app"
	assert_equal "$stderr" \
	    "wos-status: $app: not a database of wos: it has no table events_cursor"
	run -0 wos-apply --status "$app"
	refute_output --regexp '(^|
)(verdict|window|table|objects|lag)	'
}

# bats test_tags=sqlite
@test "status: what is no database is no verdict" {
	echo 'Dear diary,' >app.db
	run -3 --separate-stderr wos-status app.db
	assert_equal "$stderr" "wos-apply: ./app.db: file is not a database"
}

# bats test_tags=sqlite
@test "status: a name that names no database is no verdict" {
	local name

	for name in mysql://me:sesame@host/app sqlite:app.db 'postgresql://h/app?schema=x'; do
		run -3 wos-status --check "$name"
		refute_output --partial sesame
		DATABASE_URL=$name run -3 wos-status
	done
}

@test "status: wrong usage is no verdict" {
	wos-apply app.db </dev/null
	for bad in "" "--json" "app.db other.db" "--json --check app.db" "--loud app.db" \
	    "--html app.db" "--behind app.db" "--behind 15 app.db" \
	    "--behind x15m app.db" "--stale 1w app.db" "--days 0 app.db" \
	    "--days 367 app.db" "--now soon app.db" "-- app.db other.db"; do
		# shellcheck disable=SC2086 # they are several words
		run -3 wos-status $bad
	done
	run -0 wos-status --help
	assert_line --index 0 "usage: wos-status [options] DATABASE"
	run -0 wos-status --version
	assert_output --regexp '^wos-status [0-9]+\.[0-9]+'
}

# bats test_tags=sqlite
@test "status: a database whose name is like an option" {
	wos-apply -- ./-x.db </dev/null
	run -1 wos-status --check -- -x.db
	assert_output --partial "behind: nothing was synced yet"
}

# bats test_tags=sqlite
@test "status: what is wrong with the arguments is said" {
	run -3 wos-status app.db other.db
	assert_line --index 0 'wos-status: there is a word too many: wos-status takes one DATABASE'
	run -3 wos-status ''
	assert_line --index 0 'wos-status: one of the arguments is empty: a variable that is not set?'
	run -3 wos-status --json --check app.db
	assert_line --index 0 'wos-status: --check: it does not go with --json'
	wos-apply app.db </dev/null
	run -1 wos-status --json --json app.db
}

# bats test_tags=sqlite
@test "status: a page takes the place of no database, no link and no device" {
	wos-apply app.db </dev/null
	cp app.db other.db
	WOS_DATABASE=app.db run -3 --separate-stderr wos-status --html other.db
	assert_equal "$stderr" 'wos-status: --html: other.db: this is a database'
	cmp app.db other.db
	echo old >page.html
	ln -s page.html link
	run -1 wos-status --html link app.db
	[ -h link ]
	grep -q '^<!doctype html>' page.html
	mkfifo pipe
	wos-status --html pipe app.db &
	STARTED+=("$!")
	run -0 head -n 1 pipe
	assert_output '<!doctype html>'
	[ -p pipe ]
	run -1 --separate-stderr wos-status --html /dev/stdout app.db
	assert_line --index 0 '<!doctype html>'
}

# bats test_tags=sqlite
@test "status: what can't be written is no verdict" {
	wos-apply app.db </dev/null
	mkdir folder
	run -3 bash -c 'wos-status app.db >/dev/full'
	run -3 bash -c 'wos-status --html - app.db >/dev/full'
	for file in folder nowhere/page.html; do
		run -3 --separate-stderr wos-status --html "$file" app.db
		assert_equal "$stderr" "wos-status: $file: can't be written"
	done
	echo old >page.html
	AWK=false run -3 wos-status --html page.html app.db
	assert_equal "$(cat page.html)" old
	assert_equal "$(echo *.html*)" page.html
}
