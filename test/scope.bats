#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a cursor stands for: which types of events, of whom, since when.  What it
# lacks is fetched; what nobody knows is not trusted; nothing with a hole is fresh.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's, and newdb makes $app

load helper
load fetch
load scope

# bats test_tags=slow
@test "scope: one run with fewer types, and the next fetches the others" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app" --events 'user.*'
	lacks organization.created
	# For these types it is complete.
	run -0 wos-status "$app"
	assert_line --partial 'stands for  3 event types'
	says 'does not stand for all of these types yet'
	complete
	quiet
	run -0 wos-status "$app"
	assert_line --partial 'stands for  127 event types'
}

# bats test_tags=slow
@test "scope: an end that was seen with fewer types is no end of the others" {
	recent "$DATA/sample.jsonl" | tail -n +6 >events
	api events
	# The end is seen, and the cursor is at the first event, far behind it.
	wos-sync "$app" --events user.created
	[ "$(cursor)" = "$(head -n 1 events | jq -r .id)" ]
	# Nothing is missing up to there; but after it, and the run is cut short.
	wos-sync "$app" --margin 1s --max 1 2>err
	not_fresh
	wos-sync "$app" 2>err
	complete
}

# bats test_tags=slow
@test "scope: asked for less, rows change and the cursor stays" {
	recent "$DATA/sample.jsonl" >all
	head -n 9 all >events
	api events
	wos-sync "$app"
	tail -n +10 all >>events
	before=$(cursor)
	says 'the cursor stays at' --events 'user.*,session.created'

	assert_equal "$(cursor)" "$before"
	[ "$(sql "$app" 'SELECT count(*) FROM events_cursor')" -gt 9 ]
	quiet
	complete
}

# bats test_tags=slow
@test "scope: --except leaves types out, and they count as not asked for" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app" --except 'organization*'
	lacks organization.created
	says 'does not stand for all of these types yet'
	complete
}

# bats test_tags=slow
@test "scope: a type that the API refused is asked for again after a week" {
	recent "$DATA/sample.jsonl" >events
	api --refuse organization.created --refuse agent.blueprint.created events
	# Of a type that it may well refuse, nobody needs to hear.
	says 'organization.created: the API does not take this event type'
	lacks organization.created
	run -0 wos-status "$app"
	assert_line '  refused     agent.blueprint.created, organization.created'
	assert_line --partial 'stands for  125 event types'
	# It is not asked for in each run.
	api_stop
	api events
	quiet
	lacks organization.created
	[ "$(requests_for 'select(.query.events | contains("organization.created"))')" = 0 ]
	sql "$app" "UPDATE cursor_scope SET refused_at = refused_at - 8 * 86400000"
	wos-sync "$app"
	complete
	run -0 wos-status "$app"
	assert_line --partial 'stands for  127 event types'
}

# bats test_tags=slow
@test "scope: what was refused is asked for again by another version" {
	recent "$DATA/sample.jsonl" >events
	api --refuse organization.created events
	wos-sync "$app" 2>err
	sql "$app" "UPDATE cursor_scope SET refused_by = '0.0.1' WHERE state = 'refused'"
	# It still refuses: that is noted, and no failure.
	run -0 wos-sync "$app"
	lacks organization.created
	api_stop
	api events
	quiet
	lacks organization.created
	sql "$app" "UPDATE cursor_scope SET refused_by = '0.0.1' WHERE state = 'refused'"
	quiet
	complete
}

@test "scope: an upgrade that knows more types fetches their old events" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app" --except organization.created,organization.updated
	# As the older version has left it: it did not know these.
	says 'organization.created, organization.updated'
	complete
}

# bats test_tags=slow
@test "scope: a database that was filled by hand is read again, once" {
	recent "$DATA/sample.jsonl" >events
	grep -v organization events | wos-decode | wos-apply "$app"
	wos-apply --tail-seen "$(date +%s)000" "$app"
	not_fresh
	api events
	says 'is not known: reading again from the oldest event, once'
	complete
	quiet
}

# bats test_tags=slow
@test "scope: whoever moves the cursor by hand is not trusted" {
	recent "$DATA/sample.jsonl" >all
	head -n 9 all >events
	api events
	wos-sync "$app"
	complete
	cp all events
	tail -n +10 events | grep -v organization | wos-decode |
		wos-apply --after "$(cursor)" "$app"
	assert_equal "$(cursor)" "$(id 14)"
	not_fresh
	says 'reading again from the oldest event, once'
	complete
}

# bats test_tags=slow
@test "scope: a database of version 0.1.0" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app" --events 'user.*'
	sql "$app" 'DROP TABLE cursor_scope'
	for column in scope_event_id scope_organization_id fill_event_id; do
		sql "$app" "ALTER TABLE sync_cursor DROP COLUMN $column"
	done
	not_fresh
	says 'reading again from the oldest event, once'
	complete
	quiet
}

