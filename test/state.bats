# SPDX-License-Identifier: MIT
# State is a function of the set of events: whatever order they come in, how
# often, in how many runs and batches, the tables are the same, and they are
# what the rules say.
#
# gen/state makes streams from seeds and compares databases with a model of the
# rules.  make check SEEDS=500 takes more seeds, SEED=17 that one alone.
#
# On 2026-11-28 test/gen/state $(seq 200) and test/gen/state --filled $(seq 200)
# found no difference with SQLite, and with PostgreSQL those of $(seq 20) and
# $(seq 10): some 15 and 8 seconds a seed, or 60 and 40, on a busy machine.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load state

setup() {
	wos_setup
	newdb app
}

# Making so many databases takes a server longer, and each environment that is
# listed a wos-fetch.
ENVIRONMENTS=${SEEDS:-4}
if [[ ! ${SEEDS:-} ]]; then
	SEEDS=16
	[[ $DBKIND == sqlite ]] || SEEDS=6
fi
if ((SEEDS > 16)); then
	# shellcheck disable=SC2034 # bats' own
	BATS_TEST_TIMEOUT=$((SEEDS * 20))
fi

# in_any_order FIRST LAST [--filled]: every other seed, since there are two such
# tests, for two processors.
in_any_order() {
	local seeds

	if [[ ${SEED:-} ]]; then
		seeds=$SEED
	else
		seeds=$(seq "$1" 2 "$2")
	fi
	# shellcheck disable=SC2086 # they are many words
	"$ROOT/test/gen/state" "${@:3}" ${PG_DIR:+--postgres "host=$PG_DIR user=wos"} \
	    $seeds
}

# bats test_tags=slow
@test "state: in any order, with repeats, in any runs and batches (odd seeds)" {
	in_any_order 1 "$SEEDS"
}

# bats test_tags=slow
@test "state: in any order, with repeats, in any runs and batches (even seeds)" {
	in_any_order 2 "$SEEDS"
}

# bats test_tags=slow
@test "state: the change feed comes to the same tables" {
	in_any_order 1 "$ENVIRONMENTS" --changes
	((ENVIRONMENTS < 2)) || in_any_order 2 "$ENVIRONMENTS" --changes
}

# bats test_tags=slow
@test "state: lists and the latest events, as all events from the beginning (odd seeds)" {
	in_any_order 1 "$ENVIRONMENTS" --filled
}

# bats test_tags=slow
@test "state: lists and the latest events, as all events from the beginning (even seeds)" {
	in_any_order 2 "$ENVIRONMENTS" --filled
}

# bats test_tags=sqlite,slow
@test "state: the streams have in them what the rules are for" {
	"$ROOT/test/gen/state" --counts 1 2 3 4 5 6 7 8 15 19 22 23 26 27 30 >counts
	diff -u - <(cut -d ' ' -f 2- counts | sort) <<-END
	came back
	corrected
	events
	gone
	gone with a parent that went with its own
	gone with its parent
	late after the delete
	late child
	listed
	listed last
	moved away in time
	moved to what is gone
	of a former name
	of an event whose parent is gone
	of an unknown type
	parked
	parked by id
	updated_at against the order
	updated_at missing
	updated_at the same
	END
	awk '$1 < 10 { print; few = 1 } END { exit few }' counts
}

# bats test_tags=slow
@test "state: events with the same stamps end as the stream has them" {
	{
		user created 5 first 003
		user updated 5 second 003
		user updated 5 third 003
	} >equal.jsonl
	apply equal.jsonl
	assert_equal "$(sql "$app" 'SELECT first_name, event_id FROM "user"')" \
	    "third|event_3"
	# Split over batches and runs, too; and what is older does not win.
	newdb app
	user updated 5 fourth 003 >fourth.jsonl
	user updated 4 older 003 >older.jsonl
	BATCH=1 apply equal.jsonl fourth.jsonl older.jsonl
	assert_equal "$(sql "$app" 'SELECT first_name FROM "user"')" fourth
	# The ledger brings the same ones back.
	wos-rebuild "$app"
	assert_equal "$(sql "$app" 'SELECT first_name FROM "user"')" fourth
}

