# SPDX-License-Identifier: MIT
# wos-fetch --jobs: many connections, and the stream that one would give.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2016,SC2154	# quoted for another shell; set by run

load helper
load fetch

setup_file() {
	"$BATS_TEST_DIRNAME/api/make-events" 3000 >"$BATS_FILE_TMPDIR/events"
}

setup() {
	wos_setup
	EVENTS=$BATS_FILE_TMPDIR/events # 20 days of them
}

# fetch [options]: all of them, in a hurry.  Up to now it would be more requests
# from month to month.
fetch() {
	timeout 300 wos-fetch --retry-pause 1 --rate 1000 --since 2026-10-31 \
	    --until 2026-11-29 "$@"
}

# at_once: how many requests the stand-in had at the same time, at most.
at_once() {
	jq -s '[.[] | {t: .start, d: 1}, {t: .end, d: -1}] | sort_by(.t, .d)
	    | reduce .[] as $e ({n: 0, most: 0}; .n += $e.d
		| .most = ([.most, .n] | max)) | .most' "$LOG"
}

# bats test_tags=slow
@test "fetch --jobs: the same bytes as one connection gives" {
	api --jitter 10 "$EVENTS"
	for jobs in 1 2 3 8 16 64; do
		fetch --jobs "$jobs" >got
		cmp "$EVENTS" got
	done
}

@test "fetch --jobs: up to an end, too" {
	api --jitter 10 "$EVENTS"
	fetch --until 2026-11-12T12:34:56.789Z >want
	fetch --until 2026-11-12T12:34:56.789Z --jobs 8 >got
	[ -s want ]
	cmp want got
	cmp want <(head -n "$(grep -c '' want)" "$EVENTS")
}

# bats test_tags=slow
@test "fetch --jobs: however the API counts the edges of a range" {
	for edges in '()' '[)' '(]' '[]'; do
		api --edges "$edges" "$EVENTS"
		fetch --jobs 8 >got
		cmp "$EVENTS" got
		api_stop
	done
}

@test "fetch --jobs: and if it takes no end with a cursor" {
	for how in 400 ignored; do
		api --after-with-end "$how" "$EVENTS"
		fetch --jobs 8 >got 2>err
		cmp "$EVENTS" got
		[ ! -s err ]
		api_stop
	done
}

# bats test_tags=slow
@test "fetch --jobs: whatever the size of a page" {
	api "$EVENTS"
	for size in 7 33 100; do
		fetch --jobs 8 --page-size "$size" >got
		cmp "$EVENTS" got
	done
}

# bats test_tags=slow
@test "fetch --jobs: thousands of events in one millisecond" {
	for n in {1000..3000}; do
		echo '{"object":"event","id":"event_'"$n"'","event":"user.created","data":{"id":"u"},"created_at":"2026-11-02T03:04:05.678Z"}'
	done >burst
	api burst
	fetch --jobs 8 >got
	cmp burst got
}

# bats test_tags=slow
@test "fetch --jobs: a millisecond full of events before another, and a seam between" {
	for n in {100..190}; do
		echo '{"object":"event","id":"event_'"$n"'","event":"user.created","data":{"id":"u"},"created_at":"2026-11-02T03:04:05.175Z"}'
	done >burst
	for n in {191..200}; do
		echo '{"object":"event","id":"event_'"$n"'","event":"user.created","data":{"id":"u"},"created_at":"2026-11-02T03:04:05.176Z"}'
	done >>burst
	for edges in '()' '[)' '(]' '[]'; do
		api --edges "$edges" burst
		for until in .177 .178 .200; do
			fetch --since 2026-11-02T03:04:05.175Z --page-size 7 \
			    --until "2026-11-02T03:04:05${until}Z" --jobs 3 >got
			cmp burst got
		done
		(($(requests) < 200)) # 15 pages, three times
		api_stop
	done
}

@test "fetch --jobs: one event in years, and none at all" {
	head -n 1 "$EVENTS" >one
	api one
	fetch --since 2024-01-01 --jobs 8 >got
	cmp one got
	(($(requests) < 100))
	fetch --since 2026-11-22 --jobs 8 >got
	[ ! -s got ]
}

@test "fetch --jobs: all the events in one hour of three months" {
	"$ROOT/test/api/make-events" 3000 2026-10-01T00:00:00Z 2026-10-01T01:00:00Z >hour
	api hour
	timeout 300 wos-fetch --since 2026-08-25 --until 2026-11-20 --jobs 8 --rate 1000 >got
	cmp hour got
	(($(requests) < 120)) # 30 pages
}

@test "fetch --jobs: the events are asked for about once" {
	api --latency 5 "$EVENTS"
	fetch --jobs 8 >got
	cmp "$EVENTS" got
	served=$(jq -s 'map(.events) | add' "$LOG")
	((served < 3000 * 3 / 2)) # windows are cut as they turn out to be
	(($(requests) < 75))	  # 30 pages
}

