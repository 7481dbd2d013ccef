# SPDX-License-Identifier: MIT
# Lists that lie, through wos-sync --list and wos-verify --repair: no row is
# removed, and what can be known to be no whole list is called none.

# shellcheck disable=SC2154 # newdb sets app

# bats file_tags=slow

load helper
load fetch

setup() {
	wos_setup
	unset WOS_LIST
	export XDG_RUNTIME_DIR=$PWD
	newdb app
	make_world 4 30
	wos-decode <all.jsonl | wos-apply "$app"
	objects >before
}

# objects: the table and the key of each.
objects() {
	local table

	for table in user organization organization_membership permission role \
	    connection directory directory_user group api_key feature_flag; do
		sql "$app" "SELECT '$table', $([[ $table == role ]] && echo slug ||
			echo id) FROM \"$table\""
	done | sort
}

# run_both STATUS ALLOWED [workos-api options]: both programs, a request at a time,
# end with this status or a greater one; nothing is removed, though as many rows
# as are allowed might be.
run_both() {
	local least=$1 allowed=$2 program

	for program in 'wos-sync --list' "wos-verify --repair $allowed"; do
		api --objects events "${@:3}" --before before.jsonl events.jsonl
		# shellcheck disable=SC2086 # several words
		run --separate-stderr timeout 300 $program "$app" --rate 1000 \
		    --jobs 1 --retries 1 --retry-pause 1
		((status >= least && status != 124)) ||
			fail "$program ${*:3}: exit $status"
		objects | comm -23 before - >removed
		[ ! -s removed ] || fail "$program ${*:3}: $(cat removed)"
		api_stop
	done
}

# none_whole [workos-api options]: the first request asks for an object, to see
# that the environment is the right one, and all others are for lists.
none_whole() {
	run_both 1 '--at-most 1000' "$@"
	[ "$(sql "$app" 'SELECT count(*) FROM listed')" = 0 ]
}

# no_pages_whole [workos-api options]: likewise, but lists that come in one piece
# may be good ones.
no_pages_whole() {
	run_both 1 '--at-most 1000' "$@"
	[ "$(sql "$app" "SELECT count(*) FROM listed WHERE object IN
	    ('user', 'organization', 'invitation', 'feature_flag')")" = 0 ]
}

# page ITEM...: a page that is the last one.
page() {
	printf '%s\n' "$@" | jq -sc '{object: "list", data: .,
	    list_metadata: {before: null, after: null}}'
}

# at PATH: which request asks for it, the first time.
at() {
	[ -e order ] || {
		api --objects events --before before.jsonl events.jsonl
		wos-sync --list "$app" --rate 1000 --jobs 1
		asked .path >order
		api_stop
	}
	grep -nxm 1 -e "$1" order | cut -d : -f 1
}

@test "hostile lists: pages that are cut, are none, or come for ever" {
	none_whole --fault 2+:cut
	none_whole --fault 2+:html
	none_whole --fault 2+:wrong:error-in-200
	no_pages_whole --fault 2+:list-loop
	for kind in list-endless endless; do
		run_both 1 '--at-most 1000' --fault "2-120:$kind"
		[ "$(sql "$app" "SELECT count(*) FROM listed WHERE object = 'user'")" = 0 ]
	done
}

@test "hostile lists: ids that repeat, fall or lack" {
	page '{"id":"a_1"}' '{"id":"a_2"}' '{"id":"a_2"}' >repeated
	page '{"id":"a_2"}' '{"id":"a_1"}' >falling
	page '{"id":"a_1"}' '{"name":"a"}' >without
	page '{"id":"a_1"}' '{"id":7}' >number
	for file in repeated falling without number; do
		no_pages_whole --fault "2+:body:$file"
	done
}

@test "hostile lists: an order that is not the one asked for" {
	for order in normal desc; do
		run_both 1 '--at-most 1000' --order "$order"
		[ "$(sql "$app" "SELECT count(*) FROM listed WHERE object IN
		    ('user', 'organization', 'invitation')")" = 0 ]
	done
}

@test "hostile lists: empty ones, after an error or not" {
	page >empty
	run_both 0 '' --fault 2:500 --fault 3+:body:empty
	run_both 0 '' --fault 2+:body:empty
}

@test "hostile lists: half of the parents" {
	local half

	half=$(($(sql "$app" 'SELECT count(*) FROM organization') / 2))
	sql "$app" "SELECT id FROM organization ORDER BY id LIMIT $half" |
	    jq -Rc '{id: .}' | jq -sc '{object: "list", data: .,
	    list_metadata: {before: null, after: null}}' >some
	run_both 0 '--at-most 1000' --fault "$(at /organizations):body:some"
}

@test "hostile lists: items of another organization, and one id under two parents" {
	local first last id

	first=$(sql "$app" 'SELECT min(id) FROM organization')
	last=$(sql "$app" 'SELECT max(id) FROM organization')
	id=$(sql "$app" "SELECT min(id) FROM organization_membership
		WHERE organization_id = '$last'")
	# The first organization's list has the last one's membership, and no other.
	page "$(sql "$app" "SELECT user_id FROM organization_membership WHERE
	    id = '$id'" | jq -Rc --arg id "$id" --arg organization "$last" \
	    '{id: $id, organization_id: $organization, user_id: .}')" >other
	run_both 0 '--at-most 1000' \
	    --fault "$(at /user_management/organization_memberships):body:other"
	[ "$(sql "$app" "SELECT organization_id FROM organization_membership
	    WHERE id = '$id'")" = "$last" ]
	page '{"id":"api_key_1","owner":{"type":"organization","id":"org_1"}}' >twice
	run_both 0 '' --fault "$(at "/organizations/$first/api_keys"):body:twice" \
	    --fault "$(at "/organizations/$last/api_keys"):body:twice"
	[ "$(sql "$app" "SELECT count(*) FROM api_key WHERE id = 'api_key_1'")" = 1 ]
}

@test "hostile lists: the key of another environment" {
	run_both 1 '--at-most 1000' --objects none
	[ "$(sql "$app" 'SELECT count(*) FROM listed')" = 0 ]
}

@test "hostile lists: lines by hand, with a wrong count, two times, no item" {
	item() {
		printf '{"object":"list_item","of":"permission","listed_at":"2099-01-0%s.000Z","data":{"id":"%s"}}\n' \
		    "$1T00:00:00" "$2"
	}
	end() {
		printf '{"object":"list_end","of":"permission","listed_at":"2099-01-0%s.000Z","count":%s}\n' \
		    "$1T00:00:00" "$2"
	}
	end 1 0 >none
	{ item 1 perm_1; end 1 1000000; } >count
	{ item 1 perm_1; item 2 perm_2; end 2 2; } >two
	for file in none count two; do
		wos-decode "$file" | wos-apply --no-cursor "$app"
		wos-decode "$file" | wos-apply --verify "$app" >/dev/null
		objects | comm -23 before - >removed
		[ ! -s removed ]
	done
}