@test "state: a key that comes back in the millisecond it went ends as the stream has it" {
	role='{"slug":"admin","updated_at":"2026-11-01T00:00:00.001Z"}'
	member='{"group_id":"group_1","organization_membership_id":"om_1"}'
	{
		event role.created 1 "$role"
		event role.deleted 5 "$role"
		event role.created 5 "$role"
		event group.member_removed 5 "$member"
		event group.member_added 5 "$member"
	} >back.jsonl
	apply back.jsonl
	assert_equal "$(sql "$app" "SELECT (SELECT event_id FROM role),
		(SELECT event_id FROM group_member)")" "event_3|event_5"
	{
		event role.deleted 5 "$role"
		event group.member_removed 5 "$member"
	} >gone.jsonl
	apply gone.jsonl
	assert_equal "$(sql "$app" "SELECT (SELECT count(*) FROM role),
		(SELECT count(*) FROM group_member)")" "0|0"
}

@test "state: updated_at decides before the order of events, event_at where it is missing" {
	{
		user updated 9 newer 008
		user updated 10 older 002
		event user.updated 7 '{"id":"user_1","first_name":"no stamp"}'
	} >stamps.jsonl
	apply stamps.jsonl
	assert_equal "$(sql "$app" 'SELECT first_name, event_id FROM "user"')" \
	    "newer|event_1"
	event user.updated 11 '{"id":"user_1","first_name":"no stamp"}' >later.jsonl
	apply later.jsonl
	# A row is written whole: what an event lacks is NULL.
	assert_equal "$(sql "$app" 'SELECT first_name,
		COALESCE(CAST(updated_at AS TEXT), '"'NULL'"') FROM "user"')" \
	    "no stamp|NULL"
}

@test "state: a delete ignores updated_at, and an id is never used again" {
	{
		user updated 9 later 999
		event user.deleted 5 '{"id":"user_1","updated_at":"2020-01-01T00:00:00Z"}'
		user updated 20 again 999
	} >deleted.jsonl
	apply deleted.jsonl
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 0
	assert_equal "$(sql "$app" "SELECT object, id, sub_id, event_at % 1000
		FROM tombstone")" "user|user_1||5"
}

# bats test_tags=slow
@test "state: what goes with a directory, an organization, a user, a group" {
	at='"updated_at":"2026-11-01T00:00:00.001Z"'
	{
		event dsync.activated 1 "{\"id\":\"directory_1\",$at}"
		event dsync.user.created 2 "{\"id\":\"du_1\",\"directory_id\":\"directory_1\",$at}"
		event dsync.group.created 3 "{\"id\":\"dg_1\",\"directory_id\":\"directory_1\",$at}"
		local user="{\"id\":\"du_1\",\"directory_id\":\"directory_1\",$at}"
		local group="{\"id\":\"dg_1\",\"directory_id\":\"directory_1\",$at}"
		event dsync.group.user_added 4 "{\"directory_id\":\"directory_1\",\"user\":$user,\"group\":$group}"
		event organization_membership.created 5 "{\"id\":\"om_1\",\"user_id\":\"user_1\",\"organization_id\":\"org_1\",$at}"
		event organization_membership.created 6 "{\"id\":\"om_2\",\"user_id\":\"user_2\",\"organization_id\":\"org_1\",$at}"
		event organization_domain.created 7 "{\"id\":\"domain_1\",\"organization_id\":\"org_1\",$at}"
		event organization_role.created 8 "{\"slug\":\"admin\",\"organization_id\":\"org_1\",$at}"
		event group.member_added 9 '{"group_id":"group_1","organization_membership_id":"om_1"}'
	} >children.jsonl
	{
		event dsync.deleted 10 '{"id":"directory_1"}'
		event user.deleted 11 '{"id":"user_1"}'
		event organization.deleted 12 '{"id":"org_1"}'
		event group.deleted 13 '{"id":"group_1"}'
	} >parents.jsonl
	left() {
		local table

		for table in directory_user directory_group \
		    directory_group_membership organization_membership \
		    organization_domain organization_role group_member; do
			sql "$app" "SELECT '$table' FROM \"$table\""
		done
	}
	apply children.jsonl
	assert_equal "$(left | wc -l)" 8
	apply parents.jsonl
	assert_equal "$(left)" ""
	# Late children stay out.
	newdb app
	apply parents.jsonl children.jsonl
	assert_equal "$(left)" ""
	assert_equal "$(sql "$app" "SELECT count(*) FROM events_cursor")" 13
}