# bats test_tags=slow
@test "scope: of one organization: the cursor of all stays, and the other way fills" {
	recent "$DATA/sample.jsonl" >events
	organization=$(jq -r 'select(.event == "organization.created").data.id' events | head -n 1)
	api events
	wos-sync "$app" --organization "$organization"
	run -0 wos-status "$app"
	assert_line --partial "127 event types, of $organization only"
	before=$(cursor)
	says "stands for one organization, $organization"
	complete
	says 'it stands for more than this run asks for' --organization "$organization"
	run -1 wos-sync "$app" --organization org_nobody
	quiet
	complete
}

# bats test_tags=slow
@test "scope: the range of a first run belongs to it" {
	recent "$DATA/sample.jsonl" >events
	api events
	EVENTS_RANGE_START=$(sed -n 5p events | jq -r .created_at) wos-sync "$app"
	run -0 wos-status "$app"
	assert_line --partial '127 event types, from '
	[ "$(sql "$app" 'SELECT count(*) FROM events_cursor')" = 11 ]
	EVENTS_RANGE_START=$(sed -n 5p events | jq -r .created_at) quiet
	says 'does not stand for all of these types yet'
	complete
}

# bats test_tags=slow
@test "scope: a back-fill that was interrupted goes on" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app" --events 'user.*'
	api_stop
	api --fault 4-9:503 events
	run -75 --separate-stderr wos-sync "$app" --page-size 4 --retries 0
	not_fresh
	run -1 wos-status "$app"
	assert_output --partial 'older events of 124 types are missing'
	api_stop
	api events
	wos-sync "$app" --page-size 4 2>err
	complete
	# From where it had come to, in the order of the stream.
	[ "$(asked 'select(.path == "/events").query.after' | sed -n 2p)" = \
	    "$(grep -v '"user\.' events | sed -n 8p | jq -r .id)" ]
}

# bats test_tags=slow
@test "scope: exit 4: nothing is filled up to a cursor that the API does not know" {
	recent "$DATA/sample.jsonl" >events
	grep user events | wos-decode | wos-apply "$app"
	dump "$app" >before
	grep -v user events | head -n 3 >others
	api others
	run -4 wos-sync "$app"
	diff before <(dump "$app")
}

# bats test_tags=slow
@test "scope: a back-fill whose place the API has forgotten begins again" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app" --events 'user.*'
	api_stop
	api --fault 3-9:503 events
	run -75 wos-sync "$app" --page-size 4 --retries 0
	sql "$app" "UPDATE sync_cursor SET fill_event_id = 'event_gone'"
	api_stop
	api events
	run -0 wos-sync "$app"
	complete
}

@test "scope: what nothing is missing from asks no more than before" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	[ "$(requests)" = 1 ]
	wos-sync "$app"
	[ "$(requests)" = 2 ]
}

@test "scope: exit 1: the API takes none of the types, now and the next time" {
	recent "$DATA/sample.jsonl" >events
	api --refuse user.created events
	for _ in 1 2; do
		run -1 --separate-stderr wos-sync "$app" --events user.created
		[[ $stderr == *'no event type is left to ask for'* ]]
	done
}

# bats test_tags=slow
@test "scope: cursors of different names stand for different things" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync --cursor-name users "$app" --events 'user.*'
	wos-sync "$app"
	complete
	[ "$(requests_for .)" = 2 ]
	run -0 wos-status --cursor-name users "$app"
	assert_line --partial 'stands for  3 event types'
}

@test "scope: wos-fetch --explain says what it would ask for, and asks nothing" {
	run -0 wos-fetch --explain --events 'user.*' --except user.deleted
	assert_output 'begins oldest
key environment
type user.created
type user.updated'
	run -0 wos-fetch --explain --after event_1 --max 3 --api-key-file k --events a.b
	assert_output 'begins after event_1
max 3
key file
type a.b'
	run -0 wos-fetch --explain --from no.such.file
	assert_output 'begins files'
	run -2 wos-fetch --explain --no-such-option
}

# The margin.

# bats test_tags=slow
@test "margin: the cursor never moves backwards, whatever fails" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	before=$(cursor)
	api_stop
	api --fault 2-9:503 events
	for _ in 1 2 3; do
		run -75 wos-sync --margin 1h "$app" --page-size 2 --retries 0
		assert_equal "$(cursor)" "$before"
	done
	run -75 wos-sync --margin 1h --follow=1 "$app" --page-size 2 --retries 0
	assert_equal "$(cursor)" "$before"
	api_stop
	api events
	wos-sync --margin 1h "$app"
	assert_equal "$(cursor)" "$before"
	complete
}

