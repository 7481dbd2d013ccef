# SPDX-License-Identifier: MIT
# wos-verify: the database against the objects that the API lists.

# shellcheck disable=SC2154 # newdb sets app
# shellcheck disable=SC2016 # until_true has it expanded

# bats file_tags=slow

load helper
load fetch

setup() {
	wos_setup
	newdb app
	make_world 12 100
	again
	wos-decode <all.jsonl | wos-apply "$app"
}

# again [workos-api options]: the same environment, anew.
again() {
	api --objects events "$@" --before before.jsonl events.jsonl
}

# verify [options] DB [wos-fetch options]: quickly.
verify() {
	wos-verify "$@" --rate 1000 --retry-pause 1
}

# first TABLE: the id of one of its rows.
first() {
	sql "$app" "SELECT min(id) FROM \"$1\""
}

# damage: the four ways to differ, without any event.
damage() {
	user=$(first user) flag=$(first feature_flag)
	organization=$(first organization)
	sql "$app" "UPDATE \"user\" SET email = 'x@y' WHERE id = '$user'" \
	    "DELETE FROM feature_flag WHERE id = '$flag'" \
	    "INSERT INTO \"user\" (id, event_id, event_at) VALUES ('user_0', 'event_0', 5)" \
	    "INSERT INTO \"group\" (id, organization_id, event_id, event_at)
		VALUES ('group_0', '$organization', 'event_0', 5)" \
	    "INSERT INTO invitation (id, event_id, event_at)
		VALUES ('invitation_0', 'event_0', 5)" \
	    "INSERT INTO permission (id, event_id, event_at)
		VALUES ('perm_0', 'event_0', 5)"
}

# differences FILE: their lines, less the values of what is missing here.
differences() {
	grep '^[-+~!] ' "$1" | sed '/^+/s/\(" \).*/\1/; s/ $//' | sort
}

@test "verify: a database that saw every event has every row" {
	verify "$app" >report 2>err
	[ ! -s err ]
	[ -z "$(differences report)" ]
	grep -qE '^user +45 +0 +0 +0 +0$' report
	grep -qE '^session +not listed$' report
}

@test "verify: each difference has a line, and nothing is changed" {
	damage
	dump "$app" >before
	run -5 --separate-stderr verify "$app"
	[ -z "$stderr" ]
	sort >want <<-END
		~ user "$user" email="x@y"->"user1.0@example.com"
		+ feature_flag "$flag"
		- user "user_0"
		- group "group_0"
		- permission "perm_0"
		! invitation "invitation_0"
	END
	differences - <<<"$output" | diff want -
	grep -qE '^user +44 +1 +0 +1 +0$' <<<"$output"
	grep -qE '^invitation +12 +0 +0 +0 +1$' <<<"$output"
	dump "$app" | diff before -
}

@test "verify: --json" {
	damage
	run -5 --separate-stderr verify --json "$app"
	jq -e . <<<"$output" >/dev/null
	[ "$(jq -r 'select(.change == "-").key[0]' <<<"$output" | sort |
	    paste -sd ' ')" = 'group_0 perm_0 user_0' ]
	[ "$(jq -c 'select(.same and .table == "user") | [.same, .differs,
	    .missing_here, .missing_there]' <<<"$output")" = '[44,1,0,1]' ]
}

@test "verify: some tables; what changes without an event is no difference" {
	sql "$app" 'UPDATE "user" SET last_sign_in_at = 7' \
	    "UPDATE connection SET external_key = 'x'" \
	    'DELETE FROM permission'
	verify --tables user,connection "$app" >report
	[ "$(grep -vc 'not listed' report)" = 3 ]
}

