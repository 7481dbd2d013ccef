# SPDX-License-Identifier: MIT
# wos-fetch --from: answers and lines that were saved.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2016,SC2154	# quoted for another shell; set by run

load helper
load fetch

@test "fetch: --from writes the events of saved pages, compact or pretty" {
	run -0 wos-fetch --from "$DATA/fetch-exact.compact.json"
	diff "$DATA/fetch-exact.jsonl" <(echo "$output")
	run -0 wos-fetch --from "$DATA/fetch-exact.pretty.json"
	diff "$DATA/fetch-exact.jsonl" <(echo "$output")
}

@test "fetch: --from takes what curl saved" {
	api "$DATA/sample.jsonl"
	curl -s -H "Authorization: Bearer $API_KEY" -o page \
	    "$API_URL/events?events=user.created&limit=2"
	wos-fetch --from page >got
	diff <(jq -c 'select(.event == "user.created")' "$DATA/sample.jsonl" |
	    head -n 2) got
}

@test "fetch: --from takes lines, and several files in their order" {
	head -n 5 "$DATA/sample.jsonl" >a
	sed -n 6,10p "$DATA/sample.jsonl" |
	    jq -s '{object: "list", data: ., list_metadata: {}}' >b
	jq . <(tail -n 5 "$DATA/sample.jsonl") >c # values over many lines
	wos-fetch --from a b c >got
	fetched got
	cat a b c >all
	wos-fetch --from all >got
	fetched got
}

@test "fetch: --from needs neither key nor network" {
	unset WORKOS_API_KEY
	WORKOS_BASE_URL=http://127.0.0.1:1 wos-fetch --from "$DATA/sample.jsonl" >got
	fetched got
}

@test "fetch: --from - is standard input" {
	wos-fetch --from - <"$DATA/sample.jsonl" >got
	fetched got
}

@test "fetch: --from with --events and --max" {
	wos-fetch --from "$DATA/sample.jsonl" --events 'user.*' --max 4 >got
	diff <(jq -c 'select(.event | startswith("user."))' "$DATA/sample.jsonl" |
	    head -n 4) got
}

@test "fetch: --from keeps types that no catalogue knows" {
	echo '{"id":"event_1","event":"thing.invented","data":{},"created_at":"2026-01-01T00:00:00Z"}' >file
	wos-fetch --from file >got
	cmp file got
}

@test "fetch: --from refuses what is cut short, and says where" {
	head -c -40 "$DATA/fetch-exact.pretty.json" >page
	run -1 --separate-stderr wos-fetch --from page
	[[ $stderr == *page* ]]
	head -c -40 "$DATA/sample.jsonl" >lines
	run -1 --separate-stderr wos-fetch --from lines
	[[ $stderr == *lines* ]]
	echo "$output" >got
	lines_are_events got
}

@test "fetch: --from refuses what holds no events" {
	echo '{"message":"Unauthorized"}' >error
	echo '<html>' >html
	echo '[1]' >array
	: >empty
	for file in error html array missing .; do
		run -1 --separate-stderr wos-fetch --from "$file"
		[ -z "$output" ]
		[[ $stderr == *$file* ]]
	done
	echo '}{"id":"event_01","event":"user.created"}' >bracket
	run -1 --separate-stderr wos-fetch --from bracket
	assert_equal "$stderr" \
	    "wos-fetch: bracket: line 1: neither a list page nor an event; it begins: }"
	run -0 wos-fetch --from empty # no line, no event
	assert_output ''
}

@test "fetch: --from passes over a byte order mark, however it comes" {
	{
		printf '\xEF\xBB\xBF'
		cat "$DATA/sample.jsonl"
	} >marked
	wos-fetch --from marked marked >got
	diff <(cat "$DATA/sample.jsonl" "$DATA/sample.jsonl") got
	mkfifo pipe
	wos-fetch --from pipe >got 3>&- &
	STARTED+=("$!")
	exec 8>pipe
	for byte in '\xEF' '\xBB' '\xBF'; do
		# shellcheck disable=SC2059 # an escape
		printf "$byte" >&8
		# Only once it has been read.
		until_true python3 -c 'import array, fcntl, sys, termios
n = array.array("i", [0])
fcntl.ioctl(8, termios.FIONREAD, n)
sys.exit(n[0])'
	done
	cat "$DATA/sample.jsonl" >&8
	exec 8>&-
	ends_with 0 "$!"
	fetched got
	# A mark alone is an empty file, and one inside of a file is no mark.
	printf '\xEF\xBB\xBF' >empty
	run -0 wos-fetch --from empty
	assert_output ''
	for text in '\xEF\xBB' '\xEF\xBB\xBF\xEF\xBB\xBF' '\n\xEF\xBB\xBF'; do
		# shellcheck disable=SC2059 # escapes
		printf "$text" >odd
		run -1 wos-fetch --from odd
	done
}

@test "fetch: --from without a file is wrong usage, and so is asking as well" {
	run -2 wos-fetch --from
	assert_output 'wos-fetch: --from: no file is named; - is standard input'
	run -2 wos-fetch --from "$DATA/sample.jsonl" --after event_1
	run -2 wos-fetch --from "$DATA/sample.jsonl" --base-url http://localhost
	run -2 wos-fetch "$DATA/sample.jsonl"
	assert_output 'wos-fetch: there is a word too many: files need --from, and a script takes one DATABASE'
	# It may be a database with a password.
	run -2 wos-fetch --explain postgresql://me:open-sesame@host/app
	refute_output --partial open-sesame
}
