# SPDX-License-Identifier: MIT
# What existed before the events: lists of objects, merged with the events.

# shellcheck disable=SC2034,SC2154 # newdb sets names; others are named by ${!x}

load helper
load fetch

setup() {
	wos_setup
	newdb all got
	"$ROOT/test/api/make-world" 12 >all.jsonl
	head -n 150 all.jsonl >before.jsonl
	tail -n +151 all.jsonl >events.jsonl
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
