# SPDX-License-Identifier: MIT
# wos-fetch --list: the objects that there are, as lines, and the lists that are
# known to be complete.

load helper
load fetch

# list [wos-fetch options]: quickly, with the stand-in's own limits.
list() {
	wos-fetch --rate 1000 --retry-pause 1 "$@"
}

# ends FILE: the lists that are complete, a line each.
ends() {
	jq -r 'select(.object == "list_end") | [.of, .parent // "-", .count] |
	    join(" ")' "$1" | sort
}

# items FILE: what the lines are about, without the time.
items() {
	jq -c 'del(.listed_at)' "$1" | sort
}

# bats test_tags=slow
@test "list: every object that there is, by table" {
	world 12
	list --list >lines 2>err
	[ ! -s err ]
	wos-decode <all.jsonl | wos-apply all.db
	for table in user organization organization_membership invitation \
	    organization_domain connection directory directory_user \
	    directory_group group feature_flag waitlist_user agent_blueprint \
	    agent_instance agent_instance_session permission; do
		jq -r "select(.object == \"list_item\" and .of == \"$table\").data.id" \
		    lines | sort >got
		[ -s got ]
		sql all.db "SELECT id FROM \"$table\" ORDER BY id" | diff - got
	done
	jq -r 'select(.object == "list_item" and .of == "group_member") |
	    [.parent, .data.id] | join("|")' lines | sort >got
	sql all.db 'SELECT group_id, organization_membership_id FROM group_member
	    ORDER BY 1, 2' | diff - got
	jq -r 'select(.object == "list_item" and
	    .of == "directory_group_membership") | [.parent, .data.id] |
	    join("|")' lines | sort >got
	sql all.db 'SELECT group_id, user_id FROM directory_group_membership
	    ORDER BY 1, 2' | diff - got
	jq -r 'select(.object == "list_item" and .of == "organization_role") |
	    [.parent, .data.slug] | join("|")' lines | sort >got
	sql all.db 'SELECT organization_id, slug FROM organization_role
	    ORDER BY 1, 2' | diff - got
}

