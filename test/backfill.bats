# SPDX-License-Identifier: MIT
# wos-sync lists everything before the first events, and --list again: objects
# that no event speaks of, lists that do not end, two runs beside each other.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's
# shellcheck disable=SC2016	# until_true has it expanded

# bats file_tags=slow

load helper
load fetch
load stream
load sync

setup() {
	wos_setup
	unset WOS_LIST
	export XDG_RUNTIME_DIR=$PWD
}

# world [workos-api options]: an environment of which most events are listed no
# more.
world() {
	[ -e all.jsonl ] || make_world 4 30
	api "$@" --before before.jsonl events.jsonl
}

# sync [wos-sync options] DB [wos-fetch options]: quickly, and a request at a
# time.
sync() {
	wos-sync "$@" --rate 1000 --jobs 1 --retry-pause 1
}

# content DB: the lines of lists, without their time, the events, and how many
# rows there are of what.
content() {
	local table

	wos-apply --export "$1" | jq -c 'del(.listed_at)' | sort
	for table in user organization organization_membership organization_domain \
	    invitation connection directory directory_user directory_group \
	    group group_member feature_flag permission role listing; do
		echo "$table $(sql "$1" "SELECT count(*) FROM \"$table\"")"
	done
}

# paths: what was asked, but for the events.
paths() {
	asked .path | grep -v '^/events' || :
}

# last_event: the id of the newest.
last_event() {
	tail -n 1 all.jsonl | jq -r .id
}

# The first run.

@test "backfill: the first run lists, and then reads the events" {
	newdb app
	world
	run -0 --separate-stderr sync "$app"
	assert_output ''
	[ -z "$stderr" ]
	wos-decode all.jsonl | wos-apply all.db
	for table in user organization organization_membership connection \
	    directory_user group feature_flag; do
		sql all.db "SELECT id FROM \"$table\" ORDER BY id" >want
		[ -s want ]
		sql "$app" "SELECT id FROM \"$table\" ORDER BY id" | diff want -
	done
	[ "$(wos-apply --cursor "$app")" = "$(last_event)" ]
	[ "$(sql "$app" 'SELECT count(*) FROM listing')" = 0 ]
	# All lists come before the first event, and no event before its time.
	[ "$(asked .path | grep -n /events | cut -d : -f 1)" = "$(requests)" ]
	[ "$(asked 'select(.path == "/events").query.after')" = null ]
	sync "$app"
	# Nothing is listed again.
	[ "$(asked 'select(.query.limit).path' | tail -n 2 | xargs)" = '/events /events' ]
}

@test "backfill: --no-list leaves it out, and so does the environment" {
	newdb one two
	world
	sync --no-list "$one"
	WOS_LIST=no sync "$two"
	[ -z "$(paths)" ]
	diff <(content "$one") <(content "$two")
	[ "$(sql "$one" 'SELECT count(*) FROM listed_object')" = 0 ]
	# There are objects now: it is no new database any more.
	sync "$one"
	[ "$(paths | grep -vE '/(users|organizations)/[a-z]+_' )" = '' ]
	WOS_LIST=yes run -2 sync "$two"
	assert_output --partial 'WOS_LIST: yes'
}

@test "backfill: who asks for some events gets them, and no lists" {
	local n=0 option

	world
	for option in --since=3650d --events=user.created --except=user.deleted \
	    --until=2030-01-01 --max=5 --organization=org_1; do
		newdb "app$((++n))"
		eval "sync \"\$app$n\" $option" || :
	done
	newdb range
	EVENTS_RANGE_START=2020-01-01 sync "$range"
	wos-sync "$app1" --from events.jsonl
	[ -z "$(paths)" ]
}

@test "backfill: an environment without an event is listed once" {
	newdb app
	: >none.jsonl
	api none.jsonl
	sync "$app"
	[ -n "$(paths)" ]
	: >"$LOG"
	sync "$app"
	[ "$(asked .path)" = /events ]
}

