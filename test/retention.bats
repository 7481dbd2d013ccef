# SPDX-License-Identifier: MIT
# wos-sync and the API's memory: it promises events of 30 days, forgets them
# after 90, and with them the cursor.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's
# shellcheck disable=SC2016	# until_true has it expanded

load helper
load fetch

# user N AGE: the event event_N, of a user made AGE seconds ago.
user() {
	local at

	at=$(date -u -d "@$(($(date +%s) - $2))" +%Y-%m-%dT%H:%M:%S.000Z)
	printf '{"id":"event_%s","event":"user.created","created_at":"%s",' "$1" "$at"
	printf '"data":{"object":"user","id":"user_%s","updated_at":"%s"}}\n' "$1" "$at"
}

days() {
	echo $(($1 * 86400))
}

# ago DAYS: that time, in Unix milliseconds.
ago() {
	echo $((($(date +%s) - $(days "$1")) * 1000))
}

# aged EVENT_AT TAIL_SEEN_AT: what the database knows of its cursor.
aged() {
	sqlite3 app.db "UPDATE sync_cursor SET event_at = $1, tail_seen_at = $2"
}

# known NAME: that fact about the cursor.
known() {
	wos-apply --cursor-info app.db | sed -n "s/^$1 //p"
}

# forgotten: the cursor is at an event that the API does not know.
forgotten() {
	sqlite3 app.db "UPDATE events_cursor SET event_id = 'event_0'" \
	    "UPDATE sync_cursor SET event_id = 'event_0', scope_event_id = 'event_0'"
}

users() {
	sqlite3 app.db 'SELECT id FROM user ORDER BY id' | xargs
}

# synced: a database in step with a file of one event, an hour old.
synced() {
	user 1 3600 >events
	api "$@" events
	wos-sync app.db
}

@test "retention: the end of the stream is noted, also when nothing is new" {
	local first

	synced
	first=$(known tail_seen_at)
	[ "$first" -gt "$(ago 1)" ]
	aged "$(ago 0)" 17
	wos-sync app.db
	[ "$(known tail_seen_at)" -ge "$first" ]
}

@test "retention: no end is noted where the run had another" {
	user 1 3600 >events
	user 2 1800 >>events
	api events
	wos-sync app.db --max 1
	[ -z "$(known tail_seen_at)" ]
	EVENTS_RANGE_END=$(ago 0) wos-sync app.db
	[ -z "$(known tail_seen_at)" ]
	wos-sync app.db --until 1s
	[ -z "$(known tail_seen_at)" ]
	run -75 wos-sync app.db --retries 0 --base-url http://127.0.0.1:9
	[ -z "$(known tail_seen_at)" ]
	wos-sync app.db
	[ -n "$(known tail_seen_at)" ]
}

@test "retention: a cursor of 19 days says nothing, one of 20 is told of" {
	synced
	aged "$(ago 19)" NULL
	run -0 --separate-stderr wos-sync app.db
	[ -z "$stderr" ]
	aged "$(ago 20)" NULL
	run -0 --separate-stderr wos-sync app.db
	[[ $stderr == *'20 days ago; WorkOS keeps events for 30 days'* ]]
	[[ $stderr != *WARNING* ]]
}

@test "retention: from 29 days on it is said loudly" {
	synced
	aged "$(ago 29)" "$(ago 30)"
	run -0 --separate-stderr wos-sync app.db
	[[ $stderr == *'WARNING: 29 days ago'* ]]
}

@test "retention: the age of a cursor without a time is in its id" {
	synced
	sqlite3 app.db "UPDATE sync_cursor SET event_at = NULL, tail_seen_at = NULL,
	    event_id = 'event_01H2GNQD5D7ZE06FDDS75NFPHY'"
	run -4 --separate-stderr wos-sync app.db
	[[ $stderr == *'in step for the last time on 2023-06-09T18:12:01Z'* ]]
}

