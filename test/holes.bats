#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How a cursor could come to stand for events that the database lacks: by two
# runs about different organizations, by one beside an old copy, by a cursor that
# was taken away, by another environment's key.

# shellcheck disable=SC2154,SC2016	# stderr is run's, newdb makes $app; eval expands

load helper
load fetch
load state
load scope

# organization N: the id of the sample's Nth.
organization() {
	jq -r 'select(.event == "organization.created").data.id' events | sed -n "$1p"
}

# old_copy: the ledger lacks what came since the sample's fifth event, as that of an
# old copy of the database beside the log of a newer one.
old_copy() {
	sql "$app" "DELETE FROM events_cursor WHERE created_at >= $(
	    sed -n 5p events | jq '.created_at | fromdate * 1000')"
}

# event_of TYPE DATA: the sample's last event, as one of that.
event_of() {
	tail -n 1 events | jq -c --arg type "$1" --argjson data "$2" \
	    '.event = $type | .data = $data | .id = "event_01K00000000000000000000001"'
}

# of_others: another environment's API, which has had one event.
of_others() {
	tail -n 1 events | jq -c '.id = "event_other"' >other
	api_stop
	api --objects none other
}

# refused [OPTION...]: the key is another environment's, and nothing changes.
refused() {
	dump "$app" >before
	run -1 --separate-stderr wos-sync "$@" "$app"
	[[ $stderr == *'looks like one of another environment'* ]]
	diff before <(dump "$app")
}

# bats test_tags=slow
@test "holes: a back-fill of one organization that was interrupted is none of all" {
	recent "$DATA/sample.jsonl" >events
	# By hand: nobody knows what this cursor stands for.
	jq -c --arg id "$(organization 3)" \
	    'select((.data.organization_id // .data.id) == $id)' events |
		wos-decode | wos-apply "$app"
	api --fault 5+:503 events
	run -75 wos-sync "$app" --organization "$(organization 3)" --page-size 1 --retries 0
	[ "$(sql "$app" 'SELECT fill_event_id FROM sync_cursor')" ]
	api_stop
	api events
	wos-sync "$app"
	complete
}

# bats test_tags=slow
@test "holes: a back-fill of one organization goes on, too" {
	recent "$DATA/sample.jsonl" >events
	wos-decode events | wos-apply "$app"
	api --fault 5+:503 events
	run -75 wos-sync "$app" --organization "$(organization 3)" --page-size 1 --retries 0
	place=$(sql "$app" 'SELECT fill_event_id FROM sync_cursor')
	api_stop
	api events
	wos-sync "$app" --organization "$(organization 3)"
	[ "$(requests_for "select(.query.after == \"$place\")")" = 1 ]
	run -0 wos-status "$app"
	assert_line --partial "127 event types, of $(organization 3) only"
}

# bats test_tags=slow
@test "holes: beside an old copy, a run of fewer types is about these alone" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	old_copy
	wos-sync "$app" --events 'user.*'
	run -0 wos-status "$app"
	assert_line --partial 'stands for  3 event types'
	wos-sync "$app"
	complete
}

# bats test_tags=slow
@test "holes: an old copy is noticed after a back-fill, too" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app" --events 'user.*'
	wos-sync "$app"
	complete
	old_copy
	not_fresh
	wos-sync "$app"
	complete
}

# bats test_tags=slow
@test "holes: beside an old copy, the cursor's event itself heals nothing" {
	recent "$DATA/sample.jsonl" >events
	api events
	for by in 'wos-sync $app --since $(tail -n 3 events | jq -r .created_at | head -n 1)' \
	    'tail -n 1 events | wos-decode | wos-apply $app' \
	    'tail -n 1 events | wos-decode | wos-apply --no-cursor $app' \
	    'tail -n 1 events >last; wos-sync $app --from last' \
	    'wos-sync --cursor-name other $app --events organization.deleted'; do
		as_new
		wos-sync "$app"
		old_copy
		eval "$by"
		not_fresh
		wos-sync "$app"
		complete
	done
}

# bats test_tags=slow
@test "holes: a cursor that was taken away takes along what it stood for" {
	recent "$DATA/sample.jsonl" >all
	head -n 9 all >events
	api events
	wos-sync "$app"
	sql "$app" 'DELETE FROM sync_cursor'
	tail -n +10 all >>events
	wos-sync "$app" --events 'user.*'
	run -0 wos-status "$app"
	assert_line --partial 'stands for  3 event types'
	wos-sync "$app"
	complete
}

