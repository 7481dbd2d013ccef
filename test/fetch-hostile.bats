# SPDX-License-Identifier: MIT
# wos-fetch and all that can come back instead of a page.  Whatever it is: what
# was written are whole events, none twice, none lost; and the end comes soon.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2016,SC2154	# quoted for another shell; set by run

load helper
load fetch

# fetch [options]: wos-fetch, in a hurry.  What hangs is a failure, not a wait.
fetch() {
	timeout 300 wos-fetch --retry-pause 1 "$@"
}

# What heals, or may.

# bats test_tags=slow
@test "fetch: a page that fails is asked for again, and no event is lost or twice" {
	for fault in cut cut-chunk cut:0 reset drop bad-gzip 500 502 503 504 \
	    408 429; do
		api --fault "2-3:$fault" --fault "5:$fault" "$DATA/sample.jsonl"
		run -0 --separate-stderr fetch --page-size 4
		diff "$DATA/sample.jsonl" <(echo "$output")
		[ -n "$stderr" ]
		# The same page again: the same cursor.
		[ "$(asked .query.after | uniq -c | awk '{ print $1 }' | xargs)" = '1 3 2 1' ]
		api_stop
	done
}

# bats test_tags=slow
@test "fetch: what is odd but right is taken as it is" {
	for fault in bye early-hints unframed late; do
		api --fault "every:$fault" "$DATA/sample.jsonl"
		fetch --page-size 4 >got 2>err
		fetched got
		[ ! -s err ]
		[ "$(requests)" = 4 ]
		api_stop
	done
}

@test "fetch: half a page is no page, even where nothing says how long it is" {
	api --fault 2:unframed-cut "$DATA/sample.jsonl"
	fetch --page-size 4 >got 2>err
	fetched got
}

@test "fetch: the first page too" {
	api --fault 1:reset --fault 2:503 "$DATA/sample.jsonl"
	fetch >got 2>err
	fetched got
}

# bats test_tags=slow
@test "fetch: what does not heal ends with 75, after whole events" {
	for fault in cut cut-chunk reset drop 500 503 429; do
		api --fault "2+:$fault" "$DATA/sample.jsonl"
		run -75 --separate-stderr fetch --page-size 4
		diff <(head -n 4 "$DATA/sample.jsonl") <(echo "$output")
		[[ ${stderr_lines[-1]} == 'wos-fetch: '* ]]
		n=$(requests)
		((n > 3 && n < 30))
		api_stop
	done
}

@test "fetch: nobody listens: 75" {
	export WORKOS_API_KEY=$API_KEY WORKOS_BASE_URL=http://127.0.0.1:1
	run -75 --separate-stderr fetch
	[ -z "$output" ]
	[[ $stderr == *127.0.0.1* ]]
}

@test "fetch: a host that is none: 75" {
	export WORKOS_API_KEY=$API_KEY
	run -75 fetch --retries 0 --base-url https://nonesuch.invalid
}

@test "fetch: a server that accepts and never answers: 75, in bounded time" {
	api --fault every:hang "$DATA/sample.jsonl"
	run -75 --separate-stderr fetch --timeout 0.2 --retries 3
	[ "${#stderr_lines[@]}" = 4 ]
	[ "$(grep -c 'trying again' <<<"$stderr")" = 3 ]
}

@test "fetch: a server that falls silent in mid-page: again, on a new connection" {
	api --fault 2:stall "$DATA/sample.jsonl"
	fetch --timeout 1 --page-size 4 >got 2>err
	fetched got
	[ "$(asked .connection | sort -u | wc -l)" -ge 2 ]
}

@test "fetch: a server that drips: given up on and asked again" {
	api --fault 1:slow "$DATA/sample.jsonl"
	fetch --timeout 1 >got 2>err
	fetched got
}

@test "fetch: a server that speaks TLS only heals nothing" {
	"$ROOT/test/api/make-cert" certs
	api --tls certs/good.pem certs/good.key "$DATA/sample.jsonl"
	run ! fetch --base-url "${API_URL/https/http}"
	[[ $status == 1 || $status == 75 ]]
}

