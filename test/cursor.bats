#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The cursor of wos-apply moves from one event to another only where it is known
# that the other follows.

load helper
load stream

# apply [OPTION...]: stdin's events into $db; what it says is in err.
# shellcheck disable=SC2154 # newdb makes it
apply() {
	wos-decode | wos-apply "$@" "$db" 2>err
}

# stays EVENT: the message that tells so.
stays() {
	assert_equal "$(cat err)" "wos-apply: the cursor stays at $1: nothing says that these events come after it"
	assert_equal "$(cursor "$db")" "$1"
	assert_equal "$(wos-apply --cursor "$db")" "$1"
}

# moved EVENT: it is there, without a word.
moved() {
	assert_equal "$(cat err)" ""
	assert_equal "$(cursor "$db")" "$1"
	assert_equal "$(wos-apply --cursor "$db")" "$1"
}

# bats test_tags=slow
@test "cursor: where there is none, the stream's last event is it" {
	newdb db
	assert_equal "$(wos-apply --cursor "$db")" ""
	apply </dev/null
	assert_equal "$(wos-apply --cursor "$db")" ""
	users 1 3 | apply
	moved event_3
	newdb db
	users 1 3 | apply --after event_of_another_database
	moved event_3
	newdb db
	users 1 3 | apply --after "" --batch 1
	moved event_3
}

# bats test_tags=slow
@test "cursor: --after the event that it holds moves it along" {
	newdb db
	users 1 3 | apply
	users 4 6 | apply --after event_3
	moved event_6
	users 7 9 | apply --batch 1 --after event_6
	moved event_9
	apply --after event_9 </dev/null
	moved event_9
}

# bats test_tags=slow
@test "cursor: --after another event changes rows, and leaves it" {
	newdb db
	users 1 3 | apply
	users 5 6 | apply --after event_4
	stays event_3
	users 7 8 | apply --after event_2
	stays event_3
	users 9 9 | apply --after EVENT_3
	stays event_3
	assert_equal "$(ids "$db")" "user_1 user_2 user_3 user_5 user_6 user_7 user_8 user_9"
}

# bats test_tags=slow
@test "cursor: a range, or an old file, changes rows, and leaves it" {
	newdb db
	users 5 6 | apply
	users 1 3 | apply
	stays event_6
	users 8 9 | apply --batch 1
	stays event_6
	assert_equal "$(ids "$db")" "user_1 user_2 user_3 user_5 user_6 user_8 user_9"
}

# bats test_tags=slow
@test "cursor: a stream that passes it takes it along from there" {
	newdb db
	users 1 3 | apply
	users 2 5 | apply
	moved event_5
	users 5 7 | apply --batch 1
	moved event_7
	users 1 9 | apply --batch 2 --after event_1
	moved event_9
	# Up to it, and no further.
	users 4 9 | apply
	moved event_9
	users 9 9 | apply
	moved event_9
}

@test "cursor: what passes it may be in one file, what follows in the next" {
	newdb db
	users 1 3 | apply
	users 2 3 | wos-decode >one.sql
	users 4 5 | wos-decode >two.sql
	wos-apply "$db" one.sql two.sql 2>err
	moved event_5
}

@test "cursor: the whole stream again leaves it where it was" {
	newdb db
	users 1 9 | apply
	for batch in 1 4 1000; do
		users 1 9 | apply --batch "$batch"
		moved event_9
	done
}

# bats test_tags=slow
@test "cursor: --no-cursor moves none" {
	newdb db
	users 1 3 | apply --no-cursor
	assert_equal "$(wos-apply --cursor "$db")" ""
	users 1 3 | apply
	users 4 5 | apply --no-cursor --after event_3
	moved event_3
}

# bats test_tags=slow
@test "cursor: --cursor-name keeps several apart" {
	newdb db
	users 1 3 | apply
	users 4 6 | apply --cursor-name staging
	users 7 8 | apply --cursor-name staging --after event_6
	users 9 9 | apply --after event_3
	assert_equal "$(wos-apply --cursor --cursor-name staging "$db")" event_8
	assert_equal "$(wos-apply --cursor --cursor-name default "$db")" event_9
	assert_equal "$(wos-apply --cursor --cursor-name "no'ne" "$db")" ""
	users 10 10 | apply --cursor-name "no'ne"
	assert_equal "$(wos-apply --cursor --cursor-name "no'ne" "$db")" event_10
	users 11 11 | apply --cursor-name staging --after event_9
	assert_equal "$(cat err)" "wos-apply: the cursor stays at event_8: nothing says that these events come after it"
}

@test "cursor: it knows its event's time, and when it moved" {
	newdb db
	users 1 3 | apply
	assert_equal "$(sql "$db" 'SELECT event_at FROM sync_cursor')" 1767225780000
	now=$(date +%s)
	at=$(sql "$db" 'SELECT moved_at FROM sync_cursor')
	((at / 1000 <= now && at / 1000 > now - 60))
	# One that is parked has its time in its name, or none.
	echo '{"id":"event_01KD8Z96BMTAXC8Z9VAQJEYJPW"}' |
	    apply --after event_3 || [ $? -eq 3 ]
	assert_equal "$(sql "$db" 'SELECT event_id, event_at FROM sync_cursor')" \
	    "event_01KD8Z96BMTAXC8Z9VAQJEYJPW|1766606543220"
	echo '{"id":"event_4"}' |
	    apply --after event_01KD8Z96BMTAXC8Z9VAQJEYJPW || [ $? -eq 3 ]
	assert_equal "$(sql "$db" 'SELECT event_id, event_at FROM sync_cursor')" "event_4|"
}

