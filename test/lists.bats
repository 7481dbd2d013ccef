# SPDX-License-Identifier: MIT
# What existed before the events: lists of objects, merged with the events.

# STRIDE=1 (make torture) kills a run at each of its requests, else at a few.

# shellcheck disable=SC2034,SC2154 # newdb sets names; others are named by ${!x}

load helper
load fetch

if [[ ${STRIDE:-} ]]; then
	BATS_TEST_TIMEOUT=3600
fi

setup() {
	wos_setup
	newdb all got
	make_world 12 150
	wos-decode <all.jsonl | wos-apply "$all"
	api --before before.jsonl events.jsonl
}

# What lists tell of, but for what an event alone knows or a list knows better:
# where a row is from, what no item of a list has, the domains inside an
# organization, and the states and keys that are asked for by name only.
rows() {
	local table skipped

	for table in user organization organization_membership \
	    organization_domain role organization_role permission invitation \
	    connection directory directory_user directory_group \
	    directory_group_membership group group_member feature_flag \
	    waitlist_user agent_blueprint agent_instance; do
		skipped=event_id,event_at,external_key,environment_id
		skipped+=,previous_attributes
		case $table in
		organization | directory) skipped+=,domains ;;
		organization_role) skipped+=,id ;;
		esac
		echo "$table"
		sql "$1" "SELECT $(columns "$1" "$table" |
		    grep -vxF "${skipped//,/$'\n'}" | sed 's/.*/"&"/' |
		    paste -sd ,) FROM \"$table\" ORDER BY 1, 2"
	done
}

list() {
	wos-fetch --rate 1000 --list
}

# bats test_tags=slow
@test "lists: with the newest events they are as all events from the beginning" {
	list >lists
	cat lists events.jsonl | wos-decode | wos-apply "$got"
	rows "$got" >got.rows
	diff <(rows "$all") got.rows
	# The oldest users are there, of whom no event tells any more.
	first=$(jq -r 'select(.event == "user.created").data.id' before.jsonl |
	    sed -n 2p)
	grep -q "$first" got.rows
	run ! grep -q "$first" events.jsonl
	# And the other way round, in pieces.
	newdb again
	wos-decode <events.jsonl | wos-apply "$again"
	sort -R lists | wos-decode | wos-apply --batch 7 "$again"
	diff <(rows "$all") <(rows "$again")
}

# bats test_tags=slow
@test "lists: they move no cursor" {
	wos-decode <events.jsonl | wos-apply "$got"
	cursor=$(wos-apply --cursor "$got")
	list | wos-decode | wos-apply "$got" 2>err
	[ ! -s err ]
	[ "$(wos-apply --cursor "$got")" = "$cursor" ]
	newdb empty
	list | wos-decode | wos-apply "$empty"
	[ -z "$(wos-apply --cursor "$empty")" ]
	[ "$(sql "$empty" 'SELECT count(*) FROM events_cursor')" = 0 ]
}

@test "lists: each that is complete is noted, with its count" {
	list | tee lists | wos-decode | wos-apply "$got"
	sql "$got" 'SELECT object, parent, count FROM listed ORDER BY 1, 2' >noted
	jq -r 'select(.object == "list_end") | [.of, .parent // "", .count] |
	    join("|")' lists | sort | diff - <(sort noted)
}

# bats test_tags=slow
@test "lists: --export has them, and a rebuild gives the same" {
	list >lists
	cat lists events.jsonl | wos-decode | wos-apply "$got"
	wos-apply --export "$got" >exported
	[ "$(head -n 1 exported | jq -r .object)" = list_item ]
	diff <(sort lists) <(grep '^{"object":"list_' exported | sort)
	newdb rebuilt
	wos-decode <exported | wos-apply "$rebuilt"
	diff <(dump "$got") <(dump "$rebuilt")
	# An older list is not exported again once there is a newer one.
	list | wos-decode | wos-apply "$got"
	[ "$(wos-apply --export "$got" | wc -l)" = "$(wc -l <exported)" ]
}