@test "fetch: Retry-After is obeyed, in seconds and as a date" {
	api --fault 1:429:1 --fault 2:503:date:2 "$DATA/sample.jsonl"
	fetch >got 2>err
	fetched got
	# Milliseconds from the end of an answer to the next request.
	read -r first second < <(jq -s -r '[.[1].start - .[0].end,
	    .[2].start - .[1].end] | map(floor) | @tsv' "$LOG")
	((first >= 1000 && first < 60000))
	((second >= 500 && second < 60000)) # a date has whole seconds
}

# bats test_tags=slow
@test "fetch: a Retry-After without sense is no reason to wait, or to hurry" {
	for value in -5 soon '' 0 1e9 'Thu, 01 Jan 1970 00:00:00 GMT' \
	    99999999999999999999999; do
		api --fault "1-3:429:$value" "$DATA/sample.jsonl"
		run fetch
		[[ $status == 0 || $status == 75 ]]
		(($(requests) <= 4))
		api_stop
	done
}

@test "fetch: a Retry-After beyond the maximum is not waited for" {
	api --fault every:429:86400 "$DATA/sample.jsonl"
	run -75 fetch
	assert_output --partial '120 s'
	[ "$(requests)" = 1 ]
}

# What is refused.

# bats test_tags=slow
@test "fetch: an envelope of the wrong shape is an error, with its first bytes" {
	# Two requests a run: a good page, then what is wrong.
	local shapes=(data-missing data-null data-object data-numbers event-list
		body-array body-string body-null metadata-array after-number
		after-object error-in-200 two-documents half-document comma)
	faults=()
	for n in "${!shapes[@]}"; do
		faults+=(--fault "$((2 * n + 2)):wrong:${shapes[n]}")
	done
	api "${faults[@]}" "$DATA/sample.jsonl"
	for shape in "${shapes[@]}"; do
		run ! --separate-stderr fetch --page-size 4 --retries 0
		[[ $status == 1 || $status == 75 ]]
		diff <(head -n 4 "$DATA/sample.jsonl") <(echo "$output")
		case $shape in
		body-array) [[ $stderr == *'[]'* ]] ;;
		body-string) [[ $stderr == *Ratelimited* ]] ;;
		body-null) [[ $stderr == *null* ]] ;;
		error-in-200) [[ $stderr == *'Internal server error'* ]] ;;
		*) [[ $stderr == *'{"object":"list"'* ]] ;;
		esac
	done
	[ "$(asked '.fault // empty' | wc -l)" = "${#shapes[@]}" ]
}

@test "fetch: what is no HTTP, or no body at all, is an error" {
	for fault in rubbish empty; do
		api --fault "2+:$fault" "$DATA/sample.jsonl"
		run ! --separate-stderr fetch --page-size 4
		[[ $status == 1 || $status == 75 ]]
		diff <(head -n 4 "$DATA/sample.jsonl") <(echo "$output")
		[ -n "$stderr" ]
		api_stop
	done
}

@test "fetch: HTML with 200 is an error, with its first bytes" {
	api --fault every:html "$DATA/sample.jsonl"
	run ! --separate-stderr fetch
	[[ $status == 1 || $status == 75 ]]
	[ -z "$output" ]
	[[ $stderr == *'<!DOCTYPE html>'* ]]
	# One line a message, whatever stands in the page.
	for line in "${stderr_lines[@]}"; do
		[[ $line == 'wos-fetch: '* ]]
	done
}

# bats test_tags=slow
@test "fetch: cursors that go round are noticed" {
	"$ROOT/test/api/make-events" 300 >events
	for length in 1 2 7; do
		api --fault "every:loop:$length" events
		run -1 fetch --page-size 10
		assert_output --partial cursor
		(($(requests) < 40))
		api_stop
	done
}

# bats test_tags=slow
@test "fetch: and so is a circle of more cursors than are remembered" {
	"$ROOT/test/api/make-events" 400 >events
	api --fault every:loop:300 events
	run -1 --separate-stderr fetch --page-size 1 --rate 10000
	[[ $stderr == *'the same cursor came again'* ]]
	(($(requests) < 1100)) # 512 to the mark, and once round
}

