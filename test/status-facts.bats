# SPDX-License-Identifier: MIT
# What wos-status tells: as text, as JSON, and the facts that it is made of.

load helper
load status

setup() {
	wos_setup
	newdb app
}

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

	app as of 2026-11-02 11:48 UTC, valid until 2026-11-02 12:01 UTC
	  2 users, 2 organizations
	  15 events, from 2026-11-02 to 2026-11-02

	of the last           7 days    before   30 days    before
	sign-ins                   0         0         0         -
	failed sign-ins            0         0         0         -
	new users                  3         0         3         -
	new organizations          3         0         3         -
	new memberships            3         0         3         -
	events                    15         0        15         -

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
	        2  user
	        2  organization
	        2  organization_membership
	       15  events_cursor
	        3  tombstone
	        1  sync_cursor
	        1  cursor_scope

	compared with WorkOS: never

	cursor default
	  event       event_01M6DV3SEJJPQJQF4HE3MF40HY
	  happened    2026-11-02 09:58 UTC, 1 h 50 min ago
	  applied     2026-11-02 11:46 UTC, 1 min 30 s ago
	  newest seen 2026-11-02 11:46 UTC, 1 min 30 s ago
	  stands for  1 event type
	  retention   29 days left until the API may forget
	END
}

# bats test_tags=slow
@test "status: the JSON, whole" {
	a_morning
	status --json --days 1 "$app" >got
	python3 -m json.tool got >/dev/null
	diff -u "$DATA/status.json" <(jq 'del(.database, .size) |
	    .periods |= length | .tables |= with_entries(select(.value > 0))' got)
}

@test "status: the facts, whole" {
	a_morning
	wos-apply --status --days 2 --now $NOW "$app" |
		grep -v -e ^size -e ^database -e "$(printf '^table.*\t0$')" >got
	diff -u - <(tr '\t' ' ' <got) <<-END
	verdict fresh 0
	reason fresh reached the newest event 1 min 30 s ago -
	limits 900000 1728000000 2592000000
	performance parked=0;0 age=90s;;1728000 tail_age=90s;900
	now 1793620090000
	valid 1793620900000
	ledger 1793610003217 1793613489618
	cursor default event_01M6DV3SEJJPQJQF4HE3MF40HY 1793613489618 1793620000000 1793620000000 - -
	age default 90000 90000 2591910000
	scope default known 1 0 0 - -
	verified - - - - -
	window 2026-11-01 2026-11-02
	table user 2
	table organization 2
	table organization_membership 2
	table events_cursor 15
	table tombstone 3
	table sync_cursor 1
	table cursor_scope 1
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
	period 7 sign-ins 0 0 whole
	period 7 failed sign-ins 0 0 whole
	period 7 new users 3 0 whole
	period 7 new organizations 3 0 whole
	period 7 new memberships 3 0 whole
	period 7 events 15 0 whole
	period 30 sign-ins 0 - whole
	period 30 failed sign-ins 0 - whole
	period 30 new users 3 - whole
	period 30 new organizations 3 - whole
	period 30 new memberships 3 - whole
	period 30 events 15 - whole
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
	assert_line --index 1 $'reason\tbehind\tlast reached the newest event 15 min ago\tsee that wos-sync runs: wos-doctor looks at its timer, the key and the API'
	run -0 wos-apply --status --behind 1h --stale 2d --now $NOW app.db
	assert_line --index 0 $'verdict\tfresh\t0'
	assert_line $'limits\t3600000\t172800000\t2592000000'
	run -0 wos-apply --status --cursor-name other --now $NOW app.db
	assert_line --index 1 --partial $'reason\tbehind\tthere is no cursor other\t'
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
	seen "$NOW"
	run -0 status --json --days 4 "$app"
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
	assert_output --partial "None of these days was read."
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

# ---------------------------------------------------------------- wos-verify

# compared TIME [TABLE COUNT...]: as wos-verify notes it, of all tables or of
# this one, which has its lists, the same, and so on; of the others nothing
# differs.
compared() {
	local at=$1 table=${2-}

	wos-apply --verify-begin${table:+="$table"} --now "$at" "$app" >began
	if [[ $table ]]; then
		echo "${*:2}"
	else
		sql "$app" 'SELECT object FROM verified' | sed 's/$/ 1 5 0 0 0 0/'
	fi | wos-apply --verify-end "$at" "$app"
}

# of_verified: the lines about it of the text.
of_verified() {
	status "$app" | grep compar
}

@test "status: when it was compared with what the API lists, and with what result" {
	a_morning
	[ "$(of_verified)" = 'compared with WorkOS: never' ]
	compared $((NOW - 3600000)) user 1 40 2 1 3 0
	[ "$(of_verified)" = 'compared with WorkOS: not all tables: 6 differences' ]
	compared $((NOW - 3600000))
	[ "$(of_verified)" = 'compared with WorkOS: 2026-11-02 10:48 UTC, 1 h ago: no differences' ]
	# Of one table again; as old as the oldest is the whole.
	compared "$NOW" user 1 40 2 1 3 0
	[ "$(of_verified)" = 'compared with WorkOS: 2026-11-02 10:48 UTC, 1 h ago: 6 differences' ]
	compared "$NOW" connection 0 0 0 0 0 0
	[ "$(of_verified)" = 'compared with WorkOS: 2026-11-02 10:48 UTC, 1 h ago: 6 differences, 1 table not listed' ]
	echo user 1 40 2 1 3 0 | wos-apply --verify-end "$NOW" --repaired "$app"
	[ "$(of_verified)" = 'compared with WorkOS: 2026-11-02 10:48 UTC, 1 h ago: no differences, 6 repaired, 1 table not listed' ]
	status --html - "$app" | grep -q '<dt>Compared</dt><dd>1 h ago</dd><dd>no differences, 6 repaired, 1 table not listed</dd>'
	[ "$(status --json "$app" | jq -c '.verified | [.at, .differences, .repaired,
	    .not_listed, .unfinished_since, (.tables[] | select(.table == "user") |
	    .at, .lists, .same, .differs, .missing_here, .missing_there, .ended,
	    .repaired)]')" = \
	    "[$((NOW - 3600000)),0,6,1,null,$NOW,1,40,2,1,3,0,6]" ]
}

@test "status: a comparison that has not ended does not look like a good one" {
	a_morning
	compared $((NOW - 3600000))
	wos-apply --verify-begin=user,group --now $((NOW - 5000)) "$app" >began
	of_verified | diff - <(printf '%s\n' \
	    'compared with WorkOS: 2026-11-02 10:48 UTC, 1 h ago: no differences' \
	    'a comparison that began 2026-11-02 11:48 UTC has not ended')
	[ "$(status --json "$app" | jq .verified.unfinished_since)" = $((NOW - 5000)) ]
	status --html - "$app" | grep -q '<dd>the newest has not ended</dd>'
	# It does not change the verdict.
	status --check "$app" | grep -q '^fresh'
}

@test "status: a database of an older version was never compared" {
	a_morning
	sql "$app" 'DROP TABLE verified'
	[ "$(of_verified)" = 'compared with WorkOS: never' ]
	[ "$(status --json "$app" | jq .verified.at)" = null ]
}
