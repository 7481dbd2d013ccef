#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-status, and the facts that it is made of: wos-apply --status.

load helper

DAY=86400000
NOW=1769817600000 # the bench's events end here, 2026-01-31T00:00:00Z

setup() {
	wos_setup
	newdb app
}

# fill [N]: N events of the 30 days before NOW, the last one at NOW.
fill() {
	"$ROOT/test/bench/generate" "${1:-600}" | wos-decode | whole "$app"
}

# seen MS [OPTION...]: the newest event was reached then.
seen() {
	wos-apply "${@:2}" --tail-seen "$1" "$app"
}

# one_event AGE: the only event that there is happened that long before NOW.
one_event() {
	local at

	at=$(date -u -d "@$(((NOW - $1) / 1000))" +%Y-%m-%dT%H:%M:%SZ)
	printf '{"object":"event","id":"event_1","event":"x.y","data":{},"created_at":"%s"}\n' \
	    "$at" | wos-decode | whole "$app"
}

park() {
	echo 'no event' | wos-decode 2>/dev/null | whole "$app" 2>/dev/null || (($? == 3))
}

status() {
	wos-status --now $NOW "$@"
}

# verdict STATUS WORD [OPTION...]: that is what it comes to.
verdict() {
	run -"$1" --separate-stderr status "${@:3}" --check "$app"
	assert_equal "${output%%:*}" "$2"
	assert_equal "${#lines[@]}" 1
	assert_equal "$stderr" ""
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
	seen $NOW
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
	seen $NOW
	wos-apply --gap $((NOW - 40 * DAY)):$((NOW - 30 * DAY)) "$app"
	verdict 2 gap
	assert_equal "$(status "$app" | head -n 1)" \
	    "gap: events from 2025-12-22 00:00 UTC to 2026-01-01 00:00 UTC may be missing"
	wos-apply --gap 0:0 "$app"
	verdict 0 fresh
}

@test "status: parked, if anything is" {
	one_event 0
	seen $NOW
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
	seen $NOW
	verdict 1 parked
}

# bats test_tags=slow
@test "status: of several cursors the worst counts, or the one that is named" {
	one_event 0
	seen $NOW
	fill 10 2>/dev/null
	"$ROOT/test/bench/generate" 12 | wos-decode |
		whole --cursor-name other "$app"
	verdict 1 behind
	assert_equal "$(status "$app" | head -n 1)" \
	    "behind: cursor other: the newest event was never reached"
	verdict 0 fresh --cursor-name default
	seen $NOW --cursor-name other
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
	seen $NOW
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
	seen $NOW
	verdict_told 1 partial
	assert_equal "$(status "$app" | head -n 1)" \
	    "partial: which events it stands for is not known; the next wos-sync reads again from the oldest"
	assert_equal "$(status --json "$app" | jq -c '.cursors[0].scope.known')" false
	# Whoever moves it by hand leaves that behind.
	newdb app
	users 1 | whole "$app"
	seen $NOW
	verdict 0 fresh
	users 2 | wos-apply --after event_1 "$app"
	verdict 1 partial
}

# bats test_tags=slow
@test "status: partial, while older events are being fetched" {
	one_event 0
	seen $NOW
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
	seen $NOW
	sql "$app" "DELETE FROM events_cursor"
	verdict_told 1 partial
	assert_equal "$(status "$app" | head -n 1)" \
	    "partial: its event is not in the ledger: is this another copy of the database?"
}