@test "backfill: -v and a terminal hear what is done" {
	world
	run -0 --separate-stderr sync -v one.db
	[[ $stderr == *'one.db: listing all objects before the events'* ]]
	run -0 "$ROOT/test/terminal" wos-sync two.db --rate 1000
	assert_output --partial 'two.db: listing all objects before the events'
	run -0 "$ROOT/test/terminal" wos-sync two.db
	refute_output --partial 'listing'
}

@test "backfill: --follow lists before it stays" {
	newdb app
	world
	wos-sync --follow=0.1 --metrics wos.prom "$app" --rate 1000 3>&- &
	STARTED+=($!)
	until_true eval '[[ $(wos-apply --cursor-info "$app") == *tail_seen_at* ]]'
	kill %1
	wait %1
	wos-decode all.jsonl | wos-apply all.db
	[ "$(sql "$app" 'SELECT count(*) FROM "user"')" = \
	    "$(sql all.db 'SELECT count(*) FROM "user"')" ]
	grep -q '^wos_cursor_age_seconds' wos.prom
}

# Lists that do not end.

@test "backfill: what the API refuses to list is told once, and fails nothing" {
	newdb app
	world --list-status 403:/connections --list-status 404:/agents/ \
	    --list-status 422:/directory_users
	run -0 --separate-stderr sync "$app"
	[ "$(grep -c 'connection: not listed: 403' <<<"$stderr")" = 1 ]
	[ "$(wc -l <<<"$stderr")" = 6 ]
	[ "$(wos-apply --cursor "$app")" = "$(last_event)" ]
	run -0 --separate-stderr sync "$app"
	[ -z "$stderr" ]
}

@test "backfill: a list that fails holds up no event, and is listed by the next run" {
	newdb app
	world --list-status 500:/connections
	run --separate-stderr sync "$app" --retries 0
	[ "$status" = 75 ] || [ "$status" = 1 ]
	[[ $stderr == *'/connections'* ]]
	[ "$(wos-apply --cursor "$app")" = "$(last_event)" ]
	[ "$(sql "$app" 'SELECT count(*) FROM listing')" = 1 ]
	cp "$LOG" before.log
	api_stop
	world
	run -0 --separate-stderr sync "$app"
	[ -z "$stderr" ]
	paths | grep -qx /connections
	run ! grep -qx /user_management/users <(paths)
	newdb whole
	sync "$whole"
	diff <(content "$whole") <(content "$app")
}

# interrupted AT: the API is gone from that request on; the next run goes on.
interrupted() {
	newdb app
	world --fault "$1+:503"
	run -75 sync "$app" --retries 0
	[ -z "$(wos-apply --cursor "$app")" ]
	api_stop
	world
	run -0 --separate-stderr sync "$app"
	[ -z "$stderr" ]
	[ "$(wos-apply --cursor "$app")" = "$(last_event)" ]
	diff want <(content "$app")
	api_stop
}

@test "backfill: interrupted at some requests, it goes on" {
	local at

	newdb whole
	world
	sync "$whole"
	content "$whole" >want
	api_stop
	for at in 1 3 20; do
		interrupted "$at"
	done
}

# bats test_tags=slow
@test "backfill: interrupted at any request, it goes on" {
	local at last

	newdb whole
	world
	sync "$whole"
	content "$whole" >want
	last=$(requests)
	api_stop
	for ((at = 1; at <= last; at++)); do
		interrupted "$at"
	done
}

@test "backfill: lists that have ended are not asked for again" {
	newdb app
	world
	sync "$app"
	[ "$(paths | grep -cx /user_management/users)" = 1 ]
	wos-apply --list-begin "$app" >ended
	[ ! -s ended ]
	wos-apply --list-end "$app"
	newdb app
	api_stop
	world --list-status 500:/agents/sessions
	run sync "$app" --retries 0
	api_stop
	world
	sync "$app"
	run ! grep -xE '/user_management/(users|invitations)|/authorization/(permissions|roles)' \
	    <(paths)
	paths | grep -qx /agents/sessions
}

