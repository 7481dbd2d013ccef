# SPDX-License-Identifier: MIT
# wos-decode --jq: what a filter makes of a line is what there is of it.

# shellcheck disable=SC2016,SC2154	# programs of jq; output is run's

load helper
load stream

# line ID TYPE DATA: an event, as the API writes it.
line() {
	printf '{"object":"event","id":"%s","event":"%s","data":%s,"created_at":"2026-01-01T00:00:00.000Z"}\n' "$@"
}

# payload ID: the ledger's line of that event.
payload() {
	sql "$db" "SELECT event_payload FROM events_cursor WHERE event_id = '$1'"
}

# refused FILTER REASON: the event in the file one is parked as it came.
refused() {
	run -3 --separate-stderr wos-decode --jq "$1" one
	assert_equal "$stderr" "wos-decode: one: line 1: event_1: --jq: $2"
	assert_equal "$(grep -c '^INSERT' <<<"$output")" 1
	[[ $output == *'INTO "parked_event"'*"'line','$(<one)','event_1: --jq: $2'"* ]]
	[[ $output == 'SAVEPOINT "event_1";'* ]]
}

@test "jq: what it makes of a line is in the ledger and in the rows" {
	newdb db
	line event_1 user.created '{"id":"user_1","email":"A@Example.com","first_name":"Ada"}' >one
	wos-decode --jq '.data.email |= ascii_downcase | del(.data.first_name)' one | wos-apply "$db"
	assert_equal "$(sql "$db" 'SELECT email, first_name FROM "user"')" 'a@example.com|'
	assert_equal "$(payload event_1)" \
	    "$(line event_1 user.created '{"id":"user_1","email":"a@example.com"}')"
}

@test "jq: a raw attribute that is deleted is nowhere" {
	newdb db
	local user='{"id":"directory_user_1","directory_id":"directory_1","raw_attributes":{"ssn":"hush"}}'

	line event_1 dsync.user.created "$user" >one
	wos-decode --jq 'del(.data.raw_attributes)' one >sql
	run ! grep hush sql
	wos-apply "$db" <sql
	assert_equal "$(sql "$db" 'SELECT count(*) FROM directory_user')" 1
	# Nor where the event is parked for another reason.
	line event_2 dsync.user.created "${user/\{/{\"updated_at\":\"soon\",}" >two
	run -3 --separate-stderr wos-decode --jq 'del(.data.raw_attributes)' two
	[[ $output == *'INTO "parked_event"'* && $output != *hush* && $stderr != *hush* ]]
}

@test "jq: of what it drops, the ledger keeps id, type and time, and the cursor moves" {
	newdb db
	{
		line event_1 dsync.activated '{"id":"directory_1","type":"x"}'
		line event_2 user.created '{"id":"user_1","email":"a@example.com"}'
	} >in
	wos-decode --jq 'select(.event | startswith("dsync."))' in | wos-apply "$db"
	assert_equal "$(sql "$db" 'SELECT count(*) FROM directory')" 1
	assert_equal "$(sql "$db" 'SELECT count(*) FROM "user"')" 0
	assert_equal "$(payload event_1)" "$(head -n 1 in)"
	assert_equal "$(payload event_2)" \
	    '{"id":"event_2","event":"user.created","created_at":"2026-01-01T00:00:00.000Z"}'
	assert_equal "$(wos-apply --cursor "$db")" event_2
	# That passes any filter as it is; with more, or less, it is what it was.
	wos-apply --export "$db" | wos-decode --jq 'error("no")' >/dev/null ||
		[ $? = 3 ]
	payload event_2 >bare
	diff <(wos-decode bare) <(wos-decode --jq 'error("no")' bare)
	for more in '"object":"event"' '"data":null' '"x":1'; do
		run -3 wos-decode <<<"{$more,$(tail -c +2 bare)"
	done
}

# bats test_tags=slow
@test "jq: the ledger, exported and decoded without it, gives the same tables" {
	newdb db again
	for filter in 'del(.data.raw_attributes, .data.email)' empty . \
	    'select(.event | startswith("user."))' 'if .data.id then . else empty end' \
	    '{id, event, created_at}' 'del(.object, .context)'; do
		newdb db again
		wos-decode --jq "$filter" "$DATA/sample.jsonl" | wos-apply "$db"
		wos-apply --export "$db" >ledger
		wos-decode ledger | wos-apply "$again"
		diff <(dump "$db") <(dump "$again")
	done
}

@test "jq: what it leaves alone stays as it came, and numbers keep their digits" {
	newdb db
	printf '%s\n' ' {"id" : "event_1", "event":"user\u002ecreated","created_at":"2026-01-01",
		"data":{"id":"user_1","metadata":{"n":9007199254740993,"m":[1.50,{"k":1E400}]},"first_name":"\u00e9\/"}}' |
		tr -d '\n\t' >one
	echo >>one
	diff <(wos-decode one) <(wos-decode --jq . one)
	diff <(wos-decode one) <(wos-decode --jq 'select(.id == "event_1")' one)
	wos-decode --jq 'del(.data.first_name)' one | wos-apply "$db"
	[ "$(payload event_1)" = '{"id":"event_1","event":"user.created","created_at":"2026-01-01","data":{"id":"user_1","metadata":{"n":9007199254740993,"m":[1.50,{"k":1.7976931348623157e+308}]}}}' ]
	[[ $(sql "$db" 'SELECT metadata FROM "user"') == *9007199254740993* ]]
	# One that moves, or whose neighbours do, has what jq has of it.
	run -0 wos-decode --jq '.data.metadata |= {a: .n, m: (.m | reverse)} | .data.metadata.n = 2' one
	[[ $output == *'{"a":9007199254740992,"m":[{"k":'*'},1.5],"n":2}'* ]]
	printf '{"id":"event_2","event":"user.created","created_at":"2026-01-01","data":{"id":"user_1","metadata":[9007199254740993,9007199254740992]}}\n' >two
	run -0 wos-decode --jq 'del(.data.metadata[0])' two
	[[ $output == *'"metadata":[9007199254740992]'* ]]
}

