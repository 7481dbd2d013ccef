# SPDX-License-Identifier: MIT
# wos-fetch --follow: stays, and writes what happens.  And what else is for a
# run that goes on where one left off: --margin, --tail-file.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2016,SC2154	# quoted for another shell; set by run

load helper
load fetch

# follow [options]: such a wos-fetch, as piped starts it.
follow() {
	piped wos-fetch --follow=0.05 --retry-pause 1 "$@" 2>err
}

# happen FIRST LAST: these events of the sample have happened now.
happen() {
	sed -n "$1,$2p" "$DATA/sample.jsonl" | tee now >>events
}

@test "fetch --follow: writes what happens, when it happens" {
	: >events
	happen 1 3
	api events
	follow
	comes now
	happen 4 4
	comes now
	happen 5 9
	comes now
	happen 10 15
	comes now
	kill -TERM "$pid"
	wait "$pid"
	[ ! -s err ]
}

@test "fetch --follow: on an account where nothing has happened yet" {
	: >events
	api events
	follow
	happen 1 1
	comes now
	happen 2 2
	comes now
	kill -TERM "$pid"
	wait "$pid"
}

@test "fetch --follow: from an event, and from a time" {
	cp "$DATA/sample.jsonl" events
	api events
	follow --after "$(id 13)"
	comes <(tail -n 2 events)
	kill -TERM "$pid"
	wait "$pid"
	rm out
	follow --since 2026-11-02T09:55:00Z
	comes <(tail -n 2 events)
	kill -TERM "$pid"
	wait "$pid"
}

# bats test_tags=slow
@test "fetch --follow: no event is lost or twice, whatever the tail looks like" {
	for tail in null empty absent last; do
		: >events
		happen 1 2
		api --tail "$tail" events
		follow --page-size 2
		comes now
		happen 3 4 # a full page
		comes now
		happen 5 7 # a page and a half
		comes now
		happen 8 8
		comes now
		kill -TERM "$pid"
		wait "$pid"
		cat <&8 >rest
		[ ! -s rest ]
		rm out
		api_stop
	done
}

@test "fetch --follow: a full page is followed at once, an idle poll waits" {
	"$ROOT/test/api/make-events" 40 >events
	api_tells events
	# Four pages, though a poll comes an hour later.
	piped wos-fetch --follow=3600 --page-size 10
	for n in 1 2 3 4; do
		read -r -t 100 <&9
	done
	kill -TERM "$pid"
	ends_with 0 "$pid"
	api_stop
	rm requests out
	api_tells events
	piped wos-fetch --follow=0.5 --page-size 10
	for n in 1 2 3 4 5 6; do
		read -r -t 100 line <&9
		echo "$line" >>log
	done
	# At the latest the fifth request finds nothing.
	jq -s -e '.[5].start - .[4].end >= 450' log
}

@test "fetch --follow: SIGTERM ends it with 0, between two requests or in one" {
	cp "$DATA/sample.jsonl" events
	for fault in 3:late:1 2:hang 3:stall; do
		api --fault "$fault" events
		follow
		comes events
		kill -TERM "$pid"
		wait "$pid"
		cat <&8 >rest
		[ ! -s rest ]
		[ ! -s err ]
		rm out
		api_stop
	done
}

@test "fetch --follow: SIGTERM leaves no half line to a slow reader" {
	"$ROOT/test/api/make-events" 100 |
	    sed "s/Test/$(head -c 3000 /dev/zero | tr '\0' T)/" >events
	api events
	follow
	IFS= read -r -t 100 line <&8
	# A page is larger than the pipe: the rest of it waits to be written.
	kill -TERM "$pid"
	{
		echo "$line"
		cat <&8
	} >got
	wait "$pid"
	cmp events got
}

@test "fetch --follow: faults on the way heal" {
	: >events
	happen 1 3
	api --fault 2:500 --fault 3:cut --fault 5:reset --fault 6:429:0 events
	follow
	comes now
	happen 4 6
	comes now
	happen 7 9
	comes now
	kill -TERM "$pid"
	wait "$pid"
	grep -q 500 err
}

@test "fetch --follow: what does not heal ends it, with 75" {
	cp "$DATA/sample.jsonl" events
	api --fault 2+:500 events
	follow --retries 2
	comes events
	ends_with 75 "$pid"
}

# bats test_tags=slow
@test "fetch --follow: many polls, one connection, no growth" {
	cp "$DATA/sample.jsonl" events
	api_tells events
	piped "$ROOT/test/api/peak" 32768 wos-fetch --follow=0.001
	comes events
	for ((n = 0; n < 200; n++)); do
		read -r -t 100 line <&9
	done
	[ "$(jq .connection <<<"$line")" = 1 ]
	[ "$(jq .n <<<"$line")" = 200 ]
	[ "$(jq -r .query.after <<<"$line")" = "$(id 15)" ]
}