@test "fetch: empty pages that never end are left" {
	api --fault every:endless "$DATA/sample.jsonl"
	run fetch
	((status < 124))
	(($(requests) < 1100))
}

@test "fetch: a page larger than its limit is refused, and none of it is written" {
	api --fault every:big:101 "$DATA/sample.jsonl"
	run -1 --separate-stderr fetch
	[ -z "$output" ]
	api_stop
	api --fault every:big:5 "$DATA/sample.jsonl"
	run -1 --separate-stderr fetch --page-size 4
	[ -z "$output" ]
}

# bats test_tags=slow
@test "fetch: a body without end is left at a named bound, and memory too" {
	for fault in big long bomb deep head-flood; do
		api --fault "every:$fault" "$DATA/sample.jsonl"
		run ! --separate-stderr timeout 300 "$ROOT/test/api/peak" 32768 \
		    wos-fetch --retry-pause 1
		[[ $status == 1 || $status == 75 ]]
		[ -z "$output" ]
		[[ -n $stderr && $stderr != *peak:* ]]
		api_stop
	done
}

# bats test_tags=slow
@test "fetch: headers without end are left, and may be others next time: 75" {
	for fault in head-flood long-header; do
		api --fault "2:$fault" "$DATA/sample.jsonl"
		fetch --page-size 4 >got 2>err
		fetched got
		api_stop
		api --fault "2+:$fault" "$DATA/sample.jsonl"
		run -75 --separate-stderr timeout 300 "$ROOT/test/api/peak" 32768 \
		    wos-fetch --retry-pause 1 --retries 2 --page-size 4
		diff <(head -n 4 "$DATA/sample.jsonl") <(echo "$output")
		[ "${#stderr_lines[@]}" = 3 ]
		api_stop
	done
}

@test "fetch: control bytes in a string are refused as JSON refuses them" {
	for fault in nul newline; do
		api --fault "every:$fault" "$DATA/sample.jsonl"
		run ! --separate-stderr fetch
		[[ $status == 1 || $status == 75 ]]
		[ -z "$output" ]
		api_stop
	done
}

@test "fetch: invalid UTF-8 never becomes a broken line" {
	api --fault every:utf8 "$DATA/sample.jsonl"
	fetch >got
	# As it came, but for the white space: the ledger keeps it so.
	sed '1s/\(event_[^"]*\)/\1'$'\xff\xc3''/' "$DATA/sample.jsonl" >want
	cmp want got
}

@test "fetch: a redirect is not followed, least of all with the key" {
	api "$DATA/sample.jsonl"
	other=$LOG
	target=$API_URL
	LOG=$BATS_TEST_TMPDIR/front
	api_start --log "$LOG" --fault "every:redirect:$target/events" "$DATA/sample.jsonl"
	run -1 --separate-stderr fetch
	[ -z "$output" ]
	[[ $stderr == *302* ]]
	[ ! -s "$other" ]
	[ "$(requests)" = 1 ]
}

# What is said about it.

@test "fetch: the key is in no message, whatever the server echoes" {
	local statuses=(200 302 400 401 403 404 422 429 500 503)
	faults=()
	for n in "${!statuses[@]}"; do
		faults+=(--fault "$((n + 1)):echo-key:${statuses[n]}")
	done
	api "${faults[@]}" "$DATA/sample.jsonl"
	for status in "${statuses[@]}"; do
		run ! --keep-empty-lines --separate-stderr fetch -v --retries 0
		[ -n "$stderr" ]
		no_key <(echo "$output$stderr")
	done
	[ "$(asked .fault | sort | uniq -c | xargs)" = '10 echo-key' ]
}

@test "fetch: the key is not quoted in any of the ways a string can be written" {
	escaped=$(printf %s "$API_KEY" | sed 's/./&\n/g' | while IFS= read -r c; do
		printf '\\u%04x' "'$c"
	done)
	printf '{"message":"no: Bearer %s","code":"%s"}' "$escaped" "$escaped" >body
	api --fault every:body:body "$DATA/sample.jsonl"
	run ! fetch -v
	refute_output --partial "$API_KEY"
}