# bats test_tags=slow
@test "status: a cursor of one organization, from a time on, says so" {
	one_event 0
	seen $NOW
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

# ---------------------------------------------------------------- what it tells

# a_morning: the sample's events, arrived a minute and a half after they happened.
a_morning() {
	wos-decode <"$DATA/sample.jsonl" | whole "$app"
	seen 1793620000000
	sql "$app" "UPDATE events_cursor SET processed_at = created_at + 90000" \
	    "UPDATE sync_cursor SET moved_at = 1793620000000"
	NOW=1793620090000
}

# bats test_tags=slow
@test "status: the text, whole" {
	a_morning
	status --days 3 "$app" | sed -e "s,^.* as of,app as of," >got
	diff -u - got <<-END
	fresh: reached the newest event 1 min 30 s ago

	app as of 2026-11-02 11:48 UTC
	  15 events, from 2026-11-02 to 2026-11-02
	  2 users, 2 organizations

	cursor default
	  event       event_01M6DV3SEJJPQJQF4HE3MF40HY
	  happened    2026-11-02 09:58 UTC, 1 h 50 min ago
	  applied     2026-11-02 11:46 UTC, 1 min 30 s ago
	  newest seen 2026-11-02 11:46 UTC, 1 min 30 s ago
	  stands for  1 event type
	  retention   29 days left until the API may forget

	day           events  sign-ins    failed     users  lag
	2026-10-31         0         0         0         -  -
	2026-11-01         0         0         0         -  -
	2026-11-02        15         0         0         2  1 min 30 s

	   events  of the last 3 days
	        3  organization.created
	        3  organization_membership.created
	        3  user.created
	        1  organization.deleted
	        1  organization.updated
	        1  organization_membership.deleted
	        1  organization_membership.updated
	        1  user.deleted
	        1  user.updated

	     rows  in table
	       15  events_cursor
	        3  tombstone
	        1  sync_cursor
	        1  cursor_scope
	        2  user
	        2  organization
	        2  organization_membership
	END
}

# bats test_tags=slow
@test "status: the JSON, whole" {
	a_morning
	status --json --days 1 "$app" >got
	python3 -m json.tool got >/dev/null
	diff -u - <(jq 'del(.database, .size) |
	    .tables |= with_entries(select(.value > 0))' got) <<-END
	{
	  "verdict": "fresh",
	  "status": 0,
	  "reasons": [
	    {
	      "verdict": "fresh",
	      "text": "reached the newest event 1 min 30 s ago"
	    }
	  ],
	  "runs": [],
	  "now": 1793620090000,
	  "oldest_event_at": 1793610003217,
	  "newest_event_at": 1793613489618,
	  "cursors": [
	    {
	      "name": "default",
	      "event_id": "event_01M6DV3SEJJPQJQF4HE3MF40HY",
	      "event_at": 1793613489618,
	      "moved_at": 1793620000000,
	      "tail_seen_at": 1793620000000,
	      "gap_from": null,
	      "gap_to": null,
	      "age_ms": 90000,
	      "retention_left_ms": 2591910000,
	      "scope": {
	        "known": true,
	        "types": 1,
	        "filling": 0,
	        "since": null,
	        "organization": null,
	        "refused": []
	      }
	    }
	  ],
	  "parked": {
	    "count": 0,
	    "newest": []
	  },
	  "tables": {
	    "events_cursor": 15,
	    "tombstone": 3,
	    "sync_cursor": 1,
	    "cursor_scope": 1,
	    "user": 2,
	    "organization": 2,
	    "organization_membership": 2
	  },
	  "types": [
	    {
	      "type": "organization.created",
	      "events": 3
	    },
	    {
	      "type": "organization_membership.created",
	      "events": 3
	    },
	    {
	      "type": "user.created",
	      "events": 3
	    },
	    {
	      "type": "organization.deleted",
	      "events": 1
	    },
	    {
	      "type": "organization.updated",
	      "events": 1
	    },
	    {
	      "type": "organization_membership.deleted",
	      "events": 1
	    },
	    {
	      "type": "organization_membership.updated",
	      "events": 1
	    },
	    {
	      "type": "user.deleted",
	      "events": 1
	    },
	    {
	      "type": "user.updated",
	      "events": 1
	    }
	  ],
	  "days": [
	    {
	      "day": "2026-11-02",
	      "events": {
	        "sign-ins": 0,
	        "sessions": 0,
	        "users": 5,
	        "organizations": 10,
	        "directories": 0,
	        "other": 0
	      },
	      "signins": {
	        "succeeded": 0,
	        "failed": 0
	      },
	      "users": 2,
	      "organizations": 2,
	      "lag_ms": {
	        "median": 90000,
	        "p95": 90000
	      }
	    }
	  ]
	}
	END
}

@test "status: the facts, whole" {
	a_morning
	wos-apply --status --days 2 --now $NOW "$app" |
		grep -v -e ^size -e ^database -e "$(printf '^table.*\t0$')" >got
	diff -u - <(tr '\t' ' ' <got) <<-END
	verdict fresh 0
	reason fresh reached the newest event 1 min 30 s ago
	limits 900000 1728000000 2592000000
	performance parked=0;0 age=90s;;1728000 tail_age=90s;900
	now 1793620090000
	ledger 1793610003217 1793613489618
	cursor default event_01M6DV3SEJJPQJQF4HE3MF40HY 1793613489618 1793620000000 1793620000000 - -
	age default 90000 90000 2591910000
	scope default known 1 0 0 - -
	window 2026-11-01 2026-11-02
	table events_cursor 15
	table tombstone 3
	table sync_cursor 1
	table cursor_scope 1
	table user 2
	table organization 2
	table organization_membership 2
	day 2026-11-02 users 5
	day 2026-11-02 organizations 10
	type organization.created 3
	type organization_membership.created 3
	type user.created 3
	type organization.deleted 1
	type organization.updated 1
	type organization_membership.deleted 1
	type organization_membership.updated 1
	type user.deleted 1
	type user.updated 1
	objects 2026-11-02 2 2
	lag 2026-11-02 90000 90000
	END
}

# bats test_tags=slow
@test "status: every day's numbers are those of the ledger" {
	fill
	# As if each had arrived so many seconds after it happened as its minute
	# of the hour has on the clock, and some more.
	sql "$app" "UPDATE events_cursor SET processed_at = created_at +
	    created_at / 60000 % 60 * 1000 + created_at / 3600000 % 7"
	run -1 status --json "$app"
	jq -r '.days[] | [.day, (.events | add), .signins.succeeded,
	    .signins.failed, .events.users, .lag_ms.median, .lag_ms.p95] |
	    join(" ")' <<<"$output" >got
	jq -r '.types[] | .type + "|" + (.events | tostring)' <<<"$output" >types
	assert_equal "$(wc -l <got)" 30
	sql "$app" "SELECT created_at / $DAY * 86400, event_type,
	    processed_at - created_at FROM events_cursor
	    WHERE created_at >= $((NOW - 29 * DAY)) ORDER BY 1, 3" |
		awk -F '|' '
		function day_ends(	cmd, name) {
			cmd = "date -u -d @" day " +%F"
			cmd | getline name
			close(cmd)
			print name, n, ok + 0, failed + 0, users + 0,
			    lag[int((n + 1) / 2)], lag[int((n * 19 + 19) / 20)]
			n = ok = failed = users = 0
		}
		$1 != day { if (n) day_ends(); day = $1 }
		{ lag[++n] = $3 }
		$2 ~ /_succeeded/ { ok++ }
		$2 ~ /_failed/ { failed++ }
		$2 ~ /^user\./ { users++ }
		END { day_ends() }' >want
	diff -u want got
	diff -u <(sql "$app" "SELECT event_type, COUNT(*) FROM events_cursor
	    WHERE created_at >= $((NOW - 29 * DAY))
	    GROUP BY event_type ORDER BY 2 DESC, 1") types
}

# bats test_tags=sqlite
@test "status: how many there were on a day is what there was on that day" {
	fill
	run -1 status --json app.db
	for days in 3 11; do
		rm -f then.db*
		sqlite3 app.db "SELECT event_payload FROM events_cursor
		    WHERE created_at < $((NOW - days * DAY))" |
			wos-decode | wos-apply then.db
		assert_equal \
		    "$(jq -r ".days[$((28 - days))] | \"\(.users)|\(.organizations)\"" <<<"$output")" \
		    "$(sql then.db 'SELECT (SELECT COUNT(*) FROM user),
			(SELECT COUNT(*) FROM organization)')"
	done
}

# bats test_tags=sqlite
@test "status: the verdict is wos-apply's, and so are the spans of time" {
	one_event 0
	seen $((NOW - 900001))
	run -0 wos-apply --status --now $NOW app.db
	assert_line --index 0 $'verdict\tbehind\t1'
	assert_line --index 1 $'reason\tbehind\tlast reached the newest event 15 min ago'
	run -0 wos-apply --status --behind 1h --stale 2d --now $NOW app.db
	assert_line --index 0 $'verdict\tfresh\t0'
	assert_line $'limits\t3600000\t172800000\t2592000000'
	run -0 wos-apply --status --cursor-name other --now $NOW app.db
	assert_line --index 1 $'reason\tbehind\tthere is no cursor other'
	diff <(wos-apply --status --json --now $NOW app.db) \
	    <(wos-status --json --now $NOW app.db || (($? == 1)))
	for span in 15 x15m 1w -1s 15mm; do
		run -2 --separate-stderr wos-apply --status --behind "$span" app.db
		assert_equal "$stderr" \
		    "wos-apply: --behind: $span: not a span of time, as 90s, 15m, 1h or 20d"
	done
	# Without an awk, too.
	AWK=false run -1 wos-status --check --now $NOW app.db
	assert_output "behind: last reached the newest event 15 min ago | parked=0;0 age=0s;;1728000 tail_age=900s;900"
}

@test "status: objects older than the ledger count" {
	wos-apply "$app" </dev/null
	sql "$app" "INSERT INTO \"user\" (id) VALUES ('a'), ('b'), ('c')"
	one_event $((2 * DAY))
	run -1 status --json --days 4 "$app"
	assert_equal "$(jq -c '[.days[].users]' <<<"$output")" "[null,3,3,3]"
}

# bats test_tags=slow
@test "status: --check looks at no event" {
	fill 20
	run -0 wos-apply --status --days 0 --now $NOW "$app"
	refute_output --regexp '(^|
)(day|type|lag|objects|signins|window)	'
	assert_line --regexp '^table	parked_event	0$'
	park
	seen $((NOW - 5000))
	run -1 status --check "$app"
	assert_output "parked: 1 event is parked; reached the newest event 5 s ago | parked=1;0 age=0s;;1728000 tail_age=5s;900"
}

@test "status: an empty database has a page, a text and no numbers" {
	wos-apply "$app" </dev/null
	run -1 status "$app"
	assert_line "  0 events"
	assert_line "  0 users, 0 organizations"
	run -1 status --json "$app"
	assert_equal "$(jq -c '[.cursors, .types, .parked.newest, .oldest_event_at,
	    (.days | length), (.days | map(.events | add) | add)]' <<<"$output")" \
	    "[[],[],[],null,30,0]"
	run -1 status --html - "$app"
	assert_output --partial "No events in the last 30 days."
}