@test "fetch --follow: keeps to --rate" {
	cp "$DATA/sample.jsonl" events
	api_tells events
	piped wos-fetch --follow=0.001 --rate 5/0.5
	for ((n = 0; n < 12; n++)); do
		read -r -t 100 line <&9
		echo "$line" >>log
	done
	jq -s -e '.[11].start - .[0].start >= 900' log
}

@test "fetch --follow: ends with its reader" {
	: >events
	happen 1 1
	api events
	follow
	comes now
	exec 8<&-
	happen 2 2
	ends_with 141 "$pid" # by SIGPIPE
}

@test "fetch --follow: --max ends it" {
	: >events
	happen 1 3
	api events
	follow --max 5
	comes now
	happen 4 7
	comes <(sed -n 4,5p events)
	wait "$pid"
	cat <&8 >rest
	[ ! -s rest ]
}

# bats test_tags=slow
@test "fetch --follow: with connections for the way there" {
	"$ROOT/test/api/make-events" 300 >old
	cp old events
	api --latency 2 events
	follow --since 2026-10-31 --jobs 8 --rate 1000 --page-size 10
	comes old
	echo '{"object":"event","id":"event_new","event":"user.created",' \
	    '"data":{"id":"u"},"created_at":"'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'"}' |
	    tr -d ' ' | tee now >>events
	comes now
	kill -TERM "$pid"
	wait "$pid"
}

@test "fetch --follow: --stay ends it at the end of the list, some time later" {
	api "$DATA/sample.jsonl"
	run -0 timeout 300 wos-fetch --follow=0.01 --stay 0s
	assert_equal "${#lines[@]}" 15
	[ "$(requests)" = 1 ]
	# An answer may take its time.
	run -0 timeout 300 wos-fetch --follow=0.5 --stay 3s
	(($(requests) > 2))
	run -2 wos-fetch --follow --stay x
}

@test "fetch --follow: --until-eof ends it with whoever holds standard input" {
	local fd

	api "$DATA/sample.jsonl"
	mkfifo hold
	wos-fetch --follow=0.1 --until-eof <hold >got 3>&- &
	pid=$!
	STARTED+=("$pid")
	exec {fd}>hold
	until_true eval '[ "$(wc -l <got)" = 15 ]'
	kill -0 "$pid"
	exec {fd}>&-
	wait "$pid"
}

@test "fetch --follow: wrong usage" {
	for seconds in 0 -1 x 1e9; do
		run -2 wos-fetch --follow="$seconds"
	done
	run -2 wos-fetch --follow --until 2026-11-02
	run -2 wos-fetch --follow --from "$DATA/sample.jsonl"
}

# Events that the API commits late.

@test "fetch --margin: starts so much before the event" {
	api "$DATA/sample.jsonl"
	wos-fetch --after "$(id 10)" --margin 10m >got # 09:36:12.505 - 10 min
	diff <(sed -n '9,$p' "$DATA/sample.jsonl") got
	wos-fetch --after "$(id 10)" --margin 0s >got
	diff <(sed -n '11,$p' "$DATA/sample.jsonl") got
}

@test "fetch --margin: finds what was committed behind the cursor" {
	sed 7d "$DATA/sample.jsonl" >events
	api events
	wos-fetch >first
	after=$(tail -n 1 first | jq -r .id)
	sed -n 7p "$DATA/sample.jsonl" >>events # 35 minutes late
	wos-fetch --after "$after" >second
	[ ! -s second ]
	wos-fetch --after "$after" --margin 1h >second
	grep -qF "$(id 7)" second
}

# bats test_tags=slow
@test "fetch --margin: exit 4: the stream does not pass the event" {
	api "$DATA/sample.jsonl"
	# By the time in its id it was just before the tenth; nothing that came
	# after it is written.
	for options in '' '--jobs 4' '--follow=1' '--page-size 1'; do
		# shellcheck disable=SC2086 # several arguments, or none
		run -4 --separate-stderr wos-fetch $options \
		    --after event_01M6DSVK6S0000000000000000 --margin 1h
		[[ $stderr == *event_01M6DSVK6S0000000000000000*"can't continue"* ]]
		for ((n = 10; n <= 15; n++)); do
			[[ $output != *"$(id $n)"* ]]
		done
	done
	# Nor where the API lists nothing at all any more.
	: >events
	api events
	run -4 --separate-stderr wos-fetch --after "$(id 3)" --margin 1h
	assert_output ''
	# It may begin again from its oldest event instead of saying so.
	api --after-unknown first "$DATA/sample.jsonl"
	run -4 --separate-stderr wos-fetch --margin 1h \
	    --after event_01M6DSVK6S0000000000000000
	[[ $stderr == *"can't continue"*'does not list it any more'* ]]
}