@test "verify: JSON is the same in any order of its members" {
	newdb one
	item='{"object":"list_item","of":"user","listed_at":"2026-01-03T00:00:00.000Z","data":{"id":"user_1","metadata":%s}}\n'
	same='{"a":1,"b":[{"c":2,"d":"x"},3]}'
	# shellcheck disable=SC2059 # it is the format
	printf "$item" "$same" | wos-decode | wos-apply "$one"
	while read -r line; do
		# shellcheck disable=SC2059
		printf "$item" "${line#* }" | wos-decode |
			wos-apply --verify "$one" >report
		assert_equal "$(grep -c $'^\t\t~' report)" "${line%% *}"
	done <<-'END'
		0 {"b":[{"d":"x","c":2},3],"a":1}
		1 {"b":[3,{"d":"x","c":2}],"a":1}
		1 {"b":[{"d":"x","c":2}],"a":1}
		1 {"b":[{"d":"x","c":2},3]}
		1 {"b":[{"d":"x","c":2},3],"a":1,"e":1}
		1 {"b":[{"d":"x","c":2},3],"a":"1"}
		1 []
	END
}

@test "verify: a row that is newer than its list is not missing there" {
	sql "$app" "INSERT INTO permission (id, event_id, event_at)
	    VALUES ('perm_0', 'event_0', 4102444800000)"
	verify "$app" >report
}

@test "verify: what a hostile list lacks is asked for, and is there" {
	first=$(sql "$app" 'SELECT min(id) FROM organization')
	printf '{"object":"list","data":[{"id":"%s"}],"list_metadata":{"before":null,"after":null}}' \
	    "$first" >one
	printf '{"object":"list","data":[],"list_metadata":{"before":null,"after":null}}' >empty
	for page in one empty; do
		again --fault "2:body:$page"
		run --separate-stderr verify \
		    --tables organization,organization_membership,group "$app"
		refute_line --regexp '^-'
		again --fault 2:503 --fault "3:body:$page"
		run --separate-stderr verify --tables user "$app"
		refute_line --regexp '^-'
	done
	# Where there is nothing to ask for, an empty list is asked for again.
	again --fault 2:503 --fault 3:body:empty
	verify --tables permission "$app" >report
	grep -qE '^permission +2 +0 +0 +0 +0$' report
}

@test "verify: a list that is not complete lacks nothing" {
	damage
	for way in '--order desc' '--order normal' '--fault 2+:list-loop' \
	    '--list-status 403:/user_management' \
	    '--list-status 404:/user_management/users'; do
		make_world 60 100
		# shellcheck disable=SC2086 # several words
		again $way
		run --separate-stderr verify --tables user "$app"
		((status < 2))
		refute_line --regexp '^-'
	done
}

@test "verify: a line that can't be decoded may be any object" {
	printf '{"object":"list","data":[{"id":"perm_00","created_at":"never"}],"list_metadata":{"before":null,"after":null}}' >page
	again --fault 2:body:page
	run -1 --separate-stderr verify --tables permission "$app"
	refute_line --regexp '^-'
}

@test "verify: an object that is neither there nor gone" {
	sql "$app" "INSERT INTO directory (id, event_id, event_at)
	    VALUES ('directory_0', 'event_0', 5)"
	for answer in 403 404; do
		again --list-status "$answer:/directories/"
		run -1 --separate-stderr verify --tables directory "$app"
		[[ $stderr == *"/directories/directory_0: neither there nor gone: $answer"* ]]
		run ! grep '^-' <<<"$output"
	done
}

@test "verify: exit 1: the key of another environment" {
	again --objects none
	run -1 --separate-stderr verify "$app"
	[[ $stderr == *"another environment"* ]]
	[ -z "$output" ]
}

@test "verify: the key is in the environment of wos-fetch alone" {
	# shellcheck disable=SC2016 # it is for the script made here
	printf '#!/bin/sh\nenv >environ\nexec awk "$@"\n' >spy
	chmod +x spy
	# A variable of the script's may come from the environment.
	export secret=1 wos_key=1
	AWK=$PWD/spy verify --tables user "$app" >report
	[ -s environ ]
	run ! grep -F "$API_KEY" environ
}

@test "verify: exit 75: the API is not there; nothing is left behind" {
	mkdir tmp
	again --fault 3+:503
	TMPDIR=tmp run -75 --separate-stderr verify "$app" --retries 1
	[ -z "$output" ]
	[ -z "$(ls tmp)" ]
	no_key <(echo "$stderr")
}

