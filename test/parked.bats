#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What can't be decoded, and what the database refuses, is parked: it stops
# nothing, it does not vanish, and it can be taken through again.

load helper
load stream

# Lines that wos-decode parks: with an event's id, and without.
bad='{"id":"event_2","event":"user.created","data":{"id":"user_2","updated_at":"soon"},"created_at":"2026-01-01"}'
worse="no event: it's \"x\"; DROP TABLE \"user\"; --"

# parked [COLUMN...]: what is parked.
# shellcheck disable=SC2154 # newdb makes it
parked() {
	sql "$db" "SELECT ${*:-id} FROM parked_event ORDER BY id"
}

# bats test_tags=slow
@test "parked: a line that can't be decoded stops nothing and keeps its text" {
	newdb db
	{
		users 1 1
		echo "$bad"
		echo "$worse"
		users 3 3
	} >in.jsonl
	run -3 --separate-stderr wos-decode in.jsonl
	wos-decode in.jsonl 2>/dev/null >in.sql || [ $? -eq 3 ]
	run -3 --separate-stderr wos-apply -v "$db" in.sql
	# shellcheck disable=SC2154
	assert_equal "$(without_requests <<<"${stderr_lines[1]}")" "wos-apply: 4 events in 1 batches, 2 parked; rows: parked_event 2, user 2; cursor event_3"
	assert_equal "$(ids "$db")" "user_1 user_3"
	assert_equal "$(sql "$db" "SELECT event_id, kind, text, reason
		FROM parked_event ORDER BY event_id NULLS LAST")" \
	    "event_2|line|$bad|user_2: updated_at is not a time
|line|$worse|not JSON: byte 1: expected a value"
	assert_equal "$(sql "$db" 'SELECT count(*) FROM events_cursor')" 2
	now=$(date +%s)
	for at in $(parked parked_at); do
		((at / 1000 <= now && at / 1000 > now - 60))
	done
}

# bats test_tags=slow
@test "parked: by wos-decode and by the database, in one stream" {
	newdb db
	wos-apply "$db" </dev/null
	forbid "$db" user 'not here'
	users 1 2 | sed "1a $worse" >in.jsonl
	for batch in 1 1000; do
		wos-decode in.jsonl 2>/dev/null >in.sql || [ $? -eq 3 ]
		run -3 wos-apply --batch "$batch" "$db" in.sql
		assert_equal "$(parked kind | sort | xargs)" 'line line line'
		assert_equal "$(cursor "$db")" event_2
	done
}

# bats test_tags=slow
@test "parked: the same line twice is one row" {
	newdb db
	for batch in 1 2 1000; do
		printf '%s\n' "$bad" "$worse" "$bad" "$worse" |
		    wos-decode 2>/dev/null >in.sql || [ $? -eq 3 ]
		run -3 wos-apply --batch "$batch" "$db" in.sql
		assert_equal "$(parked | wc -l)" 2
	done
	# Also where the database refuses what was parked before for another reason.
	user 4 >in.jsonl
	wos-decode in.jsonl >in.sql
	forbid "$db" user first
	run -3 wos-apply "$db" in.sql
	permit "$db" user
	forbid "$db" user second
	run -3 wos-apply "$db" in.sql
	assert_equal "$(sql "$db" "SELECT count(*), min(reason) FROM parked_event
		WHERE event_id = 'event_4'")" "1|second"
}

