#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A database as it was: wos-rebuild --into and --until, wos-apply --export --until.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load stream

setup() {
	wos_setup
	newdb db past want
}

# named N SECOND NAME: an event of user_1 at that second.
named() {
	event "event_$1" user.updated "2026-01-01T00:00:$2Z" \
	    "{\"id\":\"user_1\",\"email\":\"$3\",\"updated_at\":\"2026-01-01T00:00:$2Z\"}"
}

# item SECOND NAME: organization_1 as it is listed.
item() {
	printf '{"object":"list_item","of":"organization","listed_at":"2026-01-01T00:00:%s.000Z","data":{"id":"organization_1","name":"%s"}}\n' "$@"
}


# bats test_tags=slow
@test "past: as a database that had only the events until then" {
	"$ROOT/test/gen/state" --good --events 300 1 >in.jsonl
	shuf --random-source="$ROOT/test/gen/state" in.jsonl >arrived.jsonl
	wos-decode arrived.jsonl | wos-apply "$db"
	at=$(sql "$db" 'SELECT created_at FROM events_cursor ORDER BY created_at
		LIMIT 1 OFFSET 150')
	sql "$db" "SELECT event_id FROM events_cursor WHERE created_at <= $at" | sort >ids
	wos-apply --export --until "$at" "$db" >until.jsonl
	diff ids <(jq -r .id until.jsonl | sort)
	grep -F -f ids arrived.jsonl | wos-decode | wos-apply --no-cursor "$want"
	wos-rebuild --until "$at" --into "$past" "$db"
	diff <(dump "$want") <(dump "$past")
	run -0 wos-apply --cursor "$past"
	assert_output ''
}

@test "past: until an event, by the API's time, and among equals by arrival" {
	{
		named 1 01 one
		named 5 05 five
		named 3 03 three
		named 4 03 equal
	} | wos-decode | wos-apply "$db"
	for until in event_3:one event_4:equal; do
		wos-apply --export --until "${until%:*}" "$db" | jq -r .id | xargs >>out
	done
	diff - out <<-'END'
	event_1 event_3
	event_1 event_3 event_4
	END
	wos-rebuild --until event_3 --into "$past" "$db"
	assert_equal "$(sql "$past" 'SELECT email FROM "user"')" three
}

@test "past: a time as a date, with an offset, in milliseconds, or as an age" {
	named 1 01 one | wos-decode | wos-apply "$db"
	for at in 2026-01-02 2026-01-01T02:00:01+02:00 1767225601000 2s; do
		assert_equal "$(wos-apply --export --until "$at" "$db" | wc -l)" 1
	done
	for at in 2026-01-01 2026-01-01T00:00:00.999Z 1767225600999 9000d; do
		assert_equal "$(wos-apply --export --until "$at" "$db" | wc -l)" 0
	done
	run -1 --separate-stderr wos-apply --export --until yesterday "$db"
	assert_regex "$stderr" "--until: yesterday: neither a time nor an event of the ledger\$"
}

@test "past: what a list told later is left out, and what it told before is there" {
	{
		item 01 before
		named 1 02 one
	} | wos-decode | wos-apply "$db"
	wos-rebuild --until 2026-01-01T00:00:02Z --into "$past" "$db"
	assert_equal "$(sql "$past" 'SELECT name FROM organization')" before
	# Of each object the newest item alone is kept.
	item 05 later | wos-decode | wos-apply "$db"
	wos-rebuild --until 2026-01-01T00:00:02Z --into "$want" "$db"
	assert_equal "$(ids "$want" organization) $(ids "$want")" " user_1"
}

@test "past: what wos-verify found to be gone stays away in another database" {
	{
		named 1 01 one
		printf '{"object":"list_gone","of":"user","listed_at":"2026-01-01T00:00:05.000Z","data":{"id":"user_1"}}\n'
	} | wos-decode | wos-apply "$db"
	wos-rebuild --into "$past" "$db"
	diff <(dump "$db" | sed '/^== sync_cursor/,/^== /{/^== /!d}') \
	    <(dump "$past" | sed '/^== sync_cursor/,/^== /{/^== /!d}')
	wos-rebuild --until 2026-01-01T00:00:04Z --into "$want" "$db"
	assert_equal "$(ids "$past") $(ids "$want")" " user_1"
}

@test "past: who was erased, and what was pruned, stays so in the other database" {
	{
		named 1 01 one
		event event_2 authentication.password_failed 2026-01-01T00:00:02Z '{"email":"one","status":"failed"}'
		event event_3 user.created 2026-01-01T00:00:03Z '{"id":"user_3","email":"three","updated_at":"2026-01-01T00:00:03Z"}'
	} >lines.jsonl
	wos-decode lines.jsonl | wos-apply "$db"
	wos-rebuild --into "$want" "$db"
	assert_equal "$(sql "$want" 'SELECT count(*) FROM forgotten')" 0
	wos-erase user_1 "$db"
	wos-apply --prune 1d --facts 1d --now 4100000000000 "$db"
	wos-rebuild --into "$past" "$db"
	for table in erased forgotten; do
		diff <(sql "$db" "SELECT * FROM $table ORDER BY 1") \
		    <(sql "$past" "SELECT * FROM $table ORDER BY 1")
	done
	wos-decode lines.jsonl | wos-apply --no-cursor "$past"
	assert_equal "$(sql "$past" 'SELECT id, email FROM "user" ORDER BY id')" $'user_1|\nuser_3|three'
	assert_equal "$(sql "$past" 'SELECT count(*) FROM authentication')" 0
	run -1 wos-apply --forgotten-add "$want" <<<$'erased\tx'
	assert_output 'wos-apply: stdin: line 1: not what --forgotten prints'
	wos-apply --forgotten "$db" | run -1 wos-apply --forgotten-add "$past"
}

@test "past: exit 1 and 2: a database that is not empty, or none" {
	named 1 01 one | wos-decode | wos-apply "$db"
	named 2 01 two | wos-decode | wos-apply "$past"
	run -1 wos-rebuild --into "$past" "$db"
	assert_output --partial "it is not empty"
	run -1 wos-rebuild --into "$db" "$db"
	assert_output --partial "it is not empty"
	assert_equal "$(sql "$past" 'SELECT email FROM "user"')" two
	run -2 wos-rebuild --until 7d "$db"
	assert_line "wos-rebuild: --until: it needs --into"
	run -1 wos-rebuild --into "$want" nothing.db
	assert_output "wos-rebuild: nothing.db: no such database"
}

# bats test_tags=postgres
@test "past: a copy in a database of another kind" {
	{ item 01 one; named 1 01 one; named 2 02 two; } | wos-decode | wos-apply "$db"
	wos-rebuild --into file.db "$db"
	wos-rebuild --into "$past" file.db
	diff <(dump "$db" | sed '/^== sync_cursor/,/^== /{/^== /!d}') \
	    <(dump "$past" | sed '/^== sync_cursor/,/^== /{/^== /!d}')
}
