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

# bats test_tags=slow
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

# bats test_tags=slow
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

# bats test_tags=slow
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