@test "backfill: stopped by a signal, or killed, it goes on" {
	local signal

	newdb whole
	world
	sync "$whole"
	content "$whole" >want
	api_stop
	for signal in TERM KILL; do
		newdb app
		world --fault 9+:hang
		wos-sync "$app" --rate 1000 --jobs 1 3>&- &
		STARTED+=($!)
		until_true eval '[ "$(requests)" -ge 9 ]'
		kill -s "$signal" $!
		wait $! || :
		api_stop
		world
		until_true wos-sync --log-format json "$app" --rate 1000 2>err
		diff want <(content "$app")
		api_stop
	done
}

# Again, by hand.

@test "backfill: --list lists again, and the cursor stays" {
	newdb app
	world
	sync --no-list "$app"
	cursor=$(wos-apply --cursor-info "$app")
	: >"$LOG"
	run -0 --separate-stderr sync --list "$app"
	assert_output ''
	[ -z "$stderr" ]
	[ "$(asked .path | grep -c /events)" = 0 ]
	[ "$(wos-apply --cursor-info "$app")" = "$cursor" ]
	[ "$(sql "$app" 'SELECT count(*) FROM listing')" = 0 ]
	newdb whole
	sync "$whole"
	diff <(content "$whole") <(content "$app")
	: >"$LOG"
	sync --list "$app"
	paths | grep -qx /user_management/users
}

