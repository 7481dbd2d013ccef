#!/usr/bin/env bats
# wos-apply's first load of a SQLite file: it makes the indexes, and removes the
# children of parents that have ended, when the stream is quiet or at its end.

load helper
load stream

indexes="SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_master
	WHERE type = 'index' AND sql IS NOT NULL
	AND tbl_name IN ('user', 'organization_membership') ORDER BY name)"
all="organization_membership_organization_id_idx"
all+=" organization_membership_user_id_idx"
all+=" user_email_idx user_external_id_idx"

# membership N USER: event_N makes om_N, a membership of the user.
membership() {
	event "event_$1" organization_membership.created "2026-01-02T00:00:0$1.000Z" \
	    "{\"id\":\"om_$1\",\"user_id\":\"$2\",\"organization_id\":\"org_1\"}"
}

# no_user N USER: event_N ends the user.
no_user() {
	event "event_$1" user.deleted "2026-01-02T00:00:0$1.000Z" "{\"id\":\"$2\"}"
}

# applied N: waits until event_N has been; without end, as long as nothing comes
# a batch of one event is no reason to take the load for quiet.
applied() {
	until_sql app.db "event_$1" 'SELECT event_id FROM sync_cursor'
}

# load_begins: a first load that has applied two memberships, of user_1 and of
# user_2, and the end of user_1.
load_begins() {
	feed apply wos-apply --batch 1 app.db
	{
		membership 1 user_1
		membership 2 user_2
		no_user 3 user_1
	} | wos-decode >&"$FEED"
	applied 3
}

# killed: the load is, where it stands.
killed() {
	kill -KILL "$FED"
	! wait "$FED" || fail "it was not killed"
}

@test "first load: a new file gets its indexes when the stream is quiet" {
	users 1 4 | wos-decode >in.sql
	feed apply wos-apply app.db
	until_sql app.db '' "$indexes"
	sed -n 1,4p in.sql >&"$FEED"
	until_sql app.db "$all" "$indexes"
	sed -n 5,16p in.sql >&"$FEED"
	ended
	assert_equal "$(cat apply.err)" ""
	assert_equal "$(ids app.db)" "user_1 user_2 user_3 user_4"
	has_schema app.db
}

@test "first load: children stay after their parent, and go at the end" {
	load_begins
	assert_equal "$(sql app.db "$indexes")" ""
	assert_equal "$(ids app.db organization_membership)" "om_1 om_2"
	ended
	assert_equal "$(ids app.db organization_membership)" om_2
	assert_equal "$(sql app.db 'SELECT id FROM tombstone')" user_1
	has_schema app.db
}

@test "first load: a late child stays out at once" {
	load_begins
	membership 4 user_1 | wos-decode >&"$FEED"
	applied 4
	assert_equal "$(ids app.db organization_membership)" "om_1 om_2"
	ended
	assert_equal "$(ids app.db organization_membership)" om_2
}

@test "first load: the rows that go at its end are counted" {
	export WOS_COUNTS_FILE=counts
	printf '%512s\n' '' >counts
	load_begins
	ended
	# In the ledger three, two memberships, a tombstone; then one membership.
	assert_equal "$(xargs <counts)" \
	    'events_applied 3 events_parked 0 rows_changed 7'
}

@test "first load: what a killed one has left undone is done next time" {
	load_begins
	killed
	assert_equal "$(ids app.db organization_membership)" "om_1 om_2"
	wos-apply app.db </dev/null
	assert_equal "$(ids app.db organization_membership)" om_2
	has_schema app.db
}

@test "first load: another program that opens the file finishes it" {
	load_begins
	wos-apply app.db </dev/null
	assert_equal "$(ids app.db organization_membership)" om_2
	has_schema app.db
	# From here on children go with their parent, though the load goes on.
	no_user 4 user_2 | wos-decode >&"$FEED"
	applied 4
	assert_equal "$(ids app.db organization_membership)" ""
	killed
	assert_equal "$(ids app.db organization_membership)" ""
}

@test "first load: a removal without a tombstone is made at once" {
	load_begins
	group event_4 \
	    "DELETE FROM \"organization_membership\" WHERE \"user_id\"='user_2';" \
	    >&"$FEED"
	until_sql app.db om_1 "SELECT group_concat(id) FROM organization_membership"
	ended
	assert_equal "$(ids app.db organization_membership)" ""
}

@test "first load: a dry run of one puts nothing off" {
	{
		membership 1 user_1
		membership 2 user_2
		no_user 3 user_1
	} | wos-decode | wos-apply --dry-run app.db >dry.out
	assert_equal "$(grep -o '^. organization_membership "[^"]*"' dry.out)" \
	    '+ organization_membership "om_1"
+ organization_membership "om_2"
- organization_membership "om_1"'
}