# of_a_person and of_an_organization: objects that can't outlive them, down to
# their children's children; and what is history.
of_a_person() {
	membership 1 user_1
	member 2
	object session.created 3 session_1 '"user_id":"user_1"'
	object api_key.created 4 api_key_1 '"owner":{"type":"user","id":"user_1"}'
	object pipes.connected_account.connected 5 account_1 '"user_id":"user_1"'
	object agent.instance.created 6 instance_1 '"organization_membership_id":"om_1"'
	object agent.instance.session.created 7 agent_session_1 \
	    '"agent_instance_id":"instance_1"'
}

of_an_organization() {
	object organization_domain.created 1 domain_1 '"organization_id":"org_1"'
	object invitation.created 2 invitation_1 '"organization_id":"org_1"'
	object connection.activated 3 connection_1 '"organization_id":"org_1"'
	object api_key.created 4 api_key_2 '"owner":{"type":"organization","id":"org_1"}'
	object api_key.created 5 api_key_3 \
	    '"owner":{"type":"user","id":"user_2","organization_id":"org_1"}'
	object group.created 6 group_2 '"organization_id":"org_1"'
	event group.member_added 7 '{"group_id":"group_2","organization_membership_id":"om_2"}'
	object dsync.activated 8 directory_1 '"organization_id":"org_1"'
	object dsync.user.created 9 du_1 '"directory_id":"directory_1"'
	object dsync.group.created 10 dg_1 '"directory_id":"directory_1"'
	event dsync.group.user_added 11 '{"directory_id":"directory_1",
	    "user":{"id":"du_1","directory_id":"directory_1"},
	    "group":{"id":"dg_1","directory_id":"directory_1"}}' | tr -d '\n\t' && echo
	object dsync.token.created 12 token_1 '"directory_id":"directory_1"'
	# Of a directory that no event speaks of any more.
	object dsync.user.created 13 du_2 \
	    '"directory_id":"directory_2","organization_id":"org_1"'
	object dsync.group.created 14 dg_2 \
	    '"directory_id":"directory_2","organization_id":"org_1"'
	event dsync.group.user_added 15 '{"directory_id":"directory_2",
	    "user":{"id":"du_2","directory_id":"directory_2","organization_id":"org_1"},
	    "group":{"id":"dg_2","directory_id":"directory_2","organization_id":"org_1"}
	    }' | tr -d '\n\t' && echo
	object dsync.token.created 16 token_2 \
	    '"directory_id":"directory_2","organization_id":"org_1"'
}

# bats test_tags=slow
@test "state: a user, an organization take along all that can't outlive them" {
	of_a_person >user.jsonl
	of_an_organization >organization.jsonl
	gone user 20 user_1 >no-user.jsonl
	gone organization 21 org_1 >no-organization.jsonl
	apply user.jsonl
	assert_equal "$(rows)" 7
	apply no-user.jsonl
	assert_equal "$(rows)" 0
	apply organization.jsonl
	assert_equal "$(rows)" 16
	apply no-organization.jsonl
	assert_equal "$(rows)" 0
	# Those that come late, too, whoever comes first.
	newdb app
	apply no-user.jsonl no-organization.jsonl
	tac user.jsonl >late.jsonl
	tac organization.jsonl >>late.jsonl
	apply late.jsonl
	assert_equal "$(rows)" 0
}

