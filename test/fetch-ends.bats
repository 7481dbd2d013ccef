# SPDX-License-Identifier: MIT
# How wos-fetch ends: wrong usage, refusals, a full disk, pages too large.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2016,SC2154	# quoted for another shell; set by run

load helper
load fetch

@test "fetch: wrong usage is one line and exit 2" {
	for option in --nonsense -Z; do
		run -2 --separate-stderr wos-fetch "$option"
		[ -z "$output" ]
		[[ $stderr == *usage* ]]
	done
	run -2 --separate-stderr wos-fetch extra
	assert_equal "$output$stderr" \
	    'wos-fetch: there is a word too many: files need --from, and a script takes one DATABASE'
	run -2 wos-fetch --api-key-file ''
	assert_output 'wos-fetch: --api-key-file: it is empty'
	mkfifo pipe
	WORKOS_API_KEY=$API_KEY run -2 wos-fetch --tail-file pipe
	assert_output 'wos-fetch: --tail-file: pipe: not a file'
	[ -p pipe ]
}

@test "fetch: options that need another one, or do not go with one" {
	api "$DATA/sample.jsonl"
	for options in '--cursor-time 1' '--cursor-time abc' '--stay 1d' \
	    '--after event_1 --since 1h' '--known --explain' \
	    '--margin 1m --cursor-time abc'; do
		# shellcheck disable=SC2086 # several words
		run -2 --separate-stderr wos-fetch $options
		[ -z "$output" ]
		[ "$(wc -l <<<"$stderr")" = 1 ]
	done
	run -2 --separate-stderr wos-fetch --report 9 9>&-
	assert_equal "$stderr" 'wos-fetch: --report: 9: no such descriptor'
	[ "$(requests)" = 0 ]
}

@test "fetch: --help and --version answer on stdout" {
	run -0 --separate-stderr wos-fetch --help
	[[ $output == *usage* && -z $stderr ]]
	run -0 --separate-stderr wos-fetch --version
	[[ $output == *wos-fetch* && -z $stderr ]]
}

@test "fetch: WOS_FETCH_RETRY_PAUSE and WOS_FETCH_TIMEOUT are defaults" {
	api --fault every:hang "$DATA/sample.jsonl"
	WOS_FETCH_RETRY_PAUSE=1 WOS_FETCH_TIMEOUT=1 run -75 wos-fetch --retries 1
	# What was asked is heard a moment later.
	until_true eval '[ "$(requests)" = 2 ]'
	WOS_FETCH_RETRY_PAUSE=x run -2 wos-fetch
	assert_output "wos-fetch: WOS_FETCH_RETRY_PAUSE: x: not a number from 1 to 30000"
	WOS_FETCH_TIMEOUT=x run -2 wos-fetch
	assert_output "wos-fetch: WOS_FETCH_TIMEOUT: x: not a number of seconds up to 3600"
	run -2 wos-fetch --timeout x
	assert_output "wos-fetch: --timeout: x: not a number of seconds up to 3600"
}

@test "fetch: --retries, --retry-pause and --timeout have bounds" {
	for n in -1 101 x ''; do
		run -2 wos-fetch --retries "$n"
	done
	for ms in 0 30001 x ''; do
		run -2 wos-fetch --retry-pause "$ms"
	done
	for seconds in 0 3601 -1 nan inf x ''; do
		run -2 wos-fetch --timeout "$seconds"
	done
}

@test "fetch: --retries 0 asks once" {
	api --fault every:500 "$DATA/sample.jsonl"
	run -75 wos-fetch --retries 0
	[ "$(requests)" = 1 ]
}

# bats test_tags=slow
@test "fetch: 401, 403, 422 and other refusals end it with the API's own words" {
	for fault in "401=Unauthorized" "403:Not yours=Not yours" \
	    "404:Not here=Not here" "400:Not so=Not so" \
	    "422:limit=Validation failed" "418:Teapot=Teapot"; do
		api --fault "every:${fault%=*}" "$DATA/sample.jsonl"
		run -1 --separate-stderr wos-fetch
		[ -z "$output" ]
		[[ $stderr == *"${fault#*=}"* ]]
		[[ $stderr == *"${fault:0:3}"* ]]
		[[ $stderr == *"$(asked .request_id)"* ]]
		[ "$(requests)" = 1 ]
		api_stop
	done
}

@test "fetch: an error's code and its fields are said" {
	api --fault 'every:400:Not so' "$DATA/sample.jsonl"
	run -1 wos-fetch
	assert_output --partial standin # the code that the stand-in gives
	api_stop
	api --fault 'every:422:limit' "$DATA/sample.jsonl"
	run -1 wos-fetch
	assert_output --partial limit
}

@test "fetch: a wrong key is refused once" {
	api "$DATA/sample.jsonl"
	WORKOS_API_KEY=sk_test_other run -1 wos-fetch
	assert_output --partial Unauthorized
	refute_output --partial sk_test_other
	[ "$(requests)" = 1 ]
}