@test "holes: what the API refuses is written down with the events after that" {
	export WOS_TAIL_EVERY=3600
	mkfifo sql report
	exec 7<>sql 8<>report
	wos-apply --report 9 "$app" <sql 9<report 7>&- 8>&- 3>&- &
	STARTED+=("$!")
	printf '%s\n' 'begins oldest' 'type user.created' 'type session.created' \
	    'tail 1795900000000 1' >&8
	sed -n 1p "$DATA/sample.jsonl" | wos-decode >&7
	until_true tail_is_noted
	# From now on the stream lacks these.
	echo 'refused session.created' >&8
	sed -n 2p "$DATA/sample.jsonl" | wos-decode >&7
	until_true cursor_is_at "$(id 2)"
	assert_equal "$(sql "$app" "SELECT state FROM cursor_scope
	    WHERE event_type = 'session.created'")" refused
}

tail_is_noted() {
	[ "$(sql "$app" 'SELECT tail_seen_at FROM sync_cursor' 2>/dev/null)" ]
}

cursor_is_at() {
	[ "$(cursor)" = "$1" ]
}

# bats test_tags=slow
@test "holes: with a margin, a cursor at another organization's event is not forgotten" {
	recent "$DATA/sample.jsonl" >events
	event_of user.updated '{"id": "user_1"}' >>events
	api events
	wos-sync "$app"
	says 'it stands for more than this run asks for' --organization "$(organization 3)"
	run -0 wos-sync --margin 5m "$app" --organization "$(organization 3)"
	complete
	as_new
	wos-sync "$app" --organization "$(organization 1)"
	run -0 wos-sync --margin 5m "$app" --organization "$(organization 2)"
	# Its own must come.
	head -n 1 events | jq -c --arg id "$(organization 1)" \
	    '.id = "event_later" | .event = "organization.updated" | .data.id = $id' >later
	api_stop
	api later
	run -4 wos-sync --margin 5m "$app" --organization "$(organization 1)"
}

# bats test_tags=slow
@test "holes: with a margin, a cursor whose type the API refuses now is not forgotten" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	before=$(cursor)
	api_stop
	api --refuse "$(tail -n 1 events | jq -r .event)" events
	run -0 wos-sync --margin 5m "$app"
	assert_equal "$(cursor)" "$before"
	event_of user.updated '{"id": "user_1"}' >>events
	run -0 wos-sync --margin 5m "$app"
	complete
}

# bats test_tags=slow
@test "holes: a quiet account is not gone on with by another environment's key" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	sql "$app" 'UPDATE sync_cursor SET event_at = event_at - 3456000000'
	quiet
	of_others
	refused
	refused --margin 5m
}

# aged EVENT TAIL: so many days ago the cursor's event was, and the end was seen.
aged() {
	local now

	now=$(date +%s)
	sql "$app" "UPDATE sync_cursor SET event_at = $(((now - $1 * 86400) * 1000)),
	    tail_seen_at = $(((now - $2 * 86400) * 1000))"
}

# bats test_tags=slow
@test "holes: a quiet account gets what its cursor lacks, though that is forgotten" {
	recent "$DATA/sample.jsonl" >all
	for lacks in types everything; do
		as_new
		grep '"user\.' all >events
		api events
		wos-sync "$app" --events 'user.*'
		[[ $lacks == types ]] ||
			sql "$app" 'UPDATE sync_cursor SET scope_event_id = NULL'
		aged 40 1
		# The API has later events, of types that were not asked for.
		grep -v '"user\.' all >events
		api_stop
		api events
		run -0 --separate-stderr wos-sync "$app"
		[[ $stderr == *'reading '* && $stderr != *$'\n'* ]]
		[ "$(sql "$app" 'SELECT count(*) FROM events_cursor')" = 15 ]
		quiet
		run -0 wos-status --check "$app"
		api_stop
	done
}

# bats test_tags=slow
@test "holes: an API that begins anew instead of refusing a cursor has forgotten it" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	before=$(cursor)
	aged 40 35
	tail -n 1 events | jq -c '.id = "event_later"' >later
	api_stop
	api --after-unknown first later
	run -4 --separate-stderr wos-sync "$app"
	[[ $stderr == *"can't continue after this event"* ]]
	assert_equal "$(cursor)" "$before"
	not_fresh
	run -0 --separate-stderr wos-sync --resume "$app"
	[[ $stderr == *'may be missing'* ]]
	run -2 wos-status --check "$app"
	[[ $output == gap:* ]]
	# One that has not forgotten it goes on.
	as_new
	api_stop
	api --after-unknown first events
	wos-sync "$app" --max 5
	sql "$app" 'UPDATE sync_cursor SET tail_seen_at = NULL'
	at '30 days' wos-sync "$app" 2>err
	[ "$(sql "$app" 'SELECT count(*) FROM events_cursor')" = 15 ]
}

# bats test_tags=slow
@test "holes: an API that begins anew brings no rows of another environment" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	wos-sync --cursor-name users "$app" --events 'user.*'
	jq -c '.id |= "event_other" + .[12:] | .data.id |= "other_" + .
	    | .created_at |= (fromdate - 200000 | todate)' events >other
	api_stop
	api --after-unknown first --objects none other
	dump "$app" >before
	for options in '' '--margin 5m' '--follow=1' '--cursor-name users'; do
		# shellcheck disable=SC2086 # two words, or none
		run -4 --separate-stderr wos-sync $options "$app"
		[[ $stderr == *'begins again with one of '* ]]
		diff before <(dump "$app")
	done
	refused --resume
}