# bats test_tags=sqlite
@test "status: a database of the replaced system, which stays as it is" {
	sqlite3 app.db <"$DATA/replaced.sql"
	sum=$(cksum <app.db)
	NOW=1793612000000
	verdict 1 partial
	run -1 status app.db
	assert_line "  9 events, from 2026-11-02 to 2026-11-02"
	assert_line "  3 users, 3 organizations"
	assert_line "  event       event_01M6DSEJ1NSGFW0E2BS439A319"
	assert_line "  happened    2026-11-02 09:29 UTC, 4 min 14 s ago"
	run -1 status --json app.db
	assert_equal "$(jq -c '[.tables.user, .days[-1].events.other,
	    .days[-1].users]' <<<"$output")" "[3,9,null]"
	NOW=$((1793611745333 + 20 * DAY + 1)) verdict 2 stale
	assert_equal "$(cksum <app.db)" "$sum"
	assert_equal "$(echo app.db*)" app.db
	# Its times may have been texts.
	sqlite3 app.db "UPDATE events_cursor SET created_at = CAST(created_at AS TEXT)"
	run -1 status --json app.db
	assert_equal "$(jq .days[-1].events.other <<<"$output")" 9
}

# ---------------------------------------------------------------- hostile texts

# hostile: a database whose texts would like to be something else.
hostile() {
	local text="</title><script>alert(1)</script>'' \"&amp;\\ |"

	text+=$'\t\n\r\e[31m\x7f\xc2\x9b2J\xe2\x80\xaeevil\xe2\x81\xa6'
	wos-apply "$app" </dev/null
	sql "$app" "INSERT INTO events_cursor (event_id, event_payload, created_at,
		event_type) VALUES ('e', '{}', $NOW, '$text')" \
	    "INSERT INTO sync_cursor VALUES ('$text', '$text', $NOW, $NOW, $NOW,
		NULL, NULL, '$text', '$text', '$text')" \
	    "INSERT INTO cursor_scope (name, event_type, state)
		VALUES ('$text', '$text', 'refused')" \
	    "INSERT INTO parked_event VALUES ('$text', '$text', 'line', 'x',
		'$text', $NOW)"
}