# bats test_tags=slow
@test "cursor: it passes a parked event, but not what has no event's id" {
	newdb db
	{
		users 1 2
		echo '{"id":"event_3","event":"user.created"}'
	} | apply || [ $? -eq 3 ]
	moved event_3
	{
		users 4 4
		echo 'no event at all'
	} | apply --after event_3 || [ $? -eq 3 ]
	moved event_4
	{
		echo '{"event":"user.created","data":{}}'
	} | apply --after event_4 || [ $? -eq 3 ]
	moved event_4
	group parked:mine | wos-apply --after event_4 "$db"
	moved event_4
}

@test "cursor: it passes what the database refuses" {
	newdb db
	wos-apply "$db" </dev/null
	forbid "$db" user 'not now'
	for batch in 1 2 1000; do
		users 1 3 | apply --batch "$batch" --after "$(wos-apply --cursor "$db")" ||
		    [ $? -eq 3 ]
		assert_equal "$(cursor "$db")" event_3
	done
}

@test "cursor: a cut stream leaves it at the last whole event" {
	newdb db
	users 1 3 | wos-decode | sed '$d' >cut.sql
	for batch in 1 2 1000; do
		run -1 wos-apply --batch "$batch" --after "$(wos-apply --cursor "$db")" \
		    "$db" cut.sql
		assert_equal "$(cursor "$db")" event_2
	done
}

@test "cursor: who loses a race leaves it alone" {
	newdb db
	users 1 3 | apply
	feed slow wos-apply --after event_3 "$db"
	users 4 4 | wos-decode >&"$FEED"
	until_sql "$db" event_4 'SELECT event_id FROM sync_cursor'
	users 5 6 | apply --after event_4
	moved event_6
	users 7 8 | wos-decode >&"$FEED"
	until_sql "$db" 8 'SELECT count(*) FROM "user"'
	users 9 9 | wos-decode >&"$FEED"
	ended
	assert_equal "$(cat slow.err)" \
	    "wos-apply: another program has moved the cursor: it is left alone"
	assert_equal "$(cursor "$db")" event_6
	assert_equal "$(sql "$db" 'SELECT count(*) FROM "user"')" 9
}

@test "cursor: who loses the race for the first one leaves it alone, too" {
	newdb db
	wos-apply "$db" </dev/null
	feed slow wos-apply "$db"
	# It has looked, and found none, when its first event is there.
	group no_event >&"$FEED"
	group parked:x "INSERT INTO \"user\" (\"id\") VALUES ('x');" >&"$FEED"
	until_sql "$db" x 'SELECT id FROM "user"'
	sql "$db" "UPDATE sync_cursor SET event_id = 'event_6'"
	users 7 8 | wos-decode >&"$FEED"
	ended
	assert_equal "$(cat slow.err)" \
	    "wos-apply: another program has moved the cursor: it is left alone"
	assert_equal "$(cursor "$db")" event_6
	assert_equal "$(ids "$db")" "x user_7 user_8"
}

@test "cursor: a cursor that is taken away is not made again" {
	newdb db
	users 1 3 | apply
	feed slow wos-apply --after event_3 "$db"
	users 4 4 | wos-decode >&"$FEED"
	until_sql "$db" event_4 'SELECT event_id FROM sync_cursor'
	sql "$db" 'DELETE FROM sync_cursor'
	users 5 5 | wos-decode >&"$FEED"
	ended
	assert_equal "$(cat slow.err)" \
	    "wos-apply: another program has moved the cursor: it is left alone"
	assert_equal "$(wos-apply --cursor "$db")" ""
}

@test "cursor: many writers with the same events never move it back" {
	newdb db
	users 1 100 | apply
	users 101 400 | wos-decode >in.sql
	for batch in 1 7 20; do
		wos-apply --batch "$batch" --after event_100 --busy-timeout 300000 \
		    "$db" in.sql 2>>err &
		STARTED+=($!)
	done
	last=100
	for pid in "${STARTED[@]}"; do
		while kill -0 "$pid" 2>/dev/null; do
			at=$(wos-apply --cursor "$db")
			[ "${at#event_}" -ge "$last" ]
			last=${at#event_}
		done
	done
	assert_equal "$(cursor "$db")" event_400
	assert_equal "$(sql "$db" 'SELECT count(*) FROM events_cursor')" 400
}

# bats test_tags=slow
@test "cursor: -v says where it is" {
	newdb db
	users 1 2 | apply -v
	assert_equal "$(tail -n 1 err | without_requests)" "wos-apply: 2 events in 1 batches, 0 parked; rows: user 2; cursor event_2"
	users 3 3 | apply -v --no-cursor
	assert_equal "$(tail -n 1 err | without_requests)" "wos-apply: 1 events in 1 batches, 0 parked; rows: user 1; cursor left alone"
	newdb db
	apply -v </dev/null
	assert_equal "$(tail -n 1 err | without_requests)" "wos-apply: 0 events in 0 batches, 0 parked; cursor not set"
}