@test "retention: a quiet account does not age out" {
	synced --after-unknown=400
	# The API knows the cursor's event no more, but nothing came after it.
	forgotten
	aged "$(ago 50)" "$(ago 1)"
	run -0 --separate-stderr wos-sync app.db
	[ -z "$stderr" ]
	[ "$(wos-apply --cursor app.db)" = event_1 ]
	[ -z "$(known gap_from)" ]
	[ "$(asked .query.after | tail -n 1)" = null ]
}

@test "retention: exit 4: the API has forgotten the cursor" {
	synced --after-unknown=400
	forgotten
	aged "$(ago 40)" "$(ago 35)"
	run -4 --separate-stderr wos-sync app.db
	[[ $stderr == *'--resume starts again from'* ]]
	[ "$(wos-apply --cursor app.db)" = event_0 ]
	[ -z "$(known gap_from)" ]
}

# bats test_tags=slow
@test "retention: --resume starts again, and writes the gap down" {
	local tail

	synced --after-unknown=400
	forgotten
	sqlite3 app.db "DELETE FROM user"
	tail=$(ago 35)
	aged "$(ago 40)" "$tail"
	run -0 --separate-stderr wos-sync --resume app.db
	[[ $stderr == *'events between '*' and '*' may be missing'* ]]
	[ "$(known gap_from)" = "$tail" ]
	[ "$(known gap_to)" -ge "$(ago 31)" ]
	[ "$(known gap_to)" -le "$(ago 30)" ]
	[ "$(wos-apply --cursor app.db)" = event_1 ]
	[ "$(users)" = user_1 ]
	# From here on it goes on as ever.
	user 2 60 >>events
	run -0 --separate-stderr wos-sync app.db
	[ -z "$stderr" ]
	[ "$(users)" = 'user_1 user_2' ]
}

@test "retention: --resume from an end that was seen in time has no gap" {
	synced --after-unknown=404
	forgotten
	aged "$(ago 10)" "$(ago 5)"
	run -0 --separate-stderr wos-sync --resume app.db
	[[ $stderr == *'nothing is missing'* ]]
	[ -z "$(known gap_from)" ]
	[ "$(wos-apply --cursor app.db)" = event_1 ]
}

@test "retention: --resume changes nothing while the API knows the cursor" {
	synced
	user 2 60 >>events
	run -0 --separate-stderr wos-sync --resume app.db
	[ -z "$stderr" ]
	[ "$(users)" = 'user_1 user_2' ]
	[ "$(asked .query.after | tail -n 1)" = event_1 ]
}

# bats test_tags=slow
@test "retention: --margin finds an event that was listed late" {
	synced
	# It is older than the cursor's, and the API did not have it then.
	user 0 3700 >late
	cat events >>late
	api_stop
	api late
	wos-sync app.db
	[ "$(users)" = user_1 ]
	wos-sync --margin 5m app.db
	[ "$(users)" = 'user_0 user_1' ]
	[ "$(wos-apply --cursor app.db)" = event_1 ]
}

@test "retention: exit 2: a margin that is no span of time" {
	for margin in 5 m 5x -5m ''; do
		run -2 wos-sync --margin "$margin" app.db
	done
}

@test "sync --follow: events arrive as they happen, SIGTERM ends it with 0" {
	local pid

	synced
	wos-sync --follow=0.1 app.db 3>&- &
	pid=$!
	user 2 60 >>events
	until_true eval '[ "$(users)" = "user_1 user_2" ]'
	kill "$pid"
	wait "$pid"
}

@test "sync --follow: the end of the stream is noted while it stays" {
	local pid

	synced
	aged "$(ago 0)" NULL
	WOS_TAIL_EVERY=0.1 wos-sync --follow=0.1 app.db 3>&- &
	pid=$!
	until_true eval '[ -n "$(known tail_seen_at)" ]'
	[ "$(known tail_seen_at)" -gt "$(ago 1)" ]
	kill "$pid"
	wait "$pid"
}
