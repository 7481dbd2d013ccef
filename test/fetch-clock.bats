# SPDX-License-Identifier: MIT
# wos-fetch and clocks: that of the machine, which anybody may have set, and that
# of the API, which every answer tells.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2016,SC2154	# quoted for another shell; set by run

load helper
load fetch

# fetch TIME [options]: wos-fetch on a machine where it is that time.
fetch() {
	at "$1" timeout 300 wos-fetch --retry-pause 1 "${@:2}"
}

# date_of MS: the whole seconds of a Unix time.
date_of() {
	date -ud "@$(($1 / 1000))" +%FT%TZ
}

WRONG='1960-01-01 00:00:00|1969-12-31 23:59:59|1970-01-01 00:00:00|
	2038-01-19 03:14:08|2100-01-01 00:00:00|9998-12-31 00:00:00'

# clocks: those that no machine should have, a line each.
clocks() {
	tr '|' '\n' <<<"$WRONG" | sed -e 's/^\s*//' -e '/^$/d'
}

# bats test_tags=slow
@test "clock: whatever the machine's says, a run ends and has every event" {
	api --fault 1:503 "$DATA/sample.jsonl"
	while read -r when; do
		for options in '' '--jobs 8' '--since 2026-10-01' '--since 2026-10-01 --jobs 8' \
		    '--since 2026-10-01 --until 2026-11-20' \
		    '--since 0001-01-01' '--since 0001-01-01 --jobs 8'; do
			: >"$LOG"
			# shellcheck disable=SC2086 # several words
			fetch "$when" $options >got 2>err
			fetched got
			(($(requests) < 230)) # 16 years by the month
		done
	done < <(clocks)
}

@test "clock: an age is not counted from one that is ahead of the API's" {
	api "$DATA/sample.jsonl"
	for options in '--since 30d' '--since 30d --jobs 8' '--since 0s --follow'; do
		# shellcheck disable=SC2086 # several words
		run -1 --separate-stderr fetch '2100-01-01 00:00:00' $options
		[ -z "$output" ]
		[[ $stderr == *"the API's clock says 20"*', this machine'\''s 2100-01-01T00:0'*'the range begins in the future' ]]
		[ "${#stderr_lines[@]}" = 1 ]
	done
	# An hour ahead, the range would be an hour short.
	run -1 --separate-stderr fetch '1 hour' --since 30d
	[[ $stderr == *"an age can't be counted from that" ]]
	EVENTS_RANGE_START=30d run -1 --separate-stderr fetch '1 hour'
	[[ $stderr == *"an age can't be counted from that" ]]
	# A minute is what clocks differ by; and one that is behind finds more.
	fetch '1 minute' --since 1000d >got
	fetched got
	fetch '1 hour ago' --since 1000d >got
	fetched got
	# A time is one, whatever the clock.
	fetch '1 hour' --since 2026-11-01 >got
	fetched got
}

# bats test_tags=slow
@test "clock: a range that begins in the API's future is no empty one" {
	api "$DATA/sample.jsonl"
	run -1 --separate-stderr wos-fetch --since 2099-01-01
	[[ $stderr == *'the range begins in the future' ]]
	api_stop
	# It is the API's word that counts, where it has a plausible one.
	for date in none soon '' 'Thu, 01 Jan 1970 00:00:00 GMT' \
	    'Fri, 31 Dec 9999 23:59:59 GMT' "$(head -c 3000 /dev/zero | tr '\0' 9)"; do
		api --date "$date" "$DATA/sample.jsonl"
		run -0 wos-fetch --since 2099-01-01
		assert_output ''
		run -0 wos-fetch --since 2026-11-01
		diff "$DATA/sample.jsonl" <(echo "$output")
		api_stop
	done
}

# bats test_tags=slow
@test "clock: the tail was seen by the machine's or the API's, whichever is earlier" {
	api "$DATA/sample.jsonl"
	fetch '2100-01-01 00:00:00' --tail-file tail >got
	read -r when last <./tail
	[ "$last" = "$(id 15)" ]
	((when <= $(date +%s%3N) && when > $(date +%s%3N) - 60000))
	fetch '2020-01-01 00:00:00' --tail-file tail >got
	read -r when last <./tail
	[[ $(date_of "$when") == 2020-01-01T00:00:* ]]
	# Before 1970 is 1970.
	fetch '1960-01-01 00:00:00' --tail-file tail >got
	grep -qE "^0 $(id 15)\$" tail
	api_stop
	api --date -7200 "$DATA/sample.jsonl"
	wos-fetch --tail-file tail >got
	read -r when last <./tail
	age=$(($(date +%s) - when / 1000))
	((age >= 7200 && age < 7260))
	api_stop
	for date in +7200 none soon 'Thu, 01 Jan 1970 00:00:00 GMT' \
	    'Fri, 31 Dec 9999 23:59:59 GMT'; do
		api --date "$date" "$DATA/sample.jsonl"
		wos-fetch --tail-file tail >got
		read -r when last <./tail
		((when <= $(date +%s%3N) && when > $(date +%s%3N) - 60000))
		api_stop
	done
}

@test "clock: and so at each poll of --follow" {
	api_tells --date -7200 "$DATA/sample.jsonl"
	piped wos-fetch --follow=0.05 --tail-file tail
	until [ -e tail ]; do
		read -r -t 100 <&9
	done
	kill -TERM "$pid"
	ends_with 0 "$pid"
	read -r when last <./tail
	(($(date +%s) - when / 1000 >= 7200))
	[ "$last" = "$(id 15)" ]
}

# bats test_tags=slow
@test "clock: Retry-After as a date is one of the API's clock" {
	for date in -86400 +86400; do
		# The stand-in's date is that of the machine plus two seconds.
		then=$(date -ud "$date seconds + 1 second" +'%a, %d %b %Y %T GMT')
		api --date "$date" --fault "1:429:$then" "$DATA/sample.jsonl"
		timeout 300 wos-fetch >got 2>err
		fetched got
		jq -s -e '.[1].start - .[0].end | . < 60000' "$LOG"
		api_stop
	done
	api --fault 1:503:date:1 "$DATA/sample.jsonl"
	for when in '1960-01-01 00:00:00' '2100-01-01 00:00:00'; do
		: >"$LOG"
		fetch "$when" >got 2>err
		fetched got
	done
}

# bats test_tags=slow
@test "clock: no time is so far away that it takes for ever" {
	api "$DATA/sample.jsonl"
	for since in 9223372036854775807 53375995583d 4611686018427387903s \
	    106751991167d 400000000000000; do
		run -2 wos-fetch --since "$since"
		run -2 wos-fetch --until "$since"
	done
	run -2 wos-fetch --after "$(id 1)" --margin 4000000d
	for since in 0 1d 1000000d 0001-01-01; do
		: >"$LOG"
		timeout 300 wos-fetch --since "$since" >got 2>err
		(($(requests) < 230))
	done
	: >"$LOG"
	timeout 300 wos-fetch --since 0001-01-01 --until 1980-01-01 --jobs 8 >got
	[ ! -s got ]
	(($(requests) <= 8))
	timeout 300 wos-fetch --after "$(id 1)" --margin 1000000d >got
	fetched got
}

@test "clock: of the traces, too" {
	load trace
	collector
	while read -r when; do
		run -3 at "$when" timeout 300 wos-otlp sh -c 'wos-decode /dev/null; exit 3'
	done < <(clocks)
	[ "$(sent .path | wc -l)" = 6 ]
	# The stand-in minds other days than these, but nothing else.
	run ! grep -v 'not of these days' <(sent .wrong)
	run ! grep -e "'-" <(sent .wrong)
}