# bats test_tags=slow
@test "state: history stays, and so does what names no parent, or one that lives" {
	{
		object session.created 1 session_1 '"user_id":"user_2","organization_id":"org_1"'
		object connection.activated 2 connection_1
		object api_key.created 3 api_key_1 '"owner":null'
		object magic_auth.created 4 magic_1 '"user_id":"user_1"'
		event authentication.password_succeeded 5 '{"user_id":"user_1"}'
		gone user 6 user_1
		gone organization 7 org_1
	} >stay.jsonl
	apply stay.jsonl
	assert_equal "$(rows)" 4
	assert_equal "$(sql "$app" "SELECT count(*) FROM authentication")" 1
}

# bats test_tags=slow
@test "state: an object is with the parent that its newest event names, in every order" {
	{
		membership 1 user_1
		membership 3 user_2
		gone user 5 user_1
	} >moved.jsonl
	in_every_order moved.jsonl user_2 "SELECT user_id FROM organization_membership"
	{
		membership 1 user_1
		membership 3 user_2
		gone user 5 user_2
	} >lost.jsonl
	in_every_order lost.jsonl "" "SELECT user_id FROM organization_membership"
}

# bats test_tags=slow
@test "state: what is below an object that moves goes with it and comes back, in every order" {
	{
		membership 1 user_1
		member 2
		membership 3 user_2
		gone user 5 user_1
	} >back.jsonl
	in_every_order back.jsonl "om_1" \
	    "SELECT organization_membership_id FROM group_member"
	{
		membership 1 user_2
		member 2
		membership 3 user_1
		gone user 5 user_1
	} >lost.jsonl
	in_every_order lost.jsonl "" \
	    "SELECT organization_membership_id FROM group_member"
}

# bats test_tags=slow
@test "state: what lists lack is an event's, whatever parent it named, in every order" {
	local want='SELECT organization_id, external_key FROM connection'

	keyed() {
		object connection.activated "$1" connection_1 \
		    "\"organization_id\":\"$2\",\"external_key\":\"key_$1\""
	}
	{
		keyed 1 org_1
		gone organization 5 org_1
		listed 1 org_2
	} >one.jsonl
	in_every_order one.jsonl 'org_2|key_1' "$want"
	{
		keyed 1 org_2
		keyed 2 org_1
		gone organization 5 org_1
		listed 1 org_2
	} >two.jsonl
	in_every_order two.jsonl 'org_2|key_2' "$want"
	{
		keyed 1 org_1
		gone organization 5 org_1
		listed 1 org_1
		listed 2 org_2
	} >three.jsonl
	in_every_order three.jsonl 'org_2|key_1' "$want"
}

@test "state: what comes back with its parent has what lists lack" {
	{
		object dsync.activated 1 directory_1 '"organization_id":"org_1"'
		object dsync.user.updated 1 du_1 \
		    '"directory_id":"directory_1","previous_attributes":{"a":1}'
		printf '{"object":"list_item","of":"directory_user","listed_at":"2026-11-01T00:00:01.000Z","data":%s}\n' \
		    '{"id":"du_1","directory_id":"directory_1","updated_at":"2026-11-01T00:00:01.000Z"}'
		gone organization 5 org_1
	} >gone.jsonl
	object dsync.activated 2 directory_1 '"organization_id":"org_2"' >back.jsonl
	apply gone.jsonl
	assert_equal "$(sql "$app" "SELECT object, id FROM orphan ORDER BY 1" | xargs)" \
	    "directory|directory_1 directory_user|du_1"
	apply back.jsonl
	assert_equal "$(sql "$app" "SELECT event_at,
		previous_attributes IS NULL FROM directory_user")" "1793491201000|$(
		    [[ $DBKIND == postgres ]] && echo f || echo 0)"
	assert_equal "$(sql "$app" "SELECT count(*) FROM orphan")" 0
}

@test "state: what moved to a parent that is gone leaves, also while others come back" {
	session() {
		printf '{"object":"list_item","of":"agent_instance_session","listed_at":"2026-11-01T00:00:0%s.000Z","data":%s}\n' \
		    "$1" "{\"id\":\"session_1\",\"agent_instance_id\":\"$3\",\"updated_at\":\"2026-11-01T00:00:00.00$2Z\"}"
	}
	{
		object agent.instance.created 1 instance_1 '"organization_id":"org_1"'
		gone organization 5 org_1
		gone agent.instance 5 instance_2
	} >gone.jsonl
	{
		session 3 1 instance_3
		session 2 2 instance_2
		object agent.instance.created 2 instance_1 '"organization_id":"org_2"'
	} >moved.jsonl
	apply gone.jsonl moved.jsonl
	assert_equal "$(sql "$app" "SELECT (SELECT count(*) FROM agent_instance_session),
		(SELECT count(*) FROM agent_instance), (SELECT count(*) FROM orphan)")" "0|1|1"
}