# bats test_tags=slow
@test "holes: a cursor is not made by hand with another environment's key" {
	recent "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	wos-sync --cursor-name second "$app" --since 3h
	of_others
	# Nor are rows of two environments mixed.
	refused --since 3h
	refused --after event_other
	refused --cursor-name third --since 3h
	refused --cursor-name third --after event_other
	refused --cursor-name third
	sql "$app" 'DELETE FROM sync_cursor'
	refused --since 3h
}

# bats test_tags=slow
@test "holes: rows that name an organization tell the environment, too" {
	recent "$DATA/sample.jsonl" >sample
	while read -r type object; do
		as_new
		tail -n 1 sample >events
		event_of "$type" "$object" >one
		mv one events
		api events
		wos-sync --cursor-name other "$app" --events "$type"
		wos-sync "$app" --events "$type"
		of_others
		refused --resume
		sql "$app" "DELETE FROM sync_cursor WHERE name = 'default'"
		refused
		api_stop
	done <<-END
		session.created {"id": "session_1", "user_id": "user_1"}
		organization_membership.created {"id": "om_1", "user_id": "user_1", "organization_id": "org_1"}
		connection.activated {"id": "conn_1", "organization_id": "org_1"}
		dsync.activated {"id": "directory_1", "organization_id": "org_1"}
		dsync.user.created {"id": "directory_user_1", "directory_id": "directory_1", "organization_id": "org_1"}
	END
}

# bats test_tags=slow
@test "holes: a clock before 1970 ends no run, and what it notes is no good news" {
	recent "$DATA/sample.jsonl" >events
	api events
	at '1960-01-01 00:00:00' wos-sync "$app"
	at '1960-01-01 00:00:00' wos-sync --margin 5m --resume "$app"
	not_fresh
	[ "$(sql "$app" 'SELECT min(tail_seen_at) >= 0 FROM sync_cursor')" != 0 ]
	quiet
	complete
}

# bats test_tags=slow
@test "holes: a resume goes by the API's clock, also where it knows no object" {
	recent "$DATA/sample.jsonl" | tail -n 1 | jq -c '.event = "permission.created"' >events
	jq -c '.id = "event_later"' events >later
	for clock in '1960-01-01 00:00:00' '2200-01-01 00:00:00'; do
		as_new
		api events
		wos-sync "$app"
		api_stop
		api --objects none later
		run -0 --separate-stderr at "$clock" wos-sync --resume "$app"
		[[ $stderr == *'nothing is missing'* ]]
		assert_equal "$(cursor)" event_later
		quiet
		run -1 grep gap <(wos-apply --cursor-info "$app")
		api_stop
	done
}

# bats test_tags=slow
@test "holes: what a clock that is ahead has noted is put right by the API's" {
	recent "$DATA/sample.jsonl" >all
	head -n 9 all >events
	api events
	wos-sync "$app"
	tail -n +10 all >>events
	at '2200-01-01 00:00:00' wos-sync "$app" 2>err
	[ "$(sql "$app" 'SELECT moved_at FROM sync_cursor')" -le "$(date +%s%3N)" ]
	complete
	# Nor does such a time make a run that was killed look as if it were at work.
	sql "$app" 'UPDATE sync_cursor SET moved_at = 7258118400000,
	    tail_seen_at = tail_seen_at - 86400000' \
	    'UPDATE sync_run SET ended_at = NULL,
	    began_at = (SELECT tail_seen_at FROM sync_cursor)'
	run -1 wos-status --json "$app"
	assert_equal "$(jq -r '.runs[0].state' <<<"$output")" lost
}

# bats test_tags=slow
@test "holes: an event of the future does not keep the cursor for ever" {
	recent "$DATA/sample.jsonl" >events
	tail -n 1 events | jq -c '.id = "event_future" | .created_at = "2099-01-01T00:00:00Z"' >future
	api future
	wos-sync "$app"
	assert_equal "$(cursor)" event_future
	not_fresh
	# The API has forgotten it.
	api_stop
	api events
	run -4 wos-sync "$app"
	sql "$app" 'UPDATE sync_cursor SET tail_seen_at = tail_seen_at - 7200000'
	wos-sync --resume "$app" 2>err
	assert_equal "$(cursor)" "$(id 15)"
	run -0 wos-status --check "$app"
	# Nor does one from before 1970 end a run.
	head -n 1 events | jq -c '.id = "event_past" | .created_at = "1960-01-01T00:00:00Z"' >past
	as_new
	api_stop
	api past
	wos-sync "$app"
	for options in '' '--margin 5m'; do
		# shellcheck disable=SC2086 # two words, or none
		run -0 wos-sync $options "$app"
	done
}