@test "fetch: control bytes in the API's words are made visible" {
	api --fault $'every:403:\e[2J\e]0;owned\a\rline\nwos-fetch: done\x7f' "$DATA/sample.jsonl"
	run -1 --separate-stderr fetch
	[[ $stderr != *$'\e'* && $stderr != *$'\a'* && $stderr != *$'\r'* ]]
	[[ $stderr != *$'\x7f'* ]]
	[ "${#stderr_lines[@]}" = 1 ]
}

@test "fetch: and in its headers" {
	for status in 302 403; do
		api --fault "every:odd-headers:$status" "$DATA/sample.jsonl"
		run -1 --separate-stderr fetch -v
		[[ $stderr != *$'\e'* && $stderr != *$'\a'* ]]
		((${#stderr} < 6000))
		api_stop
	done
}

# quiet FILE: nothing in it does anything to a terminal but end a line.
quiet() {
	python3 - "$1" <<-'END'
		import sys, unicodedata
		text = open(sys.argv[1], "rb").read().decode("utf-8")
		bad = [c for c in text if c != "\n"
		       and unicodedata.category(c) in ("Cc", "Zl", "Zp")
		       or unicodedata.bidirectional(c) in ("LRE", "RLE", "PDF", "LRO",
		           "RLO", "LRI", "RLI", "FSI", "PDI") or c in "\u200e\u200f\u061c"]
		sys.exit("%r in %r" % (bad, text) if bad else 0)
	END
}

# bats test_tags=slow
@test "fetch: nothing that the API says does anything to a terminal, in text or JSON" {
	local bad=$'\e[2J\e]0;owned\a\b\x7f\xc2\x9b2J\xe2\x80\xaegnp.\xe2\x81\xa6x\xe2\x80\xa8\xd8\x9c\xff\xc3'
	local in_json='\u001b[2J\u0007\u009b2J\u202egnp.\u2066x\u2028\u061c'
	local n=0 faults=()

	for body in "403:$bad" "500:<html>$bad" "200:$bad" "200:{\"data\":[\"$bad\"]}" \
	    "403:{\"message\":\"$in_json\",\"code\":\"$in_json\",\"errors\":[{\"field\":\"$in_json\",\"code\":\"$in_json\"}]}" \
	    "403:\"$in_json\"" "403:{\"message\":\"\\u0000$in_json\\ud800\"}" "200:{\"data\":[],\"list_metadata\":[\"$in_json\"]}" \
	    "400:{\"message\":\"Invalid name parameter, received: '$in_json'. You\"}"; do
		printf %s "${body#*:}" >"body.$n"
		faults+=(--fault "$((n + 1)):body:${body%%:*}:body.$n")
		n=$((n + 1))
	done
	faults+=(--fault "$((n + 1)):odd-headers:403" --fault "$((n + 2)):odd-headers:302"
		--fault "$((n + 3)):header:403:X-Request-Id:${bad:0:20}" --fault "$((n + 4)):rubbish")
	for format in text json; do
		api "${faults[@]}" "$DATA/sample.jsonl"
		for ((left = n + 4; left > 0; left--)); do
			run ! --separate-stderr fetch -v --retries 0 --log-format "$format"
			printf %s "$stderr" >said
			[ -s said ]
			quiet said
		done
		[ "$(requests)" = $((n + 4)) ]
		api_stop
	done
}

@test "fetch: a status of success that is none of 200 is no page" {
	for status in 201 204 206; do
		api --fault "2+:$status" "$DATA/sample.jsonl"
		run -1 --separate-stderr fetch --page-size 4
		diff <(head -n 4 "$DATA/sample.jsonl") <(echo "$output")
		[[ $stderr == *$status* ]]
		api_stop
	done
}

@test "fetch: a message of a megabyte is told in short" {
	printf '{"message":"%s","code":"x"}' "$(head -c 1000000 /dev/zero | tr '\0' m)" >body
	api --fault every:body:body "$DATA/sample.jsonl"
	run ! fetch
	((${#output} < 5000))
}