@test "backfill: --list beside a run that stays, and one at a time" {
	newdb app
	touch answer
	world --fault every:until:answer
	wos-sync --no-list --follow=0.1 --archive raw "$app" 3>&- &
	STARTED+=($!)
	until_true eval '[[ $(wos-apply --cursor-info "$app") == *tail_seen_at* ]]'
	# Neither of them ends before there are answers again.
	rm answer
	: >"$LOG"
	wos-sync --list --archive raw "$app" --jobs 1 3>&- &
	STARTED+=($!)
	until_true eval 'paths | grep -q .'
	run -75 --separate-stderr wos-sync --list "$app"
	[[ $stderr == *'another run lists it' ]]
	run -75 --separate-stderr wos-sync "$app"
	[[ $stderr == *'another run is at work on it' ]]
	touch answer
	wait %2
	kill %1
	wait %1
	[ "$(sql "$app" 'SELECT count(*) FROM listing')" = 0 ]
	newdb again
	cat raw/*.jsonl | wos-decode | wos-apply --no-cursor "$again"
	diff <(content "$app") <(content "$again")
}

@test "backfill: a run beside --list reads the events, and leaves the lists to it" {
	newdb app
	world --latency 20
	wos-sync --list "$app" --jobs 1 3>&- &
	STARTED+=($!)
	until_true eval 'paths | grep -q .'
	: >"$LOG"
	run -0 --separate-stderr wos-sync "$app"
	[ -z "$stderr" ]
	[ "$(asked .path | grep -c /events)" -ge 1 ]
	[ "$(wos-apply --cursor "$app")" = "$(last_event)" ]
	wait %1
	newdb whole
	sync "$whole"
	diff <(content "$whole") <(content "$app")
}

@test "backfill: --list=TABLES lists these, and says nothing of the others" {
	newdb app
	world
	sync --no-list "$app"
	: >"$LOG"
	run -0 --separate-stderr sync --list=role,connection "$app"
	[ -z "$stderr" ]
	[ "$(paths | grep -vE '/(users|organizations)/[a-z]+_' | sort | xargs)" = \
	    '/authorization/roles /connections' ]
	[ "$(sql "$app" 'SELECT object FROM listed ORDER BY 1' | xargs)" = 'connection role' ]
	# A listing of everything that was interrupted is still to be ended.
	wos-apply --list-begin "$app" >ended
	sync --list=permission "$app"
	[ "$(sql "$app" 'SELECT count(*) FROM listing')" = 1 ]
	run -2 sync --list=nothing "$app"
	assert_output --partial 'nothing: the API has no list of that'
	run -2 sync --list= "$app"
	run -2 sync --list=user --follow "$app"
}

@test "backfill: a run that stays lists later what it could not list" {
	newdb app whole
	world
	sync "$whole"
	n=$(asked 'select(.path == "/connections").n')
	api_stop
	world --fault "$n:500"
	WOS_LIST_AGAIN=1 wos-sync --follow=0.1 --archive raw "$app" --rate 1000 \
	    --jobs 1 --retries 0 3>&- 2>err &
	STARTED+=($!)
	sync=$!
	until_true grep -q 'what has not been listed is tried again in 1 s' err
	until_sql "$app" 0 'SELECT count(*) FROM listing'
	[ "$(paths | grep -cx /connections)" = 2 ]
	[ "$(paths | grep -cx /user_management/invitations)" = 1 ]
	: >"$LOG"
	until_true eval '(($(asked .path | grep -c /events) > 3))'
	[ -z "$(paths)" ]
	kill "$sync"
	wait "$sync"
	diff <(content "$whole") <(content "$app")
}

@test "backfill: exit 2: WOS_LIST_AGAIN is a number of seconds" {
	for again in 1h -1 1234567890; do
		WOS_LIST_AGAIN=$again run -2 sync --follow app.db
		assert_output "wos-sync: WOS_LIST_AGAIN: $again: not a number of seconds"
	done
}

@test "backfill: --list of another environment is refused" {
	newdb app
	world
	sync --no-list "$app"
	api_stop
	world --objects none
	run ! sync --list "$app"
	[ "$(sql "$app" 'SELECT count(*) FROM listed_object')" = 0 ]
}

@test "backfill: --list goes with nothing that is about events" {
	world
	for option in --follow --margin=5m --resume --cursor-name=x; do
		run -2 wos-sync --list "$option" app.db
	done
	for option in --since=1d --after=event_1 '--from events.jsonl'; do
		# shellcheck disable=SC2086
		run -2 wos-sync --list app.db $option
		assert_output --partial '--list: it does not go with'
	done
	[ ! -e app.db ]
	[ "$(requests)" = 0 ]
}

# What is kept.

@test "backfill: the archive has files of lists, and makes the same again" {
	on_day 2026-11-28
	newdb app again
	world
	sync --archive raw "$app"
	[ "$(printf '%s\n' raw/* | sed 's,^raw/[-0-9]*,,' | xargs)" = '.jsonl .lists.jsonl' ]
	[ "$(jq -r .object raw/*.lists.jsonl | sort -u | xargs)" = 'list_end list_item' ]
	diff events.jsonl <(cat raw/*[0-9].jsonl)
	cat raw/*.jsonl | wos-decode | wos-apply --no-cursor "$again"
	diff <(content "$app") <(content "$again")
	# Half a line, of a run that was killed.
	printf '{"object":"list_it' >>raw/2030-01-01.lists.jsonl
	sync --list --archive raw "$app"
	[ ! -s raw/2030-01-01.lists.jsonl ]
}

@test "backfill: no secret is in the archive, the database or a message" {
	newdb app
	world
	sync -v --archive raw "$app" -v 2>err
	grep -q '"of":"invitation"' raw/*.lists.jsonl
	wos-apply --export "$app" >lines
	dump "$app" >tables
	run ! grep -Ei 'secret_|accept_invitation_url|"token"' err lines tables raw/*
	no_key err lines tables raw/*
}

# bats test_tags=slow
@test "backfill: quickstart shows objects that no event speaks of" {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "$ROOT/scripts/quickstart" \
	    >printed 3>&-
	grep -q grace@example.com printed
	grep -q hedy@example.com printed
	run ! grep hedy@example.com "$DATA/sample.jsonl"
}