# bats test_tags=slow
@test "status: a text from the database does nothing to a terminal" {
	hostile
	for option in --check --json --html=- --days=7; do
		run -1 status "$option" "$app"
		if LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]\|\xc2[\x80-\x9f]\|\xe2\x80[\xaa-\xae]\|\xe2\x81[\xa6-\xa9]' <<<"$output"; then
			fail "$option: $(LC_ALL=C grep $'[\x01-\x08\x0b-\x1f\x7f]\|\xc2[\x80-\x9f]\|\xe2\x80\|\xe2\x81' <<<"$output" | od -c)"
		fi
	done
}

# bats test_tags=slow
@test "status: a text from the database is no markup, and one string of JSON" {
	hostile
	run -1 status --html - "$app"
	refute_output --partial "<script"
	assert_equal "$(grep -o '</title>' <<<"$output" | grep -c .)" \
	    "$(grep -o '<title>' <<<"$output" | grep -c .)"
	status --json "$app" >got || (($? == 1))
	python3 -m json.tool got >/dev/null
	jq -r '.cursors[0].name, .cursors[0].event_id,
	    .parked.newest[0].id, .parked.newest[0].reason' got | uniq >texts
	want="</title><script>alert(1)</script>' \"&amp;\\ |\\x09\\x0A\\x0D\\x1B[31m\\x7F\\xC2\\x9B2J\\xE2\\x80\\xAEevil\\xE2\\x81\\xA6"
	assert_equal "$(cat texts)" "$want"
	assert_equal "$(jq -r '.types[0].type' got)" "${want%evil*}evil..."
}