# bats test_tags=slow
@test "jq: a line that it fails at, or makes too much of, is parked as it came" {
	newdb db
	line event_1 user.created '{"id":"user_1","n":[1,2]}' >one
	refused 'error("no")' no
	refused '.data.n | keys | .["x"]' 'Cannot index array with string "x"'
	refused '., .' 'the filter makes more than one value of it'
	refused '1' 'the filter makes no object of it'
	refused '[.]' 'the filter makes no object of it'
	refused 'input' 'break'
	for change in '.id = "event_2"' '.event = "user.updated"' 'del(.event)' '.data' \
	    '.created_at = "2026-01-01T00:00:00.001Z"' '.id = 1' 'del(.id)'; do
		refused "$change" 'the filter changes its id, event or created_at'
	done
	refused '.data.n = "x" * 3000000' \
	    'the filter makes a longer line of it than there may be'
	run -1 --separate-stderr wos-decode --strict --jq 'error("no")' one
	assert_output ''
	# It is not lost, and those around it are applied.
	{
		line event_0 user.created '{"id":"user_0"}'
		cat one
		line event_2 user.created '{"id":"user_2"}'
		echo 'no event'
	} >in
	wos-decode --jq 'if .data.n then error("no") else . end' in 2>/dev/null |
		wos-apply "$db" || [ $? = 3 ]
	assert_equal "$(sql "$db" 'SELECT count(*) FROM "user"')" 2
	assert_equal "$(sql "$db" "SELECT text FROM parked_event WHERE event_id = 'event_1'")" "$(<one)"
	assert_equal "$(sql "$db" 'SELECT count(*) FROM parked_event')" 2
	assert_equal "$(wos-apply --cursor "$db")" event_2
	# With a better filter it is parked no more.
	wos-decode --jq 'del(.data.n)' one | wos-apply --no-cursor "$db"
	assert_equal "$(sql "$db" "SELECT id FROM \"user\" WHERE event_id = 'event_1'")" user_1
	assert_equal "$(sql "$db" 'SELECT count(*) FROM parked_event')" 1
}

@test "jq: text that no database holds is mended, whoever makes it" {
	newdb db
	line event_1 user.created '{"id":"user_1","first_name":"a'$'\xff\xc0''bcdef","last_name":"\u0000\ud800"}' >one
	wos-decode --jq '.data.locale = "x\u0000y"' one | wos-apply "$db"
	assert_equal "$(sql "$db" 'SELECT first_name, last_name, locale FROM "user"')" \
	    'a��bcdef|��|x�y'
}

@test "jq: a program that is none is wrong usage" {
	for filter in '(' '.[' 'nonsense' 'import "a" as a; .' 'include "a"; .' '{"a"'; do
		run -2 --separate-stderr wos-decode --jq "$filter" "$DATA/sample.jsonl"
		assert_output ''
		[[ $stderr == 'wos-decode: --jq: '?* ]]
	done
	run -2 --separate-stderr wos-decode --jq
	run -2 --separate-stderr wos-decode --events --jq .
}

@test "jq: it sees neither the environment nor any file" {
	line event_1 user.created '{"id":"user_1"}' >one
	echo '{"secret":"hush"}' >a.json
	echo 'def f: "hush";' >a.jq
	mkdir home
	echo 'def f: "hush";' >home/.jq
	export SECRET=hush HOME=$PWD/home
	for filter in 'env.SECRET' '$ENV.SECRET' '[env, $ENV] | tojson' 'input_filename' \
	    'get_search_list | tojson' '[inputs] | tojson' 'f' 'import "a" as $a; $a' \
	    'include "a"; f' '"a" | modulemeta | tojson' 'input_line_number' '$__prog_args | tojson'; do
		wos-decode --jq ".data.first_name = ($filter | tostring)" one >out 2>&1 || :
		run ! grep hush out
		[ -s out ]
	done
}

@test "jq: the examples of the manual" {
	api_start "$DATA/sample.jsonl"
	cp "$DATA/sample.jsonl" raw.jsonl
	sed -n '/^\.Sh EX[^I]/,/^\.Sh SEE/p' "$ROOT/decode/wos-decode.1" |
		sed -n '/^\.Bd/,/^\.Ed/{/^\.[BE]d/d; s/\\e$/\\/; p;}' |
		sed -n '/--jq/,/apply/p; /wos-fetch |$/p' >commands
	[ "$(grep -c -e --jq commands)" = 3 ]
	bash -euo pipefail commands
	run -0 sqlite3 app.db 'SELECT count(*) FROM events_cursor'
	assert_output "$(grep -c . raw.jsonl)"
	run -0 sqlite3 directory.db 'SELECT count(*) FROM events_cursor'
	assert_output "$(grep -c . raw.jsonl)"
	run -0 sqlite3 directory.db 'SELECT count(*) FROM "user"'
	assert_output 0
}