# bats test_tags=slow
@test "lists: what is deleted stays away, and an item removes nothing" {
	list >lists
	gone=$(jq -r 'select(.event == "user.deleted").data.id' events.jsonl)
	user=$(jq -r 'select(.of == "user" and .data).data.id' lists | head -n 1)
	# It was listed just before it was deleted.
	printf '{"object":"list_item","of":"user","listed_at":"%s","data":{"id":"%s"}}\n' \
	    2030-01-01T00:00:00.000Z "${gone%%$'\n'*}" >>lists
	cat events.jsonl lists | wos-decode | wos-apply "$got"
	diff <(rows "$all") <(rows "$got")
	printf '{"object":"list_end","of":"user","listed_at":"2030-01-01T00:00:00.000Z","count":0}\n' |
	    wos-decode | wos-apply "$got"
	[ "$(sql "$got" "SELECT count(*) FROM \"user\" WHERE id = '$user'")" = 1 ]
}

@test "lists: what wos-verify has found to be gone stays away, also where no event deletes" {
	gone='{"object":"list_gone","of":"agent_instance_session","listed_at":"2026-01-02T00:00:00.000Z","data":{"id":"session_1"}}'
	event='{"id":"event_1","event":"agent.instance.session.created","created_at":"2026-01-01T00:00:00.000Z","data":{"id":"session_1","agent_instance_id":"instance_1","updated_at":"2026-01-01T00:00:00.000Z"}}'
	for order in 'event gone' 'gone event'; do
		newdb one
		for line in $order; do
			wos-decode <<<"${!line}" | wos-apply --no-cursor "$one"
		done
		[ "$(sql "$one" 'SELECT (SELECT count(*) FROM agent_instance_session),
		    (SELECT count(*) FROM tombstone)')" = '0|1' ]
	done
}

# bats test_tags=slow
@test "lists: what items lack is an event's, in any order" {
	created='{"id":"event_1","event":"connection.activated","created_at":"2026-01-01T00:00:00.000Z","data":{"object":"connection","id":"conn_1","name":"old","external_key":"k1","updated_at":"2026-01-01T00:00:00.000Z"}}'
	changed='{"id":"event_2","event":"connection.activated","created_at":"2026-01-02T00:00:00.000Z","data":{"object":"connection","id":"conn_1","name":"older","external_key":"k2","updated_at":"2026-01-02T00:00:00.000Z"}}'
	item='{"object":"list_item","of":"connection","listed_at":"2026-01-03T00:00:00.000Z","data":{"object":"connection","id":"conn_1","name":"new","updated_at":"2026-01-02T00:00:00.000Z"}}'
	for order in 'created changed item' 'created item changed' \
	    'changed created item' 'changed item created' \
	    'item created changed' 'item changed created'; do
		newdb one
		for line in $order; do
			wos-decode <<<"${!line}" | wos-apply "$one"
		done
		[ "$(sql "$one" 'SELECT name, external_key, event_at,
		    event_id FROM connection')" = 'new|k2|1767398400000|' ]
	done
}

# bats test_tags=slow
@test "lists: an edge goes by when it was listed" {
	added='{"id":"event_1","event":"group.member_added","created_at":"2026-01-01T00:00:00.000Z","data":{"group_id":"group_1","organization_membership_id":"om_1"}}'
	removed='{"id":"event_2","event":"group.member_removed","created_at":"2026-01-03T00:00:00.000Z","data":{"group_id":"group_1","organization_membership_id":"om_1"}}'
	item='{"object":"list_item","of":"group_member","parent":"group_1","listed_at":"2026-01-02T00:00:00.000Z","data":{"id":"om_1"}}'
	for order in 'added item removed' 'removed item added' \
	    'item removed added'; do
		newdb one
		for line in $order; do
			wos-decode <<<"${!line}" | wos-apply "$one"
		done
		[ "$(sql "$one" 'SELECT count(*) FROM group_member')" = 0 ]
	done
	wos-decode <<<"${item/2026-01-02/2026-01-04}" | wos-apply "$one"
	[ "$(sql "$one" 'SELECT count(*) FROM group_member')" = 1 ]
}

# hostile DB [workos-api options]: lists from such a stand-in leave each object
# of the database where it is; only tables whose list is no good are named in
# `of`, and none of them is called complete.
hostile() {
	local db=$1

	objects "$db" >before
	api "${@:2}" --before before.jsonl events.jsonl
	wos-fetch --rate 1000 --retries 1 --retry-pause 1 --list >lines 2>err || :
	run ! grep "\"list_end\",\"of\":\"\($of\)\"" lines
	wos-decode <lines | wos-apply "$db" || [ $? = 3 ]
	objects "$db" | comm -23 before - >removed
	[ ! -s removed ]
	api_stop
}

# objects DB: the table and the key of each.
objects() {
	local table

	for table in user organization organization_membership directory \
	    connection directory_user group feature_flag; do
		sql "$1" "SELECT '$table', id FROM \"$table\""
	done | sort
}

# bats test_tags=slow
@test "lists: none that is hostile removes anything" {
	sed -n '1,/user.created/p' all.jsonl | tail -n 1 |
	    jq -c '{object: "list", data: [.data, .data],
	    list_metadata: {before: null, after: null}}' >repeated
	jq -c '.data = []' repeated >empty
	jq -c '.data[1].id = "a"' repeated >falling
	of=user hostile "$all" --fault every:cut
	of=user hostile "$all" --fault 1:body:repeated
	of=user hostile "$all" --fault 1:body:falling
	of=nothing hostile "$all" --fault 1:500 --fault 2:body:empty
	of=nothing hostile "$all" --fault 1:body:empty # it looks like a good one
	of='organization_membership\|group\|directory_user' \
	    hostile "$all" --order desc
	of=user hostile "$all" --list-status 403:/ --list-status 404:/
	# The key of another environment.
	"$ROOT/test/api/make-world" 12 2 >other.jsonl
	mv other.jsonl events.jsonl
	: >before.jsonl
	of=nothing hostile "$all"
	[ "$(sql "$all" 'SELECT count(*) FROM organization')" -gt 12 ]
}

# killed_at N DB: lists into the database, until request N is there, which is
# never answered; then all three programs are killed.
killed_at() {
	local run=()

	api --fault "$1+:hang" --before before.jsonl events.jsonl
	rm -f lines sql
	mkfifo lines sql
	wos-fetch --rate 1000 --list >lines 2>err 3>&- &
	run+=($!)
	wos-decode <lines >sql 3>&- &
	run+=($!)
	wos-apply --batch 20 "$2" <sql 3>&- &
	run+=($!)
	STARTED+=("${run[@]}")
	until_true asked_for "$1" || return
	kill -KILL "${run[@]}"
	wait "${run[@]}" || :
	api_stop
}

asked_for() {
	[ "$(requests)" -ge "$1" ]
}

# filled DB: what lists have made of it, but for when.
filled() {
	rows "$1"
	sql "$1" 'SELECT object, id, sub_id FROM listed_object ORDER BY 1, 2, 3' \
	    'SELECT object, parent, count FROM listed ORDER BY 1, 2' \
	    'SELECT count(*) FROM tombstone'
}

# killed_and_begun_again FIRST STRIDE: a run is killed at these of its requests,
# and another comes to the same, in a database of its own and in one that has
# seen them all killed.
killed_and_begun_again() {
	local n last

	newdb want worn
	list | wos-decode | wos-apply "$want"
	filled "$want" >wanted
	last=$(requests)
	((last > $1 + $2))
	for ((n = $1; n <= last; n += $2)); do
		newdb got
		killed_at "$n" "$got" || fail "request $n: it was not made"
		killed_at "$n" "$worn"
		api --before before.jsonl events.jsonl
		list | wos-decode | wos-apply "$got"
		diff wanted <(filled "$got") || fail "request $n"
		((n + $2 <= last)) || list | wos-decode | wos-apply "$worn"
		api_stop
	done
	diff wanted <(filled "$worn")
}

# bats test_tags=slow
@test "lists: a run that is killed at any request and begun again ends the same" {
	killed_and_begun_again 2 "${STRIDE:-40}"
}