@test "fetch --jobs: uses its connections, and no more of them" {
	# The first five are answered when there are as many.
	api --fault 1-5:meet:5 "$EVENTS"
	fetch --jobs 8 >got
	cmp "$EVENTS" got
	n=$(at_once)
	((n >= 5 && n <= 8))
	(($(asked .connection | sort -u | wc -l) <= 8))
}

@test "fetch --jobs: one connection asks for one page at a time" {
	api --latency 2 "$EVENTS"
	fetch >got
	[ "$(at_once)" = 1 ]
	[ "$(requests)" = 30 ]
}

@test "fetch --jobs: a first page that is late keeps its place" {
	api --fault 1:late:500 --fault 9:late:300 "$EVENTS"
	fetch --jobs 8 >got
	cmp "$EVENTS" got
}

# bats test_tags=slow
@test "fetch --jobs: faults on some connections, and no event lost or twice" {
	for seed in 1 2 3; do
		faults=()
		for n in 2 3 5 8 13 14 15 21 34; do
			kinds=(cut reset drop 500 503 429:0 bad-gzip html cut-chunk)
			faults+=(--fault "$n:${kinds[(n * seed) % 9]}")
		done
		api --jitter 10 "${faults[@]}" "$EVENTS"
		fetch --jobs 8 --retries 9 >got 2>err
		cmp "$EVENTS" got
		[ -s err ]
		api_stop
	done
}

# bats test_tags=slow
@test "fetch --jobs: a failure ends the stream where one connection's would" {
	for n in 2 5 17 30; do
		api --jitter 5 --fault "$n+:500" "$EVENTS"
		run -75 bash -c 'timeout 300 wos-fetch --retry-pause 1 --retries 1 \
		    --jobs 8 --since 2026-10-31 >got'
		lines_are_events got
		cmp got <(head -n "$(grep -c '' got)" "$EVENTS")
		api_stop
	done
}

@test "fetch --jobs: a refusal is told once, and ends it" {
	api --fault 9+:403:Enough "$EVENTS"
	run -1 --separate-stderr fetch --jobs 8
	[[ $stderr == *Enough* ]]
	[ "${#stderr_lines[@]}" = 1 ]
	[ -z "$output" ] || cmp <(echo "$output") \
	    <(head -n "$(grep -c '' <<<"$output")" "$EVENTS")
}

@test "fetch --jobs: a name that the API refuses is told once" {
	api --latency 10 --refuse user.updated "$EVENTS"
	fetch --jobs 8 >got 2>err
	cmp <(grep -v '"event":"user.updated"' "$EVENTS") got
	[ "$(grep -c '' err)" = 1 ]
}

@test "fetch --jobs: a circle of cursors is noticed in any window" {
	api --fault 5+:loop:3 "$EVENTS"
	run -1 --separate-stderr fetch --jobs 8
	[[ $stderr == *cursor* ]]
	(($(requests) < 300))
}

@test "fetch --jobs: with --max it ends after so many" {
	api "$EVENTS"
	for max in 1 100 1234; do
		fetch --jobs 8 --max "$max" >got
		cmp <(head -n "$max" "$EVENTS") got
	done
}

@test "fetch --jobs: goes on from an event as one connection would" {
	api "$EVENTS"
	after=$(sed -n 1000p "$EVENTS" | jq -r .id)
	timeout 300 wos-fetch --after "$after" --jobs 8 --rate 1000 >got
	cmp <(tail -n +1001 "$EVENTS") got
	timeout 300 wos-fetch --jobs 8 --rate 1000 >got
	cmp "$EVENTS" got
}

@test "fetch --jobs: 1 to 64" {
	for jobs in 0 65 -1 x ''; do
		run -2 wos-fetch --jobs "$jobs"
	done
}

# bats test_tags=slow
@test "fetch --jobs: a reader who takes their time is waited for, in bounded memory" {
	# 60 MB.
	"$ROOT/test/api/make-events" 10000 |
	    sed "s/Test/$(head -c 6000 /dev/zero | tr '\0' T)/" >large
	api large
	piped "$ROOT/test/api/peak" $((32768 + 32768)) wos-fetch --since 2026-10-31 \
	    --jobs 8 --rate 1000
	IFS= read -r <&8
	# It fetches until it may not fetch more, and then for a while nothing
	# is asked.  What is fetched ahead has a bound of 32 MiB.
	last=-1
	for ((n = 0; n < 120 && last != $(requests); n++)); do
		last=$(requests)
		sleep 0.5
	done
	((n < 120))
	((last < 80))
	cmp <(tail -n +2 large) - <&8
	wait "$pid"
}

