# SPDX-License-Identifier: MIT
# wos-apply --prune: old lines leave the ledger where nothing comes from them, and old
# facts their tables; a rebuild has the same rows.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load stream

# Long after all of the events, which are of 2026, and after they were applied here.
LATER=4100000000000

setup() {
	wos_setup
	newdb app
}

apply() {
	wos-decode "$@" | wos-apply --no-cursor "$app"
}

# payloads: of each event, whether its line has data.
payloads() {
	sql "$app" "SELECT event_id, CASE WHEN event_payload LIKE '%\"data\"%' THEN 'whole'
		ELSE 'pruned' END FROM events_cursor ORDER BY event_id"
}

lines() {
	event event_1 user.created 2026-01-01T00:00:00.000Z '{"id":"user_1","email":"a@example.com","updated_at":"2026-01-01T00:00:00.000Z"}'
	event event_2 user.updated 2026-01-02T00:00:00.000Z '{"id":"user_1","email":"b@example.com","updated_at":"2026-01-02T00:00:00.000Z"}'
	event event_3 user.created 2026-01-03T00:00:00.000Z '{"id":"user_2","updated_at":"2026-01-03T00:00:00.000Z"}'
	event event_4 user.deleted 2026-01-04T00:00:00.000Z '{"id":"user_2"}'
	event event_5 authentication.password_failed 2026-01-05T00:00:00.000Z '{"email":"a@example.com","status":"failed"}'
	event event_6 widget.made 2026-01-06T00:00:00.000Z '{"id":"widget_1"}'
}

@test "prune: lines go that no row, tombstone or fact comes from, and that are known" {
	lines >lines.jsonl
	apply lines.jsonl
	dump "$app" | grep -v -e event_payload -e '"event"' >before
	wos-apply --prune 1d --now "$LATER" "$app"
	assert_equal "$(payloads)" "event_1|pruned
event_2|whole
event_3|pruned
event_4|whole
event_5|whole
event_6|whole"
	assert_equal "$(wos-apply --export "$app" | sed -n 1p)" \
	    '{"id":"event_1","event":"user.created","created_at":"2026-01-01T00:00:00.000Z"}'
	assert_equal "$(sql "$app" 'SELECT email FROM "user"')" b@example.com
}

@test "prune: an old event that comes again is not new and does no harm" {
	lines >lines.jsonl
	apply lines.jsonl
	wos-apply --prune 1d --facts 1d --now "$LATER" "$app"
	dump "$app" >before
	apply lines.jsonl
	tac lines.jsonl >backwards.jsonl
	apply backwards.jsonl
	wos-rebuild "$app"
	diff before <(dump "$app")
	assert_equal "$(sql "$app" "SELECT count(*) FROM authentication")" 0
	assert_equal "$(payloads | grep -c pruned)" 3
	# What is younger than that is a fact as ever.
	event event_9 authentication.password_failed 2100-01-05T00:00:00.000Z '{"email":"a@example.com"}' >new.jsonl
	apply new.jsonl
	assert_equal "$(sql "$app" "SELECT event_id FROM authentication")" event_9
}

@test "prune: the ledger alone makes the same rows in another database" {
	newdb other
	lines >lines.jsonl
	apply lines.jsonl
	wos-apply --prune 1d --now "$LATER" "$app"
	wos-apply --export "$app" | wos-decode | wos-apply --no-cursor "$other"
	for table in '"user"' tombstone authentication; do
		diff <(sql "$app" "SELECT * FROM $table") <(sql "$other" "SELECT * FROM $table")
	done
}

@test "prune: who asks for the past is told that some of it is missing" {
	local said='wos-apply: payloads before 2099-12-02 were pruned: what has changed since'

	lines >lines.jsonl
	apply lines.jsonl
	run -0 --separate-stderr wos-apply --export --until event_1 "$app"
	assert_equal "$stderr" ''
	run -0 --separate-stderr wos-apply --changes-after event_1 "$app"
	assert_equal "$stderr" ''
	wos-apply --prune 1d --now "$LATER" "$app"
	run -0 --separate-stderr wos-apply --export --until event_1 "$app"
	assert_equal "$stderr" "$said is missing, or as it was before"
	run -0 --separate-stderr wos-apply --export "$app"
	assert_equal "$stderr" ''
	run -0 --separate-stderr wos-apply --changes-after event_1 "$app"
	assert_equal "$stderr" "$said may be told as new, or against what it was before"
	assert_equal "$(jq -r '.op + .event_id' <<<"${lines[0]}")" insertevent_2
}

@test "prune: what is young, or was applied within the hour, stays" {
	lines >lines.jsonl
	apply lines.jsonl
	wos-apply --prune 1d "$app"
	assert_equal "$(payloads | grep -c pruned || :)" 0
	wos-apply --prune 20000d --now "$LATER" "$app"
	assert_equal "$(payloads | grep -c pruned || :)" 2
}

@test "prune: many rows, in transactions that leave others their turn" {
	local pid

	users 1 1300 >users.jsonl
	users 1 1300 x@example.com | sed 's/event_/again_/' >again.jsonl
	apply users.jsonl again.jsonl
	wos-apply --prune 1d --now "$LATER" --busy-timeout 300000 -v "$app" 2>said &
	pid=$!
	event event_x user.created 2100-01-07T00:00:00.000Z '{"id":"user_x"}' >new.jsonl
	apply new.jsonl
	wait "$pid"
	assert_equal "$(payloads | grep -c pruned)" 1300
	grep -qx 'wos-apply: pruned 1300 payloads and 0 facts' said
	run -0 wos-apply --prune 1d --now "$LATER" -v "$app"
	assert_line 'wos-apply: pruned 0 payloads and 0 facts'
}

@test "prune: wos-status says what a rebuild has, as text, JSON and page" {
	lines >lines.jsonl
	apply lines.jsonl
	assert_equal "$(wos-status --json "$app" | jq -c .pruned)" \
	    '{"payloads_before":null,"facts_before":null}'
	run ! grep -q pruned <(wos-status "$app")
	wos-apply --prune 1d --facts 2d --now 1800000000000 "$app"
	assert_equal "$(wos-status --json "$app" | jq -c .pruned)" \
	    '{"payloads_before":1799913600000,"facts_before":1799827200000}'
	wos-status "$app" >text || :
	grep -q 'payloads before 2027-01-14 are pruned where no row comes from them: a rebuild has the same rows; facts before 2027-01-13 are gone' text
	wos-status --html page.html "$app" || :
	grep -q 'Payloads before 2027-01-14 are pruned' page.html
	# To go less far brings nothing back.
	wos-apply --prune 300d --facts 300d --now 1800000000000 "$app"
	assert_equal "$(wos-status --json "$app" | jq -c .pruned)" \
	    '{"payloads_before":1799913600000,"facts_before":1799827200000}'
}

@test "prune: wrong usage, and no database" {
	wos-apply app.db </dev/null
	run -2 wos-apply --prune soon app.db
	run -2 wos-apply --prune 1d --facts soon app.db
	run -2 wos-apply --facts 1d app.db
	run -1 wos-apply --prune 1d none.db
	assert_output 'wos-apply: none.db: no such database'
}