@test "state: what was deleted itself does not come back with its parent" {
	{
		membership 1 user_1
		member 2
		event group.member_removed 4 '{"group_id":"group_1","organization_membership_id":"om_1"}'
		gone user 5 user_1
	} >removed.jsonl
	membership 3 user_2 >moved.jsonl
	apply removed.jsonl moved.jsonl
	assert_equal "$(sql "$app" "SELECT count(*) FROM group_member")" 0
	assert_equal "$(sql "$app" "SELECT count(*) FROM orphan")" 0
}

# bats test_tags=slow
@test "state: SQL alone leaves to wos-apply what an object that moves takes along" {
	newdb bare
	wos-apply "$bare" </dev/null
	{
		gone user 5 user_1
		member 2
		membership 1 user_1
	} >late.jsonl
	wos-decode late.jsonl >late.sql
	if [[ $DBKIND == postgres ]]; then
		psql -Xq1 -v ON_ERROR_STOP=1 -d "$bare" -f late.sql
	else
		sqlite3 -batch -bail -init /dev/null "$(d1_file "$bare")" <late.sql
	fi
	assert_equal "$(sql "$bare" "SELECT count(*) FROM group_member")" 1
	wos-apply "$bare" </dev/null
	assert_equal "$(sql "$bare" "SELECT count(*) FROM group_member")" 0
}

@test "state: without wos-decode what is to come back waits for the next run" {
	{
		membership 1 user_1
		member 2
		gone user 5 user_1
	} >gone.jsonl
	membership 3 user_2 | wos-decode >moved.sql
	apply gone.jsonl
	mkdir bin
	cp "$(command -v wos-apply)" bin
	run -1 --separate-stderr env PATH=/none "$PWD/bin/wos-apply" --no-cursor "$app" moved.sql
	assert_equal "$stderr" "wos-apply: wos-decode: No such file or directory"
	assert_equal "$(sql "$app" "SELECT (SELECT user_id FROM organization_membership),
		(SELECT count(*) FROM group_member)")" "user_2|0"
	wos-apply "$app" </dev/null
	assert_equal "$(sql "$app" "SELECT count(*) FROM group_member")" 1
	assert_equal "$(sql "$app" "SELECT count(*) FROM orphan")" 0
}

@test "state: a database of an older version loses what it had left, when it is opened" {
	gone user 5 user_1 >gone.jsonl
	apply gone.jsonl
	sql "$app" "DROP TABLE orphan" "INSERT INTO session (id, user_id, updated_at)
		VALUES ('session_1', 'user_1', 7), ('session_2', 'user_2', 7)"
	wos-apply "$app" </dev/null
	assert_equal "$(sql "$app" "SELECT id FROM session")" session_2
	assert_equal "$(sql "$app" "SELECT id, updated_at FROM orphan")" "session_1|7"
}

# bats test_tags=slow
@test "state: the reason of what the database refused does not tell of the stream's order" {
	newdb other
	wos-apply "$app" </dev/null
	wos-apply "$other" </dev/null
	forbid "$app" user 'not here'
	forbid "$other" user 'not here'
	user created 1 one 001 >one.jsonl
	event widget.created 2 null >two.jsonl
	cat one.jsonl two.jsonl | wos-decode >12.sql
	cat two.jsonl one.jsonl | wos-decode >21.sql
	run -3 wos-apply --no-cursor "$app" 12.sql
	run -3 wos-apply --no-cursor "$other" 21.sql
	diff <(dump "$app") <(dump "$other")
	assert_equal "$(sql "$app" "SELECT reason FROM parked_event")" "not here"
}