# bats test_tags=slow
@test "fetch --jobs: many first pages that are larger than thought, in bounded memory" {
	# 112 MB, of which 64 connections take as much as they may at once.
	"$ROOT/test/api/make-events" 3200 |
	    sed "s/Test/$(head -c 35000 /dev/zero | tr '\0' T)/" >large
	api large
	timeout 300 "$ROOT/test/api/peak" $((32768 + 24576)) wos-fetch \
	    --since 2026-10-31 --jobs 64 --rate 1000 --timeout 60 >got
	cmp large got
}

# The limit of requests.

# paced [options]: as fetch, and what most_in is about is in the file spans.
paced() {
	rm -f spans
	WOS_TRACE_FILE=spans fetch "$@"
}

# most_in MS: the most requests that were made in any such span, by the clock of
# wos-fetch: they may take their time to arrive.
most_in() {
	jq -s --argjson ms "$1" 'map(.resourceSpans[].scopeSpans[].spans[] |
	    select(.name == "GET /events") | (.startTimeUnixNano | tonumber) / 1e6)
	    | sort | . as $t
	    | [range(length) as $i | [$t[] | select(. >= $t[$i] and . < $t[$i] + $ms)]
		| length] | max' spans
}

@test "fetch --rate: no more requests than that, over all connections" {
	api "$EVENTS"
	paced --jobs 8 --rate 20 --max 2000 >got
	cmp <(head -n 2000 "$EVENTS") got
	(($(requests) >= 20))
	(($(most_in 1000) <= 21 && $(most_in 1000000) >= 20))
}

@test "fetch --rate: as requests in so many seconds" {
	api "$EVENTS"
	paced --rate 10/0.5 --max 1500 >got
	(($(requests) == 15))
	(($(most_in 500) <= 11 && $(most_in 1000000) == 15))
}

@test "fetch --rate: under the API's limit there is no 429" {
	# Eight may come late, together with those of the next second.
	api --rate 30/1 "$EVENTS"
	fetch --jobs 8 --rate 20 >got 2>err
	cmp "$EVENTS" got
	[ ! -s err ]
	[ "$(asked .status | sort -u)" = 200 ]
}

@test "fetch --rate: when others use the key, 429 holds all connections" {
	api --fault 21+:busy:1 "$EVENTS"
	fetch --jobs 8 --retries 20 >got 2>err
	cmp "$EVENTS" got
	refused=$(asked 'select(.status == 429) | .n' | wc -l)
	((refused > 0 && refused < 40))
}

@test "fetch --rate: a 429 on one connection is heard on all" {
	api --latency 20 --fault 6:429:1 "$EVENTS"
	fetch --jobs 4 >got 2>err
	cmp "$EVENTS" got
	# What had been asked by then may come in; then it is quiet for a second, and
	# most of the others come after that.
	jq -s -e '(.[] | select(.status == 429) | .end) as $t
	    | [$t, (map(.start | select(. > $t)) | sort[])] as $at
	    | [range(1; $at | length) | {gap: ($at[.] - $at[. - 1]), left: (($at | length) - .)}]
	    | max_by(.gap) | .gap >= 950 and .left >= 15' "$LOG"
}

@test "fetch --rate: what is no rate is wrong usage" {
	for rate in 0 -1 x '' 1/0 1/x /1 1/1/1; do
		run -2 wos-fetch --rate "$rate"
	done
}

# Progress.

# bats test_tags=slow
@test "fetch --progress: tells on stderr how far it is, and only there" {
	api --latency 100 "$EVENTS"
	fetch --progress >got 2>err
	cmp "$EVENTS" got
	grep -aqE '[0-9,]+ events, [0-9]+ pages' err
	grep -aqE '[0-9]+%' err
}

@test "fetch --progress: not where stderr is no terminal" {
	api --latency 50 "$EVENTS"
	fetch >got 2>err
	[ ! -s err ]
}

# bats test_tags=slow
@test "fetch --progress: on a terminal by itself, unless --no-progress" {
	api --latency 50 "$EVENTS"
	terminal='import os, pty, sys
os._exit(os.waitstatus_to_exitcode(pty.spawn(["sh", "-c", sys.argv[1]])))'
	python3 -c "$terminal" 'wos-fetch --since 2026-10-31 >got' >seen </dev/null
	cmp "$EVENTS" got
	grep -aq ' events, ' seen
	python3 -c "$terminal" 'wos-fetch --since 2026-10-31 --no-progress >got' >seen </dev/null
	cmp "$EVENTS" got
	[ ! -s seen ]
}

# bats test_tags=slow
@test "fetch --progress: a message does not run into the line" {
	api --latency 100 --fault 15:500 "$EVENTS"
	fetch --progress >got 2>err
	tr '\r' '\n' <err | sed 's/\x1b\[[0-9;]*[A-Z]//g' | grep -q '^wos-fetch: http.*500'
}
