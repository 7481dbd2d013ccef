# State is a function of the set of events: whatever order they come in, how
# often, in how many runs and batches, the tables are the same, and they are
# what the rules say.
#
# gen/state makes streams from seeds and compares databases with a model of the
# rules.  make check SEEDS=500 takes more seeds, SEED=17 that one alone.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper

setup() {
	wos_setup
	newdb app
}

# Making so many databases takes a server longer.
if [[ ! ${SEEDS:-} ]]; then
	SEEDS=16
	[[ $DBKIND == sqlite ]] || SEEDS=6
fi
if ((SEEDS > 16)); then
	# shellcheck disable=SC2034 # bats' own
	BATS_TEST_TIMEOUT=$((SEEDS * 20))
fi

# in_any_order FIRST: every other seed, since there are two such tests, for two
# processors.
in_any_order() {
	local seeds

	if [[ ${SEED:-} ]]; then
		seeds=$SEED
	else
		seeds=$(seq "$1" 2 "$SEEDS")
	fi
	# shellcheck disable=SC2086 # they are many words
	"$ROOT/test/gen/state" ${PG_DIR:+--postgres "host=$PG_DIR user=wos"} $seeds
}

@test "state: in any order, with repeats, in any runs and batches (odd seeds)" {
	in_any_order 1
}

@test "state: in any order, with repeats, in any runs and batches (even seeds)" {
	in_any_order 2
}

# bats test_tags=sqlite
@test "state: the streams have in them what the rules are for" {
	"$ROOT/test/gen/state" --counts 1 2 3 4 5 6 7 8 >counts
	diff -u - <(cut -d ' ' -f 2- counts | sort) <<-END
	came back
	corrected
	events
	gone
	gone with a parent that went with its own
	gone with its parent
	late after the delete
	late child
	moved away in time
	moved to what is gone
	of a former name
	of an unknown type
	parked
	parked by id
	updated_at against the order
	updated_at missing
	updated_at the same
	END
	awk '$1 < 10 { print; few = 1 } END { exit few }' counts
}

# event NAME MS DATA: one line, of an event of that time.  Ids count up.
n=0
event() {
	n=$((n + 1))
	printf '{"id":"event_%s","event":"%s","data":%s,"created_at":"2026-11-01T00:00:00.%03dZ"}\n' \
	    "$n" "$1" "$3" "$2"
}

user() {
	event "user.$1" "$2" "{\"id\":\"user_1\",\"first_name\":\"$3\",\"updated_at\":\"2026-11-01T00:00:00.$4Z\"}"
}

# apply FILE...: each in a run of its own.
apply() {
	local file

	for file; do
		wos-decode "$file" >"$file.sql"
		wos-apply --batch "${BATCH:-1000}" "$app" "$file.sql"
	done
}

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