@test "fetch: an event that the API doesn't know ends it with 4 and advice" {
	for how in 400 404; do
		api --after-unknown "$how" "$DATA/sample.jsonl"
		run -4 --separate-stderr wos-fetch --after event_01GONE
		[ -z "$output" ]
		[[ $stderr == *event_01GONE* && $stderr == *--since* ]]
		api_stop
	done
}

@test "fetch: an unknown organization is no lost cursor" {
	api "$DATA/sample.jsonl"
	run -1 wos-fetch --after "$(id 1)" --organization org_none
	assert_output --partial org_none
}

@test "fetch: a full disk is a failure" {
	api "$DATA/sample.jsonl"
	run -1 bash -c 'wos-fetch >/dev/full'
	assert_output --partial 'wos-fetch: '
	run -1 bash -c 'wos-fetch --from "$1" >/dev/full' - "$DATA/sample.jsonl"
}

@test "fetch: a reader that has had enough ends it" {
	"$ROOT/test/api/make-events" 2000 >events
	api events
	set +o pipefail
	wos-fetch --page-size 100 | head -n 1 >got
	(($(requests) < 20))
}

@test "fetch: a closed standard output is a failure" {
	api "$DATA/sample.jsonl"
	run -1 bash -c 'wos-fetch >&-'
}

@test "fetch: a page is written when it is whole, not when the run ends" {
	api --fault 2:hang "$DATA/sample.jsonl"
	piped wos-fetch --page-size 3 2>err
	for n in 1 2 3; do
		IFS= read -r -t 100 line <&8
		[ "$line" = "$(sed -n ${n}p "$DATA/sample.jsonl")" ]
	done
}

@test "fetch: the next page is on its way while one is being written" {
	"$ROOT/test/api/make-events" 300 |
	    sed "s/Test/$(head -c 1000 /dev/zero | tr '\0' T)/" >events
	api_tells events
	piped wos-fetch # nobody reads, and a page is larger than a pipe
	read -r -t 100 <&9
	read -r -t 100 <&9
	cat <&8 >got
	diff events got
}

@test "fetch: a page that is too large in bytes is asked for in pieces" {
	# 60 events of 100 kB: 6 MB.
	"$ROOT/test/api/make-events" 60 |
	    sed "s/Test/$(head -c 100000 /dev/zero | tr '\0' T)/" >events
	api events
	wos-fetch >got
	cmp events got
	(($(asked 'select(.query.limit == "100") | .n' | wc -l) < 5))
}

# bats test_tags=slow
@test "fetch: a page that was too large makes those after it smaller, while they are" {
	# Of the first 400, a page has room for 41; of the others, for all.
	"$ROOT/test/api/make-events" 800 | sed "1,400s/Test/$(head -c 100000 \
	    /dev/zero | tr '\0' T)/" >events
	api events
	wos-fetch >got
	cmp events got
	[ "$(asked .query.limit | uniq | xargs)" = '100 50 25 50 100' ]
	# Each connection finds it out once.
	: >"$LOG"
	wos-fetch --since 2026-10-31 --until 2026-11-29 --jobs 4 --rate 1000 >got
	cmp events got
	(($(asked 'select(.events > 41) | .query.limit' | grep -c '') < 8 + 12))
	(($(asked .n | grep -c '') < 60))
}

@test "fetch: an event that is too large for any page is a failure" {
	api --fault every:long:5 "$DATA/sample.jsonl"
	run -1 --separate-stderr wos-fetch
	[ -z "$output" ]
	[[ $stderr == *'larger than'* ]]
}

# bats test_tags=slow
@test "fetch: memory does not grow with the stream" {
	"$ROOT/test/api/make-events" 20000 >events
	api events
	"$ROOT/test/api/peak" 32768 wos-fetch >got
	cmp events got
}

@test "fetch: an id with escapes in it is asked for, and noted, by what it means" {
	# As written, and as the API may write it; it lists what it was asked for.
	sed 's/"id":"event_/"id":"event\\u005F/; s/"event":"user\./"event":"user\\u002e/' \
	    "$LINES_ALL" >escaped
	grep -c '\\u002e' escaped
	api escaped
	wos-fetch --page-size 4 --tail-file tail >got
	diff escaped got
	assert_equal "$(asked '.query.after // empty' | sed -n '1p;2p' | xargs)" \
	    "$(id 4) $(id 8)"
	grep -q "$(id 15)" tail
	run ! grep u005 tail
	# And where only some types are asked for, by name.
	wos-fetch --events user.created >got
	diff <(jq -c 'select(.event == "user.created") | .id' "$LINES_ALL") <(jq -c .id got)
	wos-fetch --from escaped --events user.created | diff got -
	wos-fetch --after "$(id 10)" | diff <(tail -n +11 escaped) -
}