@test "list: each list that is complete says so, with its count" {
	world 12
	list --list >lines
	diff <(ends lines) <(jq -nr '[inputs] | group_by([.of, .parent])[] |
	    [.[0].of, .[0].parent // "-", (map(select(.data)) | length)] |
	    join(" ")' lines | sort)
}

@test "list: every list in pages is asked for with an order, 100 at a time" {
	world 30
	list --list >lines
	asked 'select(.query.limit) | [.query.order, .query.limit] | join(" ")' |
	    sort -u >how
	[ "$(cat how)" = 'asc 100' ]
	[ "$(asked 'select(.path == "/user_management/organization_memberships").query.statuses' |
	    sort -u)" = active,inactive,pending ]
	[ "$(asked 'select(.path == "/user_management/users").path' | wc -l)" = 2 ]
}

@test "list: secrets are in no line, not even in a name with an escape" {
	world 4
	list --list -v >lines 2>err
	grep -q '"invited0@example.com"' lines
	run ! grep -Ei 'secret|accept_invitation_url|"token"' lines err
	no_key lines err
	list --list=invitation >want
	printf '{"object":"list","data":[{"id":"invitation_1","to\\u006ben":1,"x":{"token":2}}],"list_metadata":{"before":null,"after":null}}' >page
	world 4 --fault "1:body:page"
	list --list=invitation >lines
	[ "$(jq -c 'select(.data).data' lines)" = '{"id":"invitation_1","x":{"token":2}}' ]
}

@test "list: an item is as the API sent it, digit for digit" {
	printf '{"object":"list","data":[{"id" : "user_1", "metadata":{"n":12345678901234567890.10, "\\u00e9":"\\/"}}],"list_metadata":{"before":null,"after":null}}' >page
	world 1 --fault 1:body:page --date 'Sat, 28 Nov 2026 12:01:00 GMT'
	list --list=user >lines
	[ "$(sed -E 's/T1[12]:[0-9:.]*Z/T/' lines)" = \
	    '{"object":"list_item","of":"user","listed_at":"2026-11-28T","data":{"id":"user_1","metadata":{"n":12345678901234567890.10,"\u00e9":"\/"}}}
{"object":"list_end","of":"user","listed_at":"2026-11-28T","count":1}' ]
}

# bats test_tags=slow
@test "list: tables by name, and parents only for their ids" {
	world 12
	list --list=group_member,role >lines
	[ "$(jq -r .of lines | sort -u | tr '\n' ' ')" = 'group_member role ' ]
	[ "$(asked .path | grep -c /groups/)" = 4 ]
	list --list=session >lines
	[ "$(jq -r 'select(.data).data.object' lines | sort -u)" = session ]
	[ "$(jq -r .of lines | sort -u)" = session ]
	list --list=api_key >lines
	[ "$(jq -r 'select(.data).data.owner.type' lines | sort -u | tr '\n' ' ')" = \
	    'organization user ' ]
	for tables in '' nothing 'user,' magic_auth waitlist; do
		run -2 list --list="$tables"
		assert_output --partial "the API has no list of that"
	done
}

@test "list: connected accounts stand in their providers, and never end" {
	world 12
	list --list=connected_account >lines
	[ "$(jq -r '[.of, .parent] | join(" ")' lines | sort -u)" = \
	    'connected_account data_integration_1' ]
	run ! grep -E 'list_end|s3cr|client_secret' lines
	wos-decode <all.jsonl | wos-apply all.db
	wos-decode <lines | wos-apply got.db
	what='SELECT id, data_integration_id, user_id, organization_id, state
	    FROM connected_account ORDER BY id'
	sql all.db "$what" >want
	[ -s want ]
	sql got.db "$what" | diff want -
}

@test "list: --ended leaves out what has ended, and asks only for what it needs" {
	world 4
	list --list >all
	first=$(jq -r 'select(.object == "list_end" and
	    .of == "organization_membership").parent' all | head -n 1)
	printf '%s\n' user organization role '' 'no list at all' \
	    "organization_membership $first" "$(head -c 999 /dev/zero | tr '\0' x)" >ended
	: >"$LOG"
	list --list --ended --page-size 9 --since 1d <ended >lines
	diff <(items lines) <(jq -c --arg first "$first" 'select(
	    (.of | IN("user", "organization", "organization_domain", "role") | not) and
	    (.of != "organization_membership" or .parent != $first)) |
	    del(.listed_at)' all | sort)
	[ "$(asked .path | grep -cxE '/organizations|/user_management/users|/authorization/roles')" = 1 ]
	[ "$(asked .query.organization_id | grep -cx "$first")" = 0 ]
	items all | sed -n 's/.*"object":"list_end","of":"\([a-z_]*\)","parent":"\([^"]*\)".*/\1 \2/p
	    s/.*"object":"list_end","of":"\([a-z_]*\)".*/\1/p' >ended
	list --list --ended <ended >lines
	[ ! -s lines ]
	run -2 list --ended
	run -2 list --list --ended --jq .
}

@test "list: it takes no option about events, and they take no list" {
	world 1
	for option in --since=1d --after=event_x --events=user.created --follow \
	    --page-size=5 --max=3 --report=4; do
		run -2 list --list "$option"
	done
	run -2 list --list --known
	run -2 list --list --from before.jsonl
}

@test "list: what is not listed is told once, and never ends" {
	world 12 --list-status 403:/connections --list-status 404:/agents/ \
	    --list-status 422:/directory_users \
	    --list-status 403:/authorization/organizations
	list --list >lines 2>err
	[ "$(sort err | sed 's/ (.*//')" = "wos-fetch: agent_blueprint: not listed: 404: Not Found
wos-fetch: agent_instance: not listed: 404: Not Found
wos-fetch: agent_instance_session: not listed: 404: Not Found
wos-fetch: connection: not listed: 403: Forbidden
wos-fetch: directory_group_membership: not listed: 422: No
wos-fetch: directory_user: not listed: 422: No
wos-fetch: organization_role: not listed: 403: Forbidden" ] || { sort err; false; }
	run ! grep -E 'list_end","of":"(agent|connection|directory_user|directory_group_m|organization_role)' lines
	grep -q 'list_end","of":"directory_group"' lines
	[ "$(asked .path | grep -c /authorization/organizations)" -lt 6 ]
}

@test "list: a parent that is gone meanwhile is passed over" {
	world 4
	gone=$(jq -r 'select(.event == "organization.created").data.id' \
	    before.jsonl | head -n 1)
	printf '{"id":"event_x","event":"organization.deleted","created_at":"2030-01-01","data":{"id":"%s"}}\n' \
	    "$gone" >deletion
	api --fault 2:add:deletion --before before.jsonl events.jsonl
	list --list=organization,organization_membership >lines 2>err
	[ ! -s err ]
	grep -q "list_item\",\"of\":\"organization\".*$gone" lines
	run ! grep "organization_membership\",\"parent\":\"$gone" lines
	[ "$(ends lines | grep -c '^organization_membership ')" = 3 ]
}

# bats test_tags=slow
@test "list: one whose cursor is gone is begun again, and is whole in the end" {
	world 30
	last=$(list --list=user | jq -r 'select(.data).data.id' | sed -n 100p)
	printf '{"id":"event_x","event":"user.deleted","created_at":"2030-01-01","data":{"id":"%s"}}\n' \
	    "$last" >deletion
	for way in first next; do
		api --gone-cursor $way --fault 2:add:deletion \
		    --before before.jsonl events.jsonl
		list --list=user >lines
		count=$(jq -r 'select(.object == "list_end").count' lines)
		[ "$count" = "$(jq -r 'select(.data).data.id' lines | sort -u |
		    if [ $way = first ]; then grep -v "$last"; else cat; fi |
		    wc -l)" ]
	done
}

# bats test_tags=slow
@test "list: a list that runs backwards is not complete" {
	world 30 --order normal
	run -1 --separate-stderr list --list=user
	[ "$stderr" = "wos-fetch: user: not a complete list: it runs backwards" ]
	[ "$(wc -l <<<"$output")" = 100 ]
	run ! grep list_end <<<"$output"
	world 30 --order desc
	run -1 --separate-stderr list --list=user
	[[ $stderr == *"its ids do not go up"* ]]
	[ "$(wc -l <<<"$output")" -gt 100 ]
	run ! grep list_end <<<"$output"
}

@test "list: half of the parents never make a complete list of children" {
	world 30 --order normal
	run -1 --separate-stderr list --list=organization_membership
	grep -q list_item <<<"$output"
	run ! grep list_end <<<"$output"
}

# bats test_tags=slow
@test "list: one that goes round ends, and is not complete" {
	for way in list-loop list-endless endless; do
		world 30 --fault "every:$way"
		run -1 --separate-stderr timeout 300 wos-fetch --rate 1000 --list=user
		[[ $stderr == *"not a complete list"* ]]
		run ! grep list_end <<<"$output"
	done
}

# bats test_tags=slow
@test "list: an answer that is no list makes no complete one" {
	for shape in data-missing data-null data-object data-numbers event-list \
	    body-array body-string body-null metadata-array after-number \
	    after-object error-in-200 list-without-metadata list-without-after \
	    camel-metadata; do
		world 1 --fault "1:wrong:$shape"
		run -1 --separate-stderr list --list=user,permission
		[[ $stderr == *"user: not a complete list: "* ]]
		grep -q 'list_end","of":"permission"' <<<"$output"
		run ! grep 'list_end","of":"user"' <<<"$output"
	done
}

# page ID...: a page of a list in pages, which is its last, to standard output.
page() {
	jq -nc '{object: "list", data: [$ARGS.positional[] | {id: .}],
	    list_metadata: {before: null, after: null}}' --args "$@"
}

# bats test_tags=slow
@test "list: an empty page after an error is asked for again" {
	page >empty
	world 30
	list --list=user >want
	world 30 --fault 1:500 --fault 2:body:empty --fault 4:429:0 --fault 5:body:empty
	list --list=user >lines
	diff <(items want) <(items lines)
	world 30 --fault 1:500 --fault 2:body:empty --fault 3:500 \
	    --fault 4:body:empty --fault 5:500 --fault 6:body:empty \
	    --fault 7:500 --fault 8:body:empty
	run -1 --separate-stderr list --list=user
	[[ $stderr == *"user: not a complete list: it is empty after an error" ]]
	[ -z "$output" ]
	# Without an error it is what it says.
	world 1 --fault 1:body:empty
	list --list=user >lines
	[ "$(jq -r .count lines)" = 0 ]
}

# bats test_tags=slow
@test "list: ids that repeat, fall or lack, or too many, make no complete list" {
	page user_1 user_2 user_2 >repeated
	page user_1 user_3 user_2 >falling
	page user_1 '' user_2 >without
	# shellcheck disable=SC2046 # many words
	page $(seq -f 'user_%03g' 101) >many
	for file in repeated falling without many; do
		world 1 --fault "1:body:$file"
		run -1 --separate-stderr list --list=user
		[[ $stderr == *"user: not a complete list: "* ]]
		[ -n "$output" ]
		run ! grep list_end <<<"$output"
	done
}

# bats test_tags=slow
@test "list: what may heal is asked for again, and then is status 75" {
	world 4 --fault 2:429:0 --fault 3:500 --fault 4:cut --fault 5:wrong:half-document
	list --list >lines 2>err
	world 4
	list --list >want
	diff <(items want) <(items lines)
	world 4 --fault 6+:503
	run -75 --separate-stderr list --list --retries 1
	world 4 --fault 3:401
	run -1 --separate-stderr list --list
	[[ $stderr == *Unauthorized* ]]
}

# bats test_tags=slow
@test "list: many at once are the same lines, and no family is hurried" {
	world 30
	list --list >one
	list --list --jobs 8 >eight
	diff <(items one) <(items eight)
	[ -z "$(asked 'select(.status == 429)')" ]
}

@test "list: a directory's people are asked for slowly" {
	world 4
	for n in $(seq 8); do
		printf '{"id":"event_g%d","event":"dsync.group.created","created_at":"2030-01-01","data":{"object":"directory_group","id":"directory_group_%d","directory_id":"%s"}}\n' \
		    "$n" "$n" "$(jq -r 'select(.event == "dsync.activated").data.id' all.jsonl | head -n 1)"
	done >>events.jsonl
	list --list=directory_group_membership --jobs 8 >lines 2>err
	[ ! -s err ]
	[ "$(ends lines | wc -l)" = 9 ]
	[ "$(asked 'select(.path == "/directory_users").status' | sort -u)" = 200 ]
}

@test "list: a directory that is to be asked for later holds up no other request" {
	make_world 24 100
	api --fault 2:429:6 --before before.jsonl events.jsonl
	list --list=directory_user --jobs 2 >lines 2>err
	grep -q 'directory_users: 429.* trying again in 6' err
	# The others are done before its turn comes again.
	[ "$(requests)" = 8 ]
	[ "$(asked 'select(.n == 2 or .n == 8).query.directory' | sort -u | wc -l)" = 1 ]
	[ "$(asked .start | sort -n | tail -n 2 | jq -s '.[1] - .[0] > 1000')" = true ]
	# Of any other one, all wait.
	make_world 24 100
	api --fault 1:429:1 --before before.jsonl events.jsonl
	list --list=directory,permission,role --jobs 3 >lines 2>err
	jq -s -e '.[0].end as $t | map(.start) | max - $t >= 990' "$LOG"
}

# bats test_tags=slow
@test "list: a directory that counts more than its list has is not complete" {
	make_world 8 100
	for what in user group; do
		api --before before.jsonl events.jsonl
		list --list=directory_$what >lines
		n=$(ends lines | wc -l)
		printf '{"object":"list","data":[],"list_metadata":{"before":null,"after":null}}' >page
		api --fault 2:body:page --before before.jsonl events.jsonl
		run -1 --separate-stderr list --list=directory_$what
		assert_equal "$stderr" "wos-fetch: directory_$what of \
$(asked 'select(.n == 2).query.directory'): not a complete list: its directory \
counts $([[ $what == user ]] && echo 3 || echo 1), and there are 0"
		[ "$(ends <(echo "$output") | wc -l)" = $((n - 1)) ]
	done
	# What came after it was counted is no fault; and who does not count, does not.
	for metadata in '{"users":{"active":0,"inactive":1},"groups":0}' \
	    '{"users":{"active":9}}' '{"users":{"active":-9,"inactive":"9"}}' \
	    '{"users":9,"groups":null}' '[]' 'null'; do
		id=$(jq -r 'select(.event == "dsync.activated").data.id' all.jsonl | head -n 1)
		printf '{"object":"list","data":[{"object":"directory","id":"%s","metadata":%s}],"list_metadata":{"before":null,"after":null}}' \
		    "$id" "$metadata" >page
		api --fault 1:body:page --before before.jsonl events.jsonl
		list --list=directory_user,directory_group >lines
		[ "$(ends lines | wc -l)" = 2 ]
	done
}

@test "list: listed_at is the API's time, less a minute, before the list" {
	world 4 --date -86400 --latency 50
	before=$(date -u -d '-86462 seconds' +%FT%T)
	list --list=user >lines
	after=$(date -u -d '-86458 seconds' +%FT%T)
	at=$(jq -r .listed_at lines | sort -u)
	[[ ! $at < $before && $at < $after ]]
	world 4 --date none
	run -1 list --list=user
	assert_output --partial "the API does not tell its time"
}

# slowly: what it reads, a byte at a time, as the shell reads a pipe.
slowly() {
	local line

	while IFS= read -r line; do
		printf '%s\n' "$line"
	done
}

# bats test_tags=slow
@test "list: a reader that is slow gets all of it" {
	world 60
	list --list >want
	[ "$(wc -c <want)" -gt 131072 ] # more than a pipe holds
	timeout 300 wos-fetch --rate 1000 --list --jobs 2 | slowly >got
	[ "${PIPESTATUS[*]}" = '0 0' ]
	diff <(items want) <(items got)
}

@test "list: its progress tells how many lists there are" {
	world 30 --latency 10
	list --list --progress >lines 2>err
	grep -qE '[0-9]+ objects, [0-9]+ of 1?[0-9][0-9] lists, [0-9]+ requests/s' err
}

@test "list: a signal ends it with whole lines" {
	world 30 --fault 20+:hang
	wos-fetch --list >lines 2>err &
	until_true test -s lines
	kill -TERM $!
	ends_with 143 $!
	jq -e . lines >/dev/null
	[ "$(tail -c 1 lines | od -An -c | tr -d ' ')" = '\n' ]
}

@test "list: a reader that has gone ends it" {
	world 30
	list --list | head -n 1 | jq -e .of
	run -1 bash -c 'wos-fetch --list >/dev/full'
}

@test "lists: what is listed, and what its items are" {
	wos-fetch --lists | diff "$DATA/lists.tsv" -
}
