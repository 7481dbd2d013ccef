# SPDX-License-Identifier: MIT
# --jq: what a jq program makes of each line.

# shellcheck disable=SC2016 # $ENV is the program's

load helper
load fetch

setup() {
	wos_setup
	export WORKOS_API_KEY=$API_KEY
}

@test "fetch: --jq prints what the program makes of each event" {
	api "$DATA/sample.jsonl"
	wos-fetch --jq '.data.email // empty' >got
	diff <(jq -c '.data.email // empty' "$LINES_ALL") got
	[ -s got ]
	wos-fetch --jq '.id, {type: .event}' --jobs 4 --since 2026-11-01 >got
	diff <(jq -c '.id, {type: .event}' "$LINES_ALL") got
	# JSON text, a value a line; raw strings are another jq's affair.
	wos-fetch --jq .event --max 1 >got
	diff <(head -n 1 "$LINES_ALL" | jq .event) got
	wos-fetch --jq .event | jq -r . >got
	diff <(jq -r .event "$LINES_ALL") got
}

@test "fetch: --jq takes saved files and standard input" {
	wos-fetch --from "$LINES_ALL" --events 'user.*' --jq .id >got
	diff <(jq -c 'select(.event | startswith("user.")) | .id' "$LINES_ALL") got
	wos-fetch --from --jq . - <"$DATA/fetch-exact.pretty.json" | jq -s length >got
	assert_equal "$(cat got)" 4
	run -0 wos-fetch --from --jq empty "$LINES_ALL"
	assert_output ''
	# --max counts events, not what becomes of them.
	run -0 wos-fetch --from --jq '1, 2, 3' --max 2 "$LINES_ALL"
	[ "${#lines[@]}" = 6 ]
}

@test "fetch: --jq with what is no program: exit 2, and nothing is asked" {
	api "$DATA/sample.jsonl"
	for program in '.a |' 'nosuch' '.a .b)' '"' $'. |\n nosuch' \
	    'import "a" as a; .' 'include "a"; .' '$nosuch'; do
		run -2 --separate-stderr wos-fetch --jq "$program"
		[ -z "$output" ]
		[[ $stderr == 'wos-fetch: --jq: line '[12]': '* ]]
	done
	run -2 --separate-stderr wos-fetch --jq $'.\e[31m'
	[[ $stderr != *$'\e'* ]]
	[ "$(requests)" = 0 ]
}

@test "fetch: --jq that fails at an event says at which, and goes on: exit 1" {
	printf '{"id":"event_%s","event":"user.created","data":%s}\n' \
	    1 '{"n":1}' 2 '"text"' 3 '{"n":3}' >events
	run -1 --separate-stderr wos-fetch --from --jq .data.n events
	assert_output $'1\n3'
	assert_equal "$stderr" \
	    'wos-fetch: event_2: --jq: Cannot index string with string "n"'
	# What it has made before that is printed, as jq does.
	run -1 --separate-stderr wos-fetch --from --jq '.id, error({a: "\u0007"})' events
	assert_output $'"event_1"\n"event_2"\n"event_3"'
	[[ $stderr == *'event_3: --jq: {"a":"\u0007"}' ]]
	# One by one up to a number.
	for _ in $(seq 25); do
		head -n 1 events
	done >many
	run -1 --separate-stderr wos-fetch --from --jq error many
	[ "$(wc -l <<<"$stderr")" = 21 ]
	[[ $stderr == *'the program failed at 5 more events' ]]
}

# bats test_tags=slow
@test "fetch: --jq sees neither the key nor anything else but the event" {
	api "$DATA/sample.jsonl"
	mkdir home
	echo 'def nosuch: 1; def secret: env;' >home/.jq
	echo 'def f: 1;' >home/a.jq
	export HOME=$PWD/home JQ_LIBRARY_PATH=$PWD/home
	run -0 wos-fetch --max 1 --jq '[env, $ENV]'
	assert_output '[{},{}]'
	run -0 wos-fetch --max 1 --jq '(env, $ENV).WORKOS_API_KEY'
	assert_output $'null\nnull'
	run -2 wos-fetch --max 1 --jq secret
	no_key <(echo "$output")
	run -0 --separate-stderr wos-fetch --max 1 --jq 'stderr | debug | .event'
	[ -z "$stderr" ]
	for program in halt halt_error 'halt_error(3)' input '"a" | modulemeta'; do
		run -1 --separate-stderr wos-fetch --max 1 --jq "$program"
		[ -z "$output" ]
		[[ $stderr == *': --jq: '* ]]
	done
	run -0 wos-fetch --max 1 --jq 'inputs'
	assert_output ''
}

# bats test_tags=slow
@test "fetch: --jq is bounded in depth, bytes and time" {
	head -n 2 "$LINES_ALL" >two
	run -1 --separate-stderr wos-fetch --from two --jq \
	    'reduce range(300) as $i (.; [.])'
	[[ -z $output && $stderr == *'nested too deeply'* ]]
	run -1 --separate-stderr wos-fetch --from two --jq '"x" * 17000000, 1'
	[[ -z $output && $stderr == *'more than 16 MiB'* ]]
	head -n 1 two >one
	run -1 --separate-stderr wos-fetch --from one --jq 'def f: f; f'
	[[ -z $output && $stderr == *'longer than 10 s'* ]]
}

@test "fetch: --jq reads what libjq alone would refuse" {
	printf '{"id":"event_1","event":"e","data":"%s"}\n' '\u0000' '\ud800' >odd
	run -0 wos-fetch --from odd --jq .data
	assert_output $'"\xEF\xBF\xBD"\n"\xEF\xBF\xBD"' # in any locale: U+FFFD
}

@test "fetch: --jq does not go with what a cursor is made of" {
	api "$DATA/sample.jsonl"
	for option in '--report 3' '--explain' '--tail-file tail'; do
		# shellcheck disable=SC2086 # an option and its argument
		run -2 --separate-stderr wos-fetch --jq . $option 3>report
		[[ $stderr == *"--jq: it does not go with ${option%% *}: a cursor can't stand for"* ]]
		[ -z "$output" ]
	done
	[ ! -s report ]
	run -2 --separate-stderr wos-sync app.db --jq 'select(.event == "user.created")'
	[[ $stderr == *"--jq: it does not go with"*"a cursor can't stand for"* ]]
	[ ! -e app.db ]
	[ "$(requests)" = 0 ]
	# By hand, after an event, it is what one wants to see.
	wos-fetch --after "$(id 6)" --jq .id >got
	diff <(tail -n +7 "$LINES_ALL" | jq -c .id) got
}