# bats test_tags=slow
@test "margin: exit 4, or a gap, where the API has forgotten the cursor" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	sql "$app" "UPDATE sync_cursor SET tail_seen_at = event_at"
	tail -n 1 events | jq -c '.id = "event_later"' >later
	api_stop
	api later
	run -4 --separate-stderr wos-sync --margin 5m "$app"
	[[ $stderr == *"can't continue after this event"* ]]
	run -4 wos-sync --margin 5m --follow=1 "$app"
	# Nothing was missed: it was there a minute ago.
	run -0 wos-sync --margin 5m --resume "$app"
	assert_equal "$(cursor)" event_later
}

# bats test_tags=slow
@test "margin: exit 4, and a recorded gap, after a long time" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	sql "$app" "UPDATE sync_cursor SET event_at = event_at - 3456000000,
	    tail_seen_at = event_at - 3456000000"
	tail -n 1 events | jq -c '.id = "event_later"' >later
	api_stop
	api later
	run -4 wos-sync --margin 5m "$app"
	run -0 --separate-stderr wos-sync --margin 5m --resume "$app"
	[[ $stderr == *'may be missing'* ]]
	assert_equal "$(cursor)" event_later
	run -2 wos-status --check "$app"
	[[ $output == gap:* ]]
}

# bats test_tags=slow
@test "margin: a cursor at an event that is not asked for is no forgotten one" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	[ "$(tail -n 1 events | jq -r .event)" != user.created ]
	says 'it stands for more than this run asks for' --events user.created
	run -0 wos-sync --margin 5m "$app" --events user.created
}

# bats test_tags=slow
@test "margin: of nothing is none" {
	recent "$DATA/sample.jsonl" >all
	head -n 9 all >events
	api events
	wos-sync "$app"
	tail -n +10 all >>events
	run -0 --separate-stderr wos-sync --margin 0s "$app"
	assert_equal "$stderr" ''
	assert_equal "$(cursor)" "$(id 15)"
	complete
}

# bats test_tags=slow
@test "margin: before an event of the future it begins at the API's time" {
	recent "$DATA/sample.jsonl" >sample
	tail -n 1 sample | jq -c '.id = "event_future" | .created_at = "2099-01-01T00:00:00Z"' |
		cat sample - >events
	api events
	wos-sync "$app"
	assert_equal "$(cursor)" event_future
	# The API lists it after what has happened since.
	head -n 1 sample | jq -c --arg at "$(date -u +%FT%TZ)" \
	    '.id = "event_now" | .created_at = $at' >>events
	for jobs in 1 4; do
		run -0 --separate-stderr wos-sync --margin 5m "$app" --jobs "$jobs"
		assert_equal "$stderr" ''
		assert_equal "$(cursor)" event_future
		[ "$(sql "$app" 'SELECT count(*) FROM events_cursor')" = 17 ]
	done
	run -1 wos-status --check "$app"
	[[ $output == *'in the future: a clock is wrong'* ]]
}

# The environment that the key belongs to.

# bats test_tags=slow
@test "environment: a cursor is not made beside another environment's objects" {
	recent "$DATA/sample.jsonl" >events
	wos-decode events | wos-apply --no-cursor "$app"
	dump "$app" >before
	api --objects none events
	run -1 --separate-stderr wos-sync "$app"
	[[ $stderr == *'looks like one of another environment'* ]]
	diff before <(dump "$app")
	api_stop
	api events
	quiet
	complete
}

# bats test_tags=slow
@test "environment: a forgotten cursor is not resumed by another's key" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	dump "$app" >before
	for margin in '' '--margin 5m'; do
		tail -n 1 events | jq -c '.id = "event_other"' >other
		api_stop
		api --objects none other
		# shellcheck disable=SC2086 # two arguments, or none
		run -1 --separate-stderr wos-sync $margin --resume "$app"
		[[ $stderr == *'looks like one of another environment'* ]]
		diff before <(dump "$app")
		run ! grep gap <(wos-apply --cursor-info "$app")
	done
}

# bats test_tags=slow
@test "environment: where nothing is known of objects, a resume is one" {
	recent "$DATA/sample.jsonl" | sed -n 3p | jq -c '.event = "permission.created"' >events
	wos-decode events |
		wos-apply --report 9 "$app" 9<<<$'begins oldest\ntype permission.created'
	jq -c '.id = "event_later"' events >later
	api --objects none later
	run -0 wos-sync --resume "$app" --events permission.created
	assert_equal "$(cursor)" event_later
}

# A cursor without its event.

# bats test_tags=slow
@test "stray: a cursor whose event is not in the ledger is told, and read up to" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	# An old copy of the database, beside the log of a newer one.
	sql "$app" "DELETE FROM events_cursor WHERE created_at >= $(
	    sed -n 5p events | jq '.created_at | fromdate * 1000')"
	not_fresh
	[[ $output == partial:*'not in the ledger'* ]]
	run -0 --separate-stderr wos-sync "$app"
	[[ $stderr == *'is not in the ledger'* ]]
	complete
	quiet
}