@test "verify: exit 1 and 2: no database, no such option" {
	run -1 wos-verify none.db
	[ ! -e none.db ]
	run -2 wos-verify
	run -2 wos-verify --sinse 1d "$app"
	run -2 wos-verify --tables nothing "$app"
	run -2 wos-verify "$app" --since 1d
	run -2 wos-verify --since 1d "$app"
	run -0 wos-verify --help
	run -0 wos-verify --version
	run -2 wos-apply --verify --dry-run "$app"
	run -2 wos-fetch --gone --list
}

@test "gone: what it takes, and what it prints" {
	user=$(first user)
	printf '%s\t%s\n' "/user_management/users/$user" there \
	    /user_management/users/user_0 'gone	away' '' kept |
	    EVENTS_RANGE_START=soon wos-fetch --gone >lines
	[ "$(cat lines)" = $'gone\taway\nkept' ]
	for path in user_0 /users/../x '/x?y' /a//b '/é'; do
		run -2 wos-fetch --gone <<<"$path	x"
	done
	run -1 wos-fetch --gone < <(printf 'cut short')
}

@test "verify: --repair puts everything right, and nothing else is touched" {
	damage
	dump "$app" >before
	run -1 --separate-stderr verify --repair "$app"
	[[ $stderr == *"permission: 1 of 3 rows would go, more than 5 %: --at-most 1 allows it"* ]]
	dump "$app" | diff before -
	run -0 --separate-stderr verify --repair --at-most 1 "$app"
	assert_equal "$stderr" ''
	[ "$(differences - <<<"$output" | wc -l)" = 6 ]
	verify "$app" >report
	[ "$(differences report)" = '! invitation "invitation_0"' ]
	# What the API said is gone stays away; the rest may come again.
	sql "$app" "SELECT object, id FROM tombstone WHERE event_id LIKE 'list:%'
	    ORDER BY 1" >gone
	printf '%s\n' 'group|group_0' 'user|user_0' | diff - gone
}

@test "verify: who was erased differs in nothing, and --repair brings nothing back" {
	local email user other

	user=$(first user)
	email=$(sql "$app" "SELECT email FROM \"user\" WHERE id = '$user'")
	dump "$app" | grep -qF "$email"
	wos-erase "$user" "$app"
	run ! grep -F "$email" <(dump "$app")
	verify "$app" >report
	[ -z "$(differences report)" ]
	# Without the row, too: the list has it, and all of its values.
	other=$(sql "$app" "SELECT max(id) FROM \"user\"")
	sql "$app" "DELETE FROM \"user\" WHERE id = '$user'" \
	    "UPDATE \"user\" SET email = 'x@y' WHERE id = '$other'"
	run -0 verify --repair --at-most 1 "$app"
	assert_equal "$(sql "$app" "SELECT count(*) FROM \"user\" WHERE id = '$user'
		AND email IS NULL AND first_name IS NULL")" 1
	run ! grep -F "$email" <(dump "$app")
	run -0 verify "$app"
}

@test "verify: a repaired edge and role can come back" {
	group=$(first group)
	sql "$app" "INSERT INTO group_member VALUES ('$group', 'om_0', 'event_0', 5)" \
	    "INSERT INTO role (slug, event_id, event_at) VALUES ('r0', 'event_0', 5)" \
	    'DELETE FROM directory_group_membership'
	run -0 verify --repair --at-most 1 "$app"
	verify "$app" >report
	wos-decode <<-END | wos-apply "$app"
		{"id":"event_1","event":"role.created","created_at":"2026-01-02T00:00:00.000Z","data":{"slug":"r0"}}
	END
	[ "$(sql "$app" "SELECT count(*) FROM role WHERE slug = 'r0'")" = 1 ]
}

@test "verify: --repair by a hostile list removes no row" {
	printf '{"object":"list","data":[],"list_metadata":{"before":null,"after":null}}' >empty
	for table in user permission feature_flag; do
		again --fault 2:body:empty
		run --separate-stderr verify --tables "$table" --repair "$app"
		[ "$table" = user ] || [ "$status" = 1 ]
	done
	for table in user permission feature_flag organization; do
		[ "$(sql "$app" "SELECT count(*) FROM \"$table\"")" != 0 ]
		verify --tables "$table" "$app" >report
		[ -z "$(differences report)" ]
	done
	again --objects none
	run -1 verify --repair "$app"
	run -2 verify --at-most 1 "$app"
	run -2 verify --repair --at-most x "$app"
}