@test "fetch --margin: ends before the event: nothing is to be passed" {
	api "$DATA/sample.jsonl"
	wos-fetch --after event_01M6DSVK6S0000000000000000 --margin 1h \
	    --until 2026-11-02T09:36:00Z >got
	diff <(sed -n '1,9p' "$DATA/sample.jsonl" | tail -n "$(wc -l <got)") got
	[ -s got ]
}

@test "fetch --margin: --cursor-time tells when the event was" {
	jq -c 'select(.id == "'"$(id 10)"'").id = "event_ten"' "$DATA/sample.jsonl" >events
	api events
	at=$(sed -n 10p events | jq -r .created_at)
	wos-fetch --after event_ten --margin 10m --cursor-time "$at" >got
	diff <(sed -n '9,$p' events) got
	run -4 wos-fetch --after event_0 --margin 10m --cursor-time "$at"
}

@test "fetch --cursor-time: an API that begins again does not go on" {
	api --after-unknown first "$DATA/sample.jsonl"
	for options in --after '--after event_0 --margin 5m --after' \
	    '--follow=1 --after' '--backfill user.created --probe'; do
		# shellcheck disable=SC2086 # several arguments
		run -4 --separate-stderr wos-fetch $options event_0 \
		    --cursor-time 2026-11-03T10:00:00Z
		assert_output ''
		[[ $stderr == *event_0*"can't continue"*'begins again with one of 2026-11-02T09:'* ]]
	done
	# What it lists late is no such sign.
	wos-fetch --after event_0 --cursor-time 2026-11-03T08:00:00Z >got
	fetched got
	wos-fetch --after "$(id 3)" --cursor-time "$(sed -n 3p "$DATA/sample.jsonl" |
		jq -r .created_at)" >got
	diff <(tail -n +4 "$DATA/sample.jsonl") got
}

@test "fetch --margin: an id without a time is said, and used as it is" {
	api "$DATA/sample.jsonl"
	run -4 --separate-stderr wos-fetch --after evt_123 --margin 1m
	[[ $stderr == *margin* ]]
	[ "$(asked .query.after)" = evt_123 ]
}

@test "fetch --margin: without --after it changes nothing" {
	api "$DATA/sample.jsonl"
	wos-fetch --margin 1h >got
	fetched got
}

@test "fetch --margin: wrong usage" {
	for margin in '' x -1m 5 1w 2026-11-02; do
		run -2 wos-fetch --after "$(id 1)" --margin "$margin"
	done
}

# When the tail was seen.

@test "fetch --tail-file: tells when the end was seen, and the last event" {
	api "$DATA/sample.jsonl"
	before=$(date +%s)000 # as the API's clock tells it
	wos-fetch --tail-file tail >got
	read -r when last <./tail
	[ "$last" = "$(id 15)" ]
	((when >= before && when <= $(date +%s%3N)))
	[ ! -e tail.new ]
}

@test "fetch --tail-file: the event it was asked to follow, if there was none" {
	api "$DATA/sample.jsonl"
	wos-fetch --after "$(id 15)" --tail-file tail >got
	read -r when last <./tail
	[ "$last" = "$(id 15)" ]
	((when > 0))
}

@test "fetch --tail-file: nothing, on an account where nothing has happened" {
	: >events
	api events
	wos-fetch --tail-file tail >got
	grep -qE '^[0-9]{13} $' tail
}

@test "fetch --tail-file: follows the tail" {
	: >events
	happen 1 3
	api_tells events
	follow --tail-file tail
	comes now
	happen 4 6
	comes now
	read -r -t 100 <&9 # and two more, so that what came is told
	read -r -t 100 <&9
	read -r -t 100 <&9
	until_true grep -q "$(id 6)" tail
	kill -TERM "$pid"
	ends_with 0 "$pid"
}

@test "fetch --tail-file: not written when the end was not seen" {
	api --fault 3+:500 "$DATA/sample.jsonl"
	run -75 wos-fetch --tail-file tail --retry-pause 1 --retries 1 --page-size 4
	[ ! -e tail ]
	api_stop
	api "$DATA/sample.jsonl"
	wos-fetch --tail-file tail --max 4 >got
	[ ! -e tail ]
	wos-fetch --tail-file tail --until 2026-11-02T09:30:00Z >got
	[ ! -e tail ]
}

@test "fetch --tail-file: a link is replaced, like any other file" {
	api "$DATA/sample.jsonl"
	mkdir here there
	echo old >there/tail
	ln -s ../there/tail here/tail
	wos-fetch --tail-file here/tail >got
	read -r _ last <here/tail
	[ "$last" = "$(id 15)" ]
	[ "$(<there/tail)" = old ]
}

@test "fetch --tail-file: a place where it can't be is a failure" {
	api "$DATA/sample.jsonl"
	run -1 wos-fetch --tail-file missing/tail
	assert_output --partial missing/tail
}