@test "status: as many types as a stranger makes up take no more room" {
	wos-apply "$app" </dev/null
	sql "$app" "INSERT INTO events_cursor (event_id, event_payload, created_at,
		event_type)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < 700)
	    SELECT 'e' || i, '{}', $NOW, 'made.up.' || i FROM n"
	run -1 status --json "$app"
	assert_equal "$(jq -c '[(.types | length), .types[0],
	    (.types | map(.events) | add)]' <<<"$output")" \
	    '[501,{"type":"(more types)","events":200},700]'
}

# ---------------------------------------------------------------- the page

@test "status: a page replaces the one before, and is for who may read it" {
	fill 50
	echo old >page.html
	(umask 022 && status --html page.html "$app") || (($? == 1))
	assert_equal "$(stat -c %a page.html)" 644
	run -0 head -n 1 page.html
	assert_output '<!doctype html>'
	run -0 tail -n 1 page.html
	assert_output '</html>'
	assert_equal "$(echo page.html*)" page.html
	diff page.html <(status --html - "$app")
}

# Not of the kind that a tag's name is: what opens is closed, in its order.
@test "status: the page is well-formed, and asks for nothing" {
	fill
	park
	status --html page.html "$app" || (($? == 1))
	python3 - page.html <<-'END'
	import html.parser, sys
	VOID = {"meta", "link", "br", "wbr"}
	class Check(html.parser.HTMLParser):
	    stack = []
	    def handle_starttag(self, tag, attrs):
	        names = [name for name, _ in attrs]
	        assert len(names) == len(set(names)), (tag, attrs)
	        for name, value in attrs:
	            assert not name.startswith("on"), (tag, attrs)
	            assert name not in ("src", "srcset") , (tag, attrs)
	            assert name != "href" or value.startswith("data:"), value
	        assert tag not in ("script", "iframe", "object"), tag
	        if tag not in VOID:
	            self.stack.append(tag)
	    def handle_startendtag(self, tag, attrs):
	        self.handle_starttag(tag, attrs)
	        self.stack.pop()
	    def handle_endtag(self, tag):
	        assert self.stack.pop() == tag, (tag, self.stack, self.getpos())
	    def handle_data(self, data):
	        assert "nan" not in data.split() and "inf" not in data.split(), data
	check = Check()
	check.feed(open(sys.argv[1]).read())
	check.close()
	assert check.stack == [], check.stack
	END
	run -1 grep -i -e 'url(' -e '@import' -e '"-\?nan' -e '"-\?inf' page.html
}

# bats test_tags=sqlite,slow
@test "status: the same whatever the awk" {
	fill
	seen $NOW
	park
	printf '#!/bin/sh\nexec busybox awk "$@"\n' >busybox-awk
	printf '#!/bin/sh\nexec gawk --posix "$@"\n' >posix-awk
	chmod +x ./*-awk
	for format in --json --check --html=- --days=366; do
		status "$format" app.db >want || (($? == 1))
		for awk in mawk gawk original-awk ./posix-awk ./busybox-awk; do
			AWK=$awk status "$format" app.db >got 2>err ||
				(($? == 1)) || grep -e 'not found' err || fail "$(cat err)"
			[[ ! -s got ]] || cmp want got
		done
	done
}

# bats test_tags=sqlite
@test "status: installed, it finds what it needs" {
	mkdir -p bin share/wos
	cp "$ROOT/scripts/wos-status" "$ROOT/apply/wos-apply" bin
	cp "$ROOT"/scripts/wos.sh "$ROOT"/scripts/wos-options.sh "$ROOT"/scripts/wos-status* share/wos
	rm share/wos/wos-status
	wos-apply app.db </dev/null
	ln -s bin/wos-status link
	run -1 ./link --html - app.db
	assert_line --index 0 '<!doctype html>'
	rm share/wos/wos-status.css
	run -3 --separate-stderr ./link --html page.html app.db
	assert [ ! -e page.html ]
}