# What stays of it, for wos-status.

# recorded TABLE: whether its newest run came to its end, its counts but for the
# lists, and whether that was repaired.
recorded() {
	sql "$app" "SELECT CASE WHEN verified_at = tried_at THEN 'whole' ELSE 'not' END,
	    same, differs, missing_here, missing_there, ended,
	    CASE WHEN repaired THEN 'repaired' ELSE 'left' END
	    FROM verified WHERE object = '$1'" | tr -d ' '
}

@test "verify: the result is on record, by table" {
	damage
	run -5 verify "$app"
	[ "$(recorded user)" = 'whole|44|1|0|1|0|left' ]
	[ "$(recorded invitation)" = 'whole|12|0|0|0|1|left' ]
	# What was not asked for is not there.
	[ -z "$(recorded session)" ]
	run -0 verify --repair --at-most 1 "$app"
	[ "$(recorded user)" = 'whole|44|1|0|1|0|repaired' ]
	before=$(sql "$app" "SELECT max(tried_at) FROM verified WHERE object <> 'user'")
	verify --tables user,session "$app" >report
	[ "$(recorded user)" = 'whole|45|0|0|0|0|left' ]
	[[ $(recorded session) == 'whole|'* ]]
	[ "$(sql "$app" "SELECT max(tried_at) FROM verified
	    WHERE object NOT IN ('user', 'session')")" = "$before" ]
}

@test "verify: one that fails, or is cut short, is no good one" {
	verify "$app" >report
	[ "$(recorded user)" = 'whole|45|0|0|0|0|left' ]
	again --order desc
	run -1 verify "$app"
	[ "$(recorded user)" = 'not|45|0|0|0|0|left' ]
	again
	verify "$app" >report
	[[ $(recorded user) == whole* ]]
	again --fault 3+:503
	run -75 verify "$app" --retries 1
	[[ $(recorded user) == not* ]]
	again --fault 8+:hang
	wos-verify "$app" >report 3>&- &
	STARTED+=($!)
	until_true eval '[ "$(requests)" -ge 8 ]'
	kill $!
	wait $! || :
	[[ $(recorded user) == not* ]]
	# Another run has begun meanwhile: its result counts.
	began=$(wos-apply --verify-begin=user "$app")
	wos-apply --verify-begin=user --now "$((began + 1))" "$app" >later
	echo 'user 1 2 3 4 5 6' | wos-apply --verify-end "$began" "$app"
	[[ $(recorded user) == 'not|45|'* ]]
	echo 'user 1 2 3 4 5 6' |
		wos-apply --verify-end "$((began + 1))" --repaired "$app"
	[ "$(recorded user)" = 'whole|2|3|4|5|6|repaired' ]
}

@test "verify: a repair that is refused is on record as differences" {
	damage
	run -1 verify --repair "$app"
	[ "$(recorded user)" = 'whole|44|1|0|1|0|left' ]
}

@test "verify: what can't be noted is compared all the same" {
	forbid "$app" verified 'hands off'
	run -0 --separate-stderr verify --tables user "$app"
	[[ $stderr == *'hands off'*'wos-verify: the result will not be recorded'* ]]
	assert_line --regexp '^user +45 +0 +0 +0 +0$'
	[ "$(sql "$app" 'SELECT count(*) FROM verified')" = 0 ]
}

@test "verify: --no-record leaves nothing behind" {
	verify --no-record "$app" >report
	[ "$(sql "$app" 'SELECT count(*) FROM verified')" = 0 ]
}

@test "verify: exit 1 and 2: what is no record" {
	run -2 wos-apply --verify-begin=user,nothing "$app"
	assert_output --partial 'nothing: the API has no list of that'
	run -2 wos-apply --verify-begin=user,organisations "$app"
	assert_output --partial 'did you mean organization?'
	run -2 wos-apply --verify-end soon "$app" </dev/null
	run -1 wos-apply --verify-end 5 "$app" <<<'user 1 2'
	run -2 verify --tables user,nothing "$app"
	[ "$(sql "$app" 'SELECT count(*) FROM verified')" = 0 ]
}