# bats test_tags=slow
@test "parked: --parked lists them, and shows no control bytes" {
	newdb db
	printf '%s\n' "$bad" "$worse" | wos-decode 2>/dev/null >in.sql || [ $? -eq 3 ]
	run -3 wos-apply "$db" in.sql
	wos-apply --parked "$db" >out
	assert_equal "$(cut -f 1 out | sort)" "$(parked)"
	assert_equal "$(cut -f 2,4 out | sort)" "-	not JSON: byte 1: expected a value
event_2	user_2: updated_at is not a time"
	cut -f 3 out | while read -r when; do
		[[ $when =~ ^20[0-9-]{8}T[0-9:]{8}\.[0-9]{3}Z$ ]]
		[ $(($(date +%s) - $(date -d "$when" +%s))) -lt 60 ]
	done
	sql "$db" 'DELETE FROM parked_event'
	assert_equal "$(wos-apply --parked "$db")" ""
	group x "INSERT INTO \"parked_event\" (\"id\",\"event_id\",\"kind\",\"text\",\"reason\",\"parked_at\")
		VALUES ('a
b','c	d','line','e','$(printf 'f\33[31mg\nh')',0);" | wos-apply "$db" || [ $? -eq 3 ]
	assert_equal "$(wos-apply --parked "$db")" \
	    'a\x0Ab	c\x09d	1970-01-01T00:00:00.000Z	f\x1B[31mg\x0Ah'
}

# bats test_tags=slow
@test "parked: what was parked as SQL is parked no more when its event is applied" {
	local id

	newdb db
	wos-apply "$db" </dev/null
	# As SQL, though it has a line, as another version may have done it.
	user 1 | wos-decode >in.sql
	id=parked:$(printf %s "$(<in.sql)" | sha256sum | head -c 32)
	sql "$db" "INSERT INTO parked_event (id, event_id, kind, text, reason)
	    VALUES ('$id', 'event_1', 'group', 'x', 'y')"
	wos-apply "$db" in.sql
	assert_equal "$(parked)" ''
}

@test "parked: what looks like a file of another kind is taken through again" {
	local line='{"object":"list","data":[]}'

	newdb db
	{ user 1 && echo "$line"; } | wos-decode 2>/dev/null >in.sql || (($? == 3))
	run -3 wos-apply "$db" in.sql
	run -3 wos-apply --parked-retry "$db"
	refute_output --partial 'wos-decode has failed'
	assert_equal "$(parked | wc -l)" 1
}

# several: 450 lines and two groups are parked, the lines on three days.
several() {
	awk 'BEGIN { for (n = 1; n <= 450; n++) print "{\"n\":" n "}" }' >bad
	wos-decode bad 2>/dev/null >in.sql || (($? == 3))
	group event_g1 'DROP TABLE "user";' >>in.sql
	group event_g2 'DROP TABLE "group";' >>in.sql
	run -3 wos-apply "$db" in.sql
	sql "$db" "UPDATE parked_event SET parked_at = 1793491200000
	    WHERE text LIKE '%1}'" "UPDATE parked_event SET parked_at = 1793577600000
	    WHERE text LIKE '%2}'"
}

# bats test_tags=slow
@test "parked: --parked-drop-all prints and forgets those of a kind" {
	newdb db
	several
	wos-apply --parked --kind group "$db" >out
	assert_equal "$(cut -f 2 out | sort | xargs)" 'event_g1 event_g2'
	run -0 --separate-stderr wos-apply -v --parked-drop-all --kind line "$db"
	assert_equal "${stderr_lines[1]}" 'wos-apply: 450 are parked no more'
	diff <(sort bad) <(sort <<<"$output")
	assert_equal "$(wos-apply --parked "$db")" "$(<out)"
	run -0 wos-apply --parked-drop-all --kind line "$db"
	assert_output ''
	run -0 wos-apply --parked-drop-all "$db"
	assert_line --partial 'DROP TABLE "user"'
	assert_equal "$(parked)" ''
}

# bats test_tags=slow
@test "parked: --parked-drop-all forgets what was parked before a time" {
	local time

	newdb db
	several
	assert_equal "$(wos-apply --parked --before 2026-11-01 "$db" | wc -l)" 0
	for time in 2026-11-01T00:00:00.001Z 1793491200001 '2026-11-01 00:00:01'; do
		assert_equal "$(wos-apply --parked --before "$time" "$db" | wc -l)" 45
	done
	wos-apply --parked-drop-all --before 2026-11-02 --kind group "$db" >out
	[ ! -s out ]
	wos-apply --parked-drop-all --before 2026-11-02 "$db" >out
	diff <(grep '1}' bad | sort) <(sort out)
	assert_equal "$(parked | wc -l)" 407
}

@test "parked: what can't be printed is not forgotten, of many either" {
	newdb db
	several
	# shellcheck disable=SC2016 # the other shell expands it
	run -1 bash -c 'wos-apply --parked-drop-all "$1" >/dev/full' - "$db"
	assert_equal "$(parked | wc -l)" 452
}

@test "parked: a choice is for what takes one, and of what there is" {
	for options in '--kind line --export' '--before 2026-11-01 --cursor' '--kind line' \
	    '--parked --kind lines' '--parked --before never' '--parked-drop-all --before 1x' \
	    '--parked-drop x --kind line'; do
		# shellcheck disable=SC2086
		run -2 wos-apply $options app.db
	done
	[ ! -e app.db ]
}

# bats test_tags=slow
@test "parked: --parked-drop prints one and forgets it" {
	newdb db
	printf '%s\n' "$bad" "$worse" | wos-decode 2>/dev/null >in.sql || [ $? -eq 3 ]
	run -3 wos-apply "$db" in.sql
	run -1 --separate-stderr wos-apply --parked-drop event_9 "$db"
	assert_output ""
	assert_regex "$stderr" ": nothing is parked as event_9$"
	run -0 wos-apply --parked-drop event_2 "$db"
	assert_output "$bad"
	id=$(parked)
	if [[ -e /dev/full ]]; then
		# shellcheck disable=SC2016 # the inner shell expands it
		run -1 bash -c 'wos-apply --parked-drop "$1" "$2" >/dev/full' - "$id" "$db"
		assert_equal "$(parked)" "$id"
	fi
	run -0 wos-apply --parked-drop "$id" "$db"
	assert_output "$worse"
	assert_equal "$(parked)" ""
	run -1 wos-apply --parked-drop "$id" "$db"
}

# bats test_tags=slow
@test "parked: --parked-retry leaves what still is no event" {
	newdb db
	printf '%s\n' "$bad" "$worse" | wos-decode 2>/dev/null >in.sql || [ $? -eq 3 ]
	run -3 wos-apply "$db" in.sql
	before=$(dump "$db")
	run -3 wos-apply --parked-retry "$db"
	assert_equal "$(dump "$db")" "$before"
}

@test "parked: --parked-retry takes through what can be decoded now" {
	newdb db
	users 1 1 | wos-decode | wos-apply "$db"
	# As an older wos-decode would have parked it.
	user 2 "it's" >line
	event event_3 user.deleted 2026-01-02T00:00:00Z '{"id":"user_1"}' >>line
	while read -r text; do
		id=$(printf '%s' "$text" | sha256sum | cut -c 1-32)
		sql "$db" "INSERT INTO parked_event (id, kind, text, reason)
			VALUES ('parked:$id', 'line', '${text//\'/\'\'}', 'of old')"
	done <line
	sql "$db" "INSERT INTO parked_event (id, kind, text, reason)
		VALUES ('parked:x', 'beginning', 'x', 'too long')"
	cursor=$(cursor "$db")
	run -0 wos-apply --parked-retry "$db"
	assert_output ""
	assert_equal "$(parked)" "parked:x" # which can't be taken through
	assert_equal "$(sql "$db" 'SELECT id, email FROM "user"')" "user_2|it's"
	assert_equal "$(sql "$db" 'SELECT count(*) FROM events_cursor')" 3
	assert_equal "$(cursor "$db")" "$cursor"
}

# bats test_tags=slow
@test "parked: --parked-retry takes through what the database takes now" {
	newdb db
	wos-apply "$db" </dev/null
	forbid "$db" user 'not now'
	users 1 9 >in.jsonl
	wos-decode in.jsonl >in.sql
	run -3 wos-apply "$db" in.sql
	assert_equal "$(parked kind,reason | uniq -c | tr -s ' ')" " 9 line|not now"
	run -3 wos-apply --parked-retry "$db"
	assert_equal "$(parked | wc -l)" 9
	permit "$db" user
	run -0 wos-apply --parked-retry "$db"
	assert_equal "$(parked)" ""
	newdb want
	# shellcheck disable=SC2154
	wos-decode in.jsonl | wos-apply "$want"
	sql "$db" 'DELETE FROM sync_cursor'
	sql "$want" 'DELETE FROM sync_cursor'
	diff <(dump "$want") <(dump "$db")
}

@test "parked: a group made by hand is parked and taken through by its SQL" {
	newdb db
	wos-apply "$db" </dev/null
	forbid "$db" user 'not now'
	{
		group bare "INSERT INTO \"user\" (\"id\") VALUES ('it''s');"
		# Two lines would come back as two.
		group lines "INSERT INTO \"events_cursor\" (\"event_id\",\"event_payload\",\"created_at\") VALUES ('lines','two
lines',7);" "INSERT INTO \"user\" (\"id\") VALUES ('two');"
		group other "INSERT INTO \"role\" (\"slug\") VALUES ('fine');"
		# The refusal comes before the line.
		group event_3 "INSERT INTO \"user\" (\"id\") VALUES ('user_3');" \
		    "INSERT INTO \"events_cursor\" (\"event_id\",\"event_payload\",\"created_at\") VALUES ('event_3','$(user 3)',7);"
	} >in.sql
	run -3 wos-apply "$db" in.sql
	assert_equal "$(sql "$db" "SELECT event_id, kind FROM parked_event ORDER BY event_id")" \
	    "bare|group
event_3|line
lines|group"
	run -3 wos-apply --parked-retry "$db"
	assert_equal "$(parked | wc -l)" 3
	permit "$db" user
	run -0 wos-apply --parked-retry "$db"
	assert_equal "$(parked)" ""
	assert_equal "$(ids "$db")" "two it's user_3"
	assert_equal "$(sql "$db" 'SELECT count(*) FROM events_cursor')" 2
}

@test "parked: the event itself, when it comes again, ends it" {
	newdb db
	wos-apply "$db" </dev/null
	forbid "$db" user 'not now'
	users 1 3 | wos-decode >in.sql
	run -3 wos-apply "$db" in.sql
	permit "$db" user
	sed -n 5,8p in.sql >2.sql
	wos-apply "$db" 2.sql 2>/dev/null
	assert_equal "$(sql "$db" 'SELECT event_id FROM parked_event ORDER BY 1')" "event_1
event_3"
	wos-apply --batch 1 "$db" in.sql 2>/dev/null
	assert_equal "$(parked)" ""
}

# bats test_tags=slow
@test "parked: an event that comes again, corrected, is parked no more" {
	newdb db
	user 2 >good.jsonl
	echo "$bad" >bad.jsonl
	for batch in 1 1000; do
		run -3 decode_and_apply bad.jsonl
		assert_equal "$(parked event_id)" event_2
		# Another event ends nothing, whatever it says.
		sed 's/event_2/event_3/' good.jsonl >other.jsonl
		decode_and_apply other.jsonl
		assert_equal "$(parked event_id)" event_2
		decode_and_apply good.jsonl
		assert_equal "$(parked)" ""
		# The bad copy that comes late finds it applied.
		run -3 decode_and_apply bad.jsonl
		assert_equal "$(parked)" ""
		assert_equal "$(ids "$db")" user_2
		newdb db
	done
	# In one stream, both ways.
	cat bad.jsonl good.jsonl >both.jsonl
	run -3 decode_and_apply both.jsonl
	assert_equal "$(parked)" ""
	newdb db
	cat good.jsonl bad.jsonl >both.jsonl
	run -3 decode_and_apply both.jsonl
	assert_equal "$(parked)" ""
}

# decode_and_apply FILE: in batches of $batch.
decode_and_apply() {
	wos-decode "$1" 2>/dev/null >one.sql || [ $? -eq 3 ]
	wos-apply --batch "${batch-1000}" --no-cursor "$db" one.sql
}

@test "parked: what the database refused is parked no more when it comes corrected" {
	newdb db
	wos-apply "$db" </dev/null
	forbid "$db" user 'not this' "(NEW.email = 'bad@example.com')"
	user 2 bad@example.com >bad.jsonl
	user 2 good@example.com >good.jsonl
	run -3 decode_and_apply bad.jsonl
	assert_equal "$(parked reason)" 'not this'
	decode_and_apply good.jsonl
	assert_equal "$(parked)" ""
	run -3 decode_and_apply bad.jsonl
	assert_equal "$(parked)" ""
	assert_equal "$(sql "$db" 'SELECT email FROM "user"')" good@example.com
}

@test "parked: --parked-retry forgets what an older version had not, once corrected" {
	newdb db
	user 2 | wos-decode | wos-apply "$db"
	sql "$db" "INSERT INTO parked_event (id, event_id, kind, text, reason)
		VALUES ('parked:1', 'event_2', 'line', '$bad', 'of old')"
	wos-apply --parked-retry "$db"
	assert_equal "$(parked)" ""
}

# bats test_tags=slow
@test "parked: later events of the same object are safe" {
	newdb db
	wos-apply "$db" </dev/null
	forbid "$db" user 'not now'
	user 1 old@example.com | wos-decode >1.sql
	run -3 wos-apply "$db" 1.sql
	permit "$db" user
	user 1 new@example.com | sed 's/event_1/event_2/; s/T00:01/T00:02/g' |
	    wos-decode | wos-apply --after event_1 "$db"
	run -0 wos-apply --parked-retry "$db"
	assert_equal "$(sql "$db" 'SELECT email FROM "user"')" new@example.com
	assert_equal "$(parked)" ""
	assert_equal "$(sql "$db" 'SELECT count(*) FROM events_cursor')" 2
}

@test "parked: what changes a database makes none" {
	newdb db
	for option in --parked-retry '--parked-drop x' '--tail-seen 1' '--gap 1:2'; do
		# shellcheck disable=SC2086 # two words
		run -1 wos-apply $option "$db"
		assert_output "wos-apply: $db: no such database"
	done
	[[ $db == service=* || ! -e $db ]]
	assert_equal "$(wos-apply --status "$db" | grep -c ^table)" 0
}

# bats test_tags=slow
@test "parked: of many, the first are told, and how many more" {
	newdb db
	wos-apply "$db" </dev/null
	forbid "$db" user 'not now'
	users 1 15 | wos-decode >1.sql
	users 16 30 | wos-decode >2.sql
	for batch in 1 7 1000; do
		run -3 wos-apply --batch "$batch" "$db" 1.sql 2.sql
		assert_equal "${#lines[@]}" 21
		# D1 says only which event it is.
		[[ $DBKIND != d1 ]] || line=17
		assert_line --index 19 "wos-apply: 2.sql: event_20: line ${line-19}: not now: parked"
		assert_line --index 20 "wos-apply: 10 more events were parked"
	done
	run -3 wos-apply --parked-retry "$db"
	assert_line --index 20 "wos-apply: 10 more events were parked"
	users 1 20 | wos-decode >3.sql
	run -3 wos-apply --no-cursor "$db" 3.sql
	assert_equal "${#lines[@]}" 20
	yes x | head -n 15 >no.jsonl
	run -3 --separate-stderr wos-decode no.jsonl no.jsonl
	assert_equal "${#stderr_lines[@]}" 21
	assert_equal "${stderr_lines[19]}" "wos-decode: no.jsonl: line 5: not JSON: byte 1: expected a value"
	assert_equal "${stderr_lines[20]}" "wos-decode: 10 more lines were parked"
}

# bats test_tags=slow
@test "parked: no wos-decode, no retry, and nothing lost" {
	newdb db
	printf '%s\n' "$bad" | wos-decode 2>/dev/null >in.sql || [ $? -eq 3 ]
	run -3 wos-apply "$db" in.sql
	mkdir bin
	cp "$(command -v wos-apply)" bin
	# A script in its place needs a shell, which a confined program can't start.
	printf '#!/bin/sh\nexit 1\n' >bin/wos-decode
	chmod +x bin/wos-decode
	WOS_SANDBOX=off run -1 --separate-stderr bin/wos-apply --parked-retry "$db"
	assert_equal "$stderr" "wos-apply: wos-decode has failed"
	printf '#!/bin/sh\necho "SAVEPOINT \\"x\\";"\n' >bin/wos-decode
	WOS_SANDBOX=off run -1 --separate-stderr bin/wos-apply --parked-retry "$db"
	assert_regex "$stderr" "cut short"
	rm bin/wos-decode
	run -1 --separate-stderr env PATH=/none "$PWD/bin/wos-apply" --parked-retry "$db"
	assert_equal "$stderr" "wos-apply: wos-decode: No such file or directory"
	assert_equal "$(parked | wc -l)" 1
}

# bats test_tags=slow
@test "parked: many of them" {
	newdb db
	for n in {1..400}; do
		printf 'no event %s\n' "$n"
	done >in.jsonl
	wos-decode in.jsonl >in.sql 2>/dev/null || [ $? -eq 3 ]
	run -3 wos-apply "$db" in.sql
	run -3 --separate-stderr wos-apply --parked-retry "$db"
	assert_equal "$(parked | wc -l)" 400
	assert_equal "$(wos-apply --parked "$db" | wc -l)" 400
}
