# SPDX-License-Identifier: MIT
# wos-fetch against the stand-in API: what it asks for, and what it writes.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2016,SC2154	# quoted for another shell; set by run

load helper
load fetch

@test "fetch: every event, as the API sent it, a line each" {
	api "$DATA/sample.jsonl"
	wos-fetch >got 2>err
	diff "$DATA/sample.jsonl" got
	[ ! -s err ]
}

@test "fetch: the lines are JSON for any tool" {
	api "$DATA/sample.jsonl"
	wos-fetch | jq -r .event | sort | uniq -c | grep -q ' 3 user.created'
}

@test "fetch: members keep their order, numbers their digits, strings their bytes" {
	for page in compact pretty; do
		api --fault "every:body:$DATA/fetch-exact.$page.json" "$DATA/sample.jsonl"
		wos-fetch >got
		diff "$DATA/fetch-exact.jsonl" got
		api_stop
	done
}

@test "fetch: a run that finds nothing writes nothing and is done" {
	: >none
	api none
	run -0 wos-fetch
	assert_output ''
}

# What is asked.

@test "fetch: the request is what the API wants it to be" {
	api "$DATA/sample.jsonl"
	wos-fetch >got
	[ "$(requests)" = 1 ]
	[ "$(asked .method,.path | xargs)" = 'GET /events' ]
	[ "$(asked .query.order)" = asc ]
	[ "$(asked .query.limit)" = 100 ]
	[ "$(asked '.query.after, .query.range_start, .query.range_end' | xargs)" = \
	    'null null null' ]
	[ "$(asked .headers.authorization)" = matched ]
	asked '.headers["accept-encoding"]' | grep -q gzip
	asked '.headers["user-agent"]' | grep -q '^wos-fetch/'
}

@test "fetch: pages are followed to the last one, over one connection" {
	api "$DATA/sample.jsonl"
	wos-fetch --page-size 4 >got
	fetched got
	[ "$(requests)" = 4 ]
	[ "$(asked .connection | sort -u)" = 1 ]
	[ "$(asked .query.limit | sort -u)" = 4 ]
	[ "$(asked .query.after | xargs)" = "null $(id 4) $(id 8) $(id 12)" ]
}

@test "fetch: an id is what its escapes say, in a cursor and in an event" {
	sed 's/"id":"event_/"id":"\\u0065vent\\u005F/' "$DATA/sample.jsonl" >events
	printf '{"object":"list","data":[%s],"list_metadata":{"after":"\\u0065vent_%s"}}' \
	    "$(head -n 4 events | paste -sd,)" "$(id 4 | sed 's/^event_//; s/0/\\u0030/g')" >page
	grep -q '"after":".u0065vent_.u0030' page
	api --fault 1:body:page events
	wos-fetch --page-size 4 --tail-file tail >got
	cmp events got # as they came
	[ "$(asked .query.after | xargs)" = "null $(id 4) $(id 8) $(id 12)" ]
	[ "$(cut -d ' ' -f 2 tail)" = "$(id 15)" ]
	# The event's type, too.
	sed 's/"event":"user/"event":"\\u0075ser/' "$DATA/sample.jsonl" >events
	wos-fetch --from events --events 'user.*' >got
	diff got <(grep 'u0075ser' events)
	[ "$(grep -c '' got)" = "$(grep -c '"event":"user' "$DATA/sample.jsonl")" ]
}

@test "fetch: a last page that is full ends the run like any other" {
	api "$DATA/sample.jsonl"
	wos-fetch --page-size 5 >got
	fetched got
	[ "$(requests)" = 3 ]
}

@test "fetch: the cursor is followed, whatever event it names" {
	api --cursor between "$DATA/sample.jsonl"
	wos-fetch --events 'user.*' --page-size 1 >got
	diff <(jq -c 'select(.event | startswith("user."))' "$DATA/sample.jsonl") got
	asked .query.after | grep -q "$(id 10)" # an organization's
}

@test "fetch: no cursor, an empty one and none at all end the list alike" {
	for tail in null empty absent; do
		api --tail "$tail" "$DATA/sample.jsonl"
		wos-fetch --page-size 6 >got
		fetched got
		api_stop
	done
}

@test "fetch: a page without events ends the list, whatever its cursor" {
	api --tail last "$DATA/sample.jsonl"
	wos-fetch --page-size 6 >got
	fetched got
	[ "$(requests)" = 4 ]
	wos-fetch --after "$(id 15)" >got
	[ ! -s got ]
}

@test "fetch: --page-size is 1 to 100" {
	api "$DATA/sample.jsonl"
	for size in 1 100; do
		wos-fetch --page-size "$size" >got
		fetched got
	done
	for size in 0 101 -1 1e2 '' ten 4294967297; do
		run -2 --separate-stderr wos-fetch --page-size "$size"
		[ -z "$output" ]
		[[ $stderr == *page-size* ]]
	done
}

@test "fetch: --max N ends after so many events" {
	api "$DATA/sample.jsonl"
	for max in 1 4 5 14 15 16; do
		wos-fetch --page-size 4 --max "$max" >got
		diff <(head -n "$max" "$DATA/sample.jsonl") got
	done
	for max in -1 x '' 99999999999999999999; do
		run -2 wos-fetch --max "$max"
	done
}

@test "fetch: --max asks for no more than it needs" {
	api "$DATA/sample.jsonl"
	wos-fetch --page-size 4 --max 8 >got
	[ "$(requests)" = 2 ]
}

@test "fetch: --organization is passed on" {
	api "$DATA/sample.jsonl"
	org=$(jq -r 'select(.data.name == "Globex").data.id' "$DATA/sample.jsonl")
	wos-fetch --organization "$org" >got
	[ "$(jq -r .event got | xargs)" = \
	    'organization.created organization_membership.created' ]
	[ "$(asked .query.organization_id)" = "$org" ]
}

@test "fetch: what goes into the URL is escaped" {
	api "$DATA/sample.jsonl"
	run -1 wos-fetch --organization 'org&limit=1#/?%25 ü'
	[ "$(asked .query.organization_id)" = 'org&limit=1#/?%25 ü' ]
	[ "$(asked .query.limit)" = 100 ]
	run -4 wos-fetch --after 'event_1&limit=1'
	[ "$(asked .query.after | tail -n 1)" = 'event_1&limit=1' ]
}

# Which events.

@test "fetch: by default every type that the API is known to list" {
	api "$DATA/sample.jsonl"
	wos-fetch >got
	diff <(asked .query.events | tr , '\n' | sort) \
	    <(sed -n 's/^.*(USUAL, \([a-z_.]*\).*/\1/p' \
		"$ROOT/schema/catalogue.def" | sort -u)
}

@test "fetch: --events takes names" {
	api "$DATA/sample.jsonl"
	wos-fetch --events user.created,organization.deleted >got
	[ "$(asked .query.events | tr , '\n' | sort | xargs)" = \
	    'organization.deleted user.created' ]
	[ "$(jq -r .event got | sort | uniq -c | xargs)" = \
	    '1 organization.deleted 3 user.created' ]
}

@test "fetch: --events takes globs, which the catalogue resolves" {
	api "$DATA/sample.jsonl"
	wos-fetch --events 'user.*,*.member_added' >got
	[ "$(asked .query.events | tr , '\n' | sort | xargs)" = \
	    'group.member_added user.created user.deleted user.updated' ]
}

@test "fetch: --events may be given several times" {
	api "$DATA/sample.jsonl"
	wos-fetch --events user.created --events 'organization.*,user.created' >got
	[ "$(asked .query.events | tr , '\n' | sort | xargs)" = \
	    'organization.created organization.deleted organization.updated user.created' ]
}

@test "fetch: a glob reaches types that are only listed when asked for" {
	api "$DATA/sample.jsonl"
	wos-fetch --events 'waitlist_user.*' >got
	[ "$(asked .query.events | tr , '\n' | sort | xargs)" = \
	    'waitlist_user.approved waitlist_user.created waitlist_user.denied' ]
}

@test "fetch: a glob that matches nothing and an empty list are wrong usage" {
	api "$DATA/sample.jsonl"
	for list in 'usr.*' '' ',' 'user.created,,' ' '; do
		run -2 --separate-stderr wos-fetch --events "$list"
		[ -z "$output" ]
		[ -n "$stderr" ]
	done
	[ "$(requests)" = 0 ]
}

@test "fetch: what was not asked for is dropped" {
	api --fault "every:body:$DATA/fetch-exact.compact.json" "$DATA/sample.jsonl"
	wos-fetch --events user.created >got
	diff <(head -n 1 "$DATA/fetch-exact.jsonl") got
}

@test "fetch: a name that the API refuses is said, left out, and the run goes on" {
	api --refuse user.updated --refuse organization.updated "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-fetch --page-size 4
	[[ $stderr == *user.updated* && $stderr == *organization.updated* ]]
	diff <(jq -c 'select(.event | . != "user.updated" and
	    . != "organization.updated")' "$DATA/sample.jsonl") <(echo "$output")
	[ "$(asked .status | xargs)" = '400 400 200 200 200 200' ]
}

@test "fetch: a name that is new to the catalogue is asked for all the same" {
	api "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-fetch --events user.created,user.invented
	[[ $stderr == *user.invented* ]]
	[ "${#lines[@]}" = 3 ]
}

@test "fetch: every name refused is a failure, not an empty stream" {
	api --refuse user.created "$DATA/sample.jsonl"
	run -1 --separate-stderr wos-fetch --events user.created
	[ -z "$output" ]
	[[ $stderr == *user.created* ]]
}

@test "fetch: an API that refuses a name which was not sent is an error" {
	api --fault 'every:400:Invalid name parameter, received: '\''not.sent'\''. You must pass in valid event names' "$DATA/sample.jsonl"
	run -1 wos-fetch
	assert_output --partial not.sent
	[ "$(requests)" = 1 ]
}

# From where, to when.

@test "fetch: --after continues behind an event" {
	api "$DATA/sample.jsonl"
	wos-fetch --after "$(id 6)" --page-size 5 >got
	diff <(tail -n +7 "$DATA/sample.jsonl") got
	[ "$(asked .query.after | head -n 1)" = "$(id 6)" ]
	wos-fetch --after "$(id 15)" >got
	[ ! -s got ]
}

@test "fetch: --until holds even if the API does not take it with a cursor" {
	for how in 400 ignored; do
		api --after-with-end "$how" "$DATA/sample.jsonl"
		wos-fetch --after "$(id 2)" --until 2026-11-02T09:40:00Z --page-size 3 >got
		diff <(sed -n 3,10p "$DATA/sample.jsonl") got
		wos-fetch --since 2026-11-02 --until 2026-11-02T09:40:00Z --page-size 3 >got
		diff <(sed -n 1,10p "$DATA/sample.jsonl") got
		(($(requests) <= 12))
		api_stop
	done
}

@test "fetch: --after and --since exclude each other" {
	api "$DATA/sample.jsonl"
	run -2 wos-fetch --after "$(id 6)" --since 1h
	[ "$(requests)" = 0 ]
}

@test "fetch: --after with --until ends there" {
	api "$DATA/sample.jsonl"
	wos-fetch --after "$(id 6)" --until 2026-11-02T09:40:00Z >got
	diff <(sed -n 7,10p "$DATA/sample.jsonl") got
}

@test "fetch: --since and --until take ISO 8601" {
	api "$DATA/sample.jsonl"
	for since in 2026-11-02T09:20:00Z 2026-11-02T09:20:00.000Z \
	    2026-11-02T10:20:00+01:00 '2026-11-02 09:20:00'; do
		wos-fetch --since "$since" --until 2026-11-02T09:40:00Z >got
		diff <(sed -n 7,10p "$DATA/sample.jsonl") got
	done
	wos-fetch --since 2026-11-02 --until 2026-11-03 >got
	fetched got
}

@test "fetch: --since and --until take Unix milliseconds" {
	api "$DATA/sample.jsonl"
	wos-fetch --since 1793611200000 --until 1793612400000 >got
	diff <(sed -n 7,10p "$DATA/sample.jsonl") got
}

@test "fetch: --since takes an age" {
	api "$DATA/sample.jsonl"
	for age in 60s=60 15m=900 1h=3600 29d=2505600; do
		before=$(date +%s)
		wos-fetch --since "${age%=*}" >got
		after=$(date +%s)
		asked=$(date -ud "$(asked .query.range_start | tail -n 1)" +%s)
		# It may ask from a little earlier, never from later.
		((asked <= after - ${age#*=} && asked >= before - ${age#*=} - 2))
	done
}

@test "fetch: what is no time is wrong usage" {
	api "$DATA/sample.jsonl"
	for time in '' yesterday 1w 2026-13-01 2026-11-02T25:00:00Z -5m 1.5h \
	    99999999999999999999 99999999999999d h; do
		run -2 wos-fetch --since "$time"
		run -2 wos-fetch --until "$time"
	done
	[ "$(requests)" = 0 ]
}

@test "fetch: a time that looks like seconds is said" {
	api "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-fetch --since 1793611200 --until 2026-11-03 --max 1
	[[ $stderr == *1793611200*seconds* ]]
}

@test "fetch: a range that ends before it begins is wrong usage" {
	api "$DATA/sample.jsonl"
	run -2 wos-fetch --since 2026-11-03 --until 2026-11-02
	[ "$(requests)" = 0 ]
}

# bats test_tags=slow
@test "fetch: an event at the very edge of a range is in it once, however the API counts" {
	for edges in '()' '[)' '(]' '[]'; do
		api --edges "$edges" "$DATA/sample.jsonl"
		wos-fetch --since "$(sed -n 4p "$DATA/sample.jsonl" | jq -r .created_at)" \
		    --until 2026-11-02T09:40:00Z >got
		diff <(sed -n 4,10p "$DATA/sample.jsonl") got
		api_stop
	done
}

@test "fetch: --until ends before the events of its moment, however the API counts" {
	for edges in '()' '[)' '(]' '[]'; do
		api --edges "$edges" "$DATA/sample.jsonl"
		wos-fetch --until "$(sed -n 11p "$DATA/sample.jsonl" | jq -r .created_at)" >got
		diff <(sed -n 1,10p "$DATA/sample.jsonl") got
		api_stop
	done
}

@test "fetch: EVENTS_RANGE_START and EVENTS_RANGE_END are the defaults" {
	api "$DATA/sample.jsonl"
	export EVENTS_RANGE_START=1793611200000 EVENTS_RANGE_END=1793612400000
	wos-fetch >got
	diff <(sed -n 7,10p "$DATA/sample.jsonl") got
}

@test "fetch: an option beats the environment" {
	api "$DATA/sample.jsonl"
	export EVENTS_RANGE_START=1793611200000 EVENTS_RANGE_END=1793612400000
	wos-fetch --since 2026-11-02 >got
	diff <(sed -n 1,10p "$DATA/sample.jsonl") got
	wos-fetch --until 2026-11-03 >got
	diff <(sed -n '7,$p' "$DATA/sample.jsonl") got
}

@test "fetch: --after beats the environment" {
	api "$DATA/sample.jsonl"
	export EVENTS_RANGE_START=1793611200000
	wos-fetch --after "$(id 2)" >got
	diff <(sed -n '3,$p' "$DATA/sample.jsonl") got
}

@test "fetch: an environment that holds no time is wrong usage" {
	api "$DATA/sample.jsonl"
	EVENTS_RANGE_START=soon run -2 wos-fetch
	assert_output --partial EVENTS_RANGE_START
	EVENTS_RANGE_END=soon run -2 wos-fetch
	assert_output --partial EVENTS_RANGE_END
}

@test "fetch: an empty variable is an unset one" {
	api "$DATA/sample.jsonl"
	EVENTS_RANGE_START='' EVENTS_RANGE_END='' wos-fetch >got
	fetched got
}

@test "fetch: more than 30 days are asked for in slices, none lost or twice at the seams" {
	"$ROOT/test/api/make-events" 400 2026-06-01T00:00:00Z 2026-11-20T00:00:00Z >events
	for edges in '()' '[)' '(]' '[]'; do
		api --edges "$edges" events
		wos-fetch --since 2026-05-20 --until 2026-11-22 >got
		diff events got
		# 186 days
		(($(asked 'select(.query.after == null) | .query.range_start' | wc -l) >= 7))
		api_stop
	done
}

@test "fetch: a seam that falls on an event" {
	# Slices of exactly 30 days, and events at each of their ends.
	for day in 06-01 07-01 07-31 08-30 09-29; do
		echo '{"id":"event_'$day'","event":"user.created","data":{"id":"u"},"created_at":"2026-'$day'T00:00:00.000Z"}'
	done >events
	for edges in '()' '[)' '(]' '[]'; do
		api --edges "$edges" events
		wos-fetch --since 2026-06-01 --until 2026-09-30 >got
		diff events got
		api_stop
	done
}

@test "fetch: --since without --until goes up to now, in slices too" {
	"$ROOT/test/api/make-events" 90 2026-06-01T00:00:00Z 2026-11-20T00:00:00Z >events
	api events
	wos-fetch --since 2026-05-20 >got
	diff events got
}

# Where, and with which key.

@test "fetch: --base-url beats WORKOS_BASE_URL" {
	api "$DATA/sample.jsonl"
	url=$WORKOS_BASE_URL
	WORKOS_BASE_URL=http://127.0.0.1:1 wos-fetch --base-url "$url" >got
	fetched got
	wos-fetch --base-url "$url/" >got # as people write it
	fetched got
}

@test "fetch: plain http is for loopback only" {
	export WORKOS_API_KEY=$API_KEY
	for url in http://api.workos.com http://127.0.0.1.example.com \
	    http://localhost.example.com http://user@example.com \
	    http://127.0.0.1@example.com http://0x7f.1.example.com \
	    http://10.0.0.1 HTTP://example.com 'http://example.com?127.0.0.1' \
	    'http://example.com#@127.0.0.1' 'http://example.com\@127.0.0.1'; do
		run -2 wos-fetch --base-url "$url"
		WORKOS_BASE_URL=$url run -2 wos-fetch
	done
}

@test "fetch: a base URL is http or https" {
	export WORKOS_API_KEY=$API_KEY
	for url in '' file:///etc/passwd ftp://127.0.0.1 127.0.0.1 gopher://localhost \
	    https:// 'https://exa mple.com' $'https://127.0.0.1\n'; do
		run -2 wos-fetch --base-url "$url"
	done
}

@test "fetch: localhost is loopback too" {
	api "$DATA/sample.jsonl"
	wos-fetch --base-url "http://localhost:${API_URL##*:}" >got
	fetched got
}

@test "fetch: the key comes from a file" {
	api "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	echo "$API_KEY" >key
	wos-fetch --api-key-file key >got
	fetched got
	printf %s "$API_KEY" >key # no newline
	wos-fetch --api-key-file key >got
	fetched got
	WORKOS_API_KEY=sk_wrong wos-fetch --api-key-file key >got
	fetched got
}

@test "fetch: of a key file, the first line is the key" {
	api "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	printf '%s\r\nX-Evil: 1\r\n' "$API_KEY" >key
	wos-fetch --api-key-file key >got
	fetched got
	[ "$(asked '.headers["x-evil"]')" = null ]
}

@test "fetch: the key file may be a pipe" {
	api "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	wos-fetch --api-key-file <(echo "$API_KEY") >got
	fetched got
}

@test "fetch: no key, no request" {
	api "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	run -2 wos-fetch
	assert_output --partial WORKOS_API_KEY
	WORKOS_API_KEY='' run -2 wos-fetch
	: >empty
	run ! wos-fetch --api-key-file empty
	assert_output --partial empty
	run ! wos-fetch --api-key-file missing
	assert_output --partial missing
	run ! wos-fetch --api-key-file .
	[ "$(requests)" = 0 ]
}

@test "fetch: a key that is no header value goes nowhere" {
	api "$DATA/sample.jsonl"
	for key in $'sk_one\nX-Evil: 1' $'sk_one\rX-Evil: 1' 'sk one' $'sk_one\e' sk_ä; do
		WORKOS_API_KEY=$key run ! wos-fetch
		refute_output --partial sk_one
	done
	head -c 100000 /dev/zero | tr '\0' k >key
	run ! wos-fetch --api-key-file key
	refute_output --partial kkkk
	[ "$(requests)" = 0 ]
}

@test "fetch: a key file without an end is not read to it" {
	api "$DATA/sample.jsonl"
	run ! timeout 20 wos-fetch --api-key-file /dev/zero
	[ "$status" != 124 ]
}

@test "fetch: -v says what is asked, and not the key" {
	api "$DATA/sample.jsonl"
	wos-fetch -v --page-size 5 >got 2>err
	fetched got
	(($(grep -c '^wos-fetch: ' err) >= 3))
	no_key err
}

@test "fetch: the key is in no argument and no file that others can read" {
	api --fault 2:hang "$DATA/sample.jsonl"
	mkfifo out
	wos-fetch --page-size 10 >out 3>&- &
	STARTED+=($!)
	exec 8<out
	read -r -t 30 line <&8
	tr '\0' '\n' </proc/$!/cmdline >cmdline
	no_key cmdline
}

@test "fetch: the proxies of the environment are curl's business, loopback is not theirs" {
	api "$DATA/sample.jsonl"
	http_proxy=http://127.0.0.1:1 no_proxy=127.0.0.1 wos-fetch >got
	fetched got
}

# Saved answers.

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
	run -2 wos-fetch --from "$DATA/sample.jsonl" --after event_1
	run -2 wos-fetch --from "$DATA/sample.jsonl" --base-url http://localhost
	run -2 wos-fetch "$DATA/sample.jsonl"
}

# How it ends.

@test "fetch: wrong usage is one line and exit 2" {
	for option in --nonsense -Z extra; do
		run -2 --separate-stderr wos-fetch "$option"
		[ -z "$output" ]
		[[ $stderr == *usage* ]]
	done
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
	WOS_FETCH_RETRY_PAUSE=1 WOS_FETCH_TIMEOUT=0.1 run -75 wos-fetch --retries 2
	[ "$(requests)" = 3 ]
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
	mkfifo out
	wos-fetch --page-size 3 >out 2>err 3>&- &
	STARTED+=($!)
	exec 8<out
	for n in 1 2 3; do
		IFS= read -r -t 30 line <&8
		[ "$line" = "$(sed -n ${n}p "$DATA/sample.jsonl")" ]
	done
}

@test "fetch: the next page is on its way while one is being written" {
	"$ROOT/test/api/make-events" 300 |
	    sed "s/Test/$(head -c 1000 /dev/zero | tr '\0' T)/" >events
	mkfifo out asked
	exec 9<>asked
	LOG=asked api_start --log asked events
	wos-fetch >out 3>&- &
	STARTED+=($!)
	exec 8<out # nobody reads, and a page is larger than a pipe
	read -r -t 30 <&9
	read -r -t 30 <&9
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
	wos-fetch --since 2026-10-31 --jobs 4 --rate 1000 >got
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
