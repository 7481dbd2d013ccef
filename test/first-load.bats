#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
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

# Two memberships, of user_1 and of user_2, and the end of user_1.
three_events() {
	membership 1 user_1
	membership 2 user_2
	no_user 3 user_1
}

# members DB: the ids of the memberships.
members() {
	ids "$1" organization_membership
}

# is_stopped PID: by a signal.
is_stopped() {
	[[ $(ps -o stat= -p "$1") == T* ]]
}

# load_pauses SQL [OPTION...]: a first load of app.db, stopped after this SQL has
# been committed and before it sees rest.sql, if there is any, or the end.
load_pauses() {
	cat "$1" >load.sql
	[[ ! -e rest.sql ]] || cat rest.sql >>load.sql
	PAUSE_AFTER=$(wc -c <"$1") "$ROOT/test/crash/with" pause \
	    wos-apply --batch 1 "${@:2}" app.db <load.sql 2>load.err 3>&- &
	LOAD=$!
	STARTED+=("$LOAD")
	until_true is_stopped "$LOAD" || fail "it has not stopped: $(cat load.err)"
}

# load_goes_on: to its end; returns its exit status.
load_goes_on() {
	kill -CONT "$LOAD"
	wait "$LOAD"
}

@test "first load: a new file gets its indexes when the stream is quiet" {
	users 1 4 | wos-decode >in.sql
	# Also when a commit has left nothing to wait for.
	feed apply wos-apply --batch 1 app.db
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
	three_events | wos-decode >in.sql
	# A late one stays out, as ever.
	membership 4 user_1 | wos-decode >rest.sql
	load_pauses in.sql
	assert_equal "$(sql app.db "$indexes")" ""
	assert_equal "$(members app.db)" "om_1 om_2"
	load_goes_on
	assert_equal "$(members app.db)" om_2
	assert_equal "$(sql app.db 'SELECT id FROM tombstone')" user_1
	has_schema app.db
}

@test "first load: what is below goes at the end, and what has moved stays" {
	{
		membership 1 user_1
		event event_4 group.member_added 2026-01-02T00:00:04.000Z \
		    '{"group_id":"group_1","organization_membership_id":"om_1"}'
		membership 2 user_1
		event event_5 group.member_added 2026-01-02T00:00:05.000Z \
		    '{"group_id":"group_1","organization_membership_id":"om_2"}'
		no_user 3 user_1
		membership 6 user_2 | sed 's/om_6/om_2/'
	} | wos-decode >in.sql
	load_pauses in.sql
	assert_equal "$(members app.db)" "om_1 om_2"
	load_goes_on
	assert_equal "$(members app.db)" om_2
	assert_equal "$(sql app.db "SELECT organization_membership_id FROM group_member")" \
	    om_2
	assert_equal "$(sql app.db "SELECT object, id, sub_id FROM orphan ORDER BY 1")" \
	    "group_member|group_1|om_1
organization_membership|om_1|"
}

@test "first load: the rows that go at its end are counted" {
	printf '%512s\n' '' >counts
	three_events | wos-decode | WOS_COUNTS_FILE=counts wos-apply app.db
	# In the ledger three, two memberships, a tombstone; then one membership,
	# and what it leaves.
	assert_equal "$(xargs <counts)" \
	    'events_applied 3 events_parked 0 rows_changed 8'
}

@test "first load: what a killed one has left undone is done next time" {
	three_events | wos-decode >in.sql
	load_pauses in.sql
	kill -KILL "$LOAD"
	! wait "$LOAD" || fail "it was not killed"
	assert_equal "$(members app.db)" "om_1 om_2"
	# Whoever may have made the indexes.
	wos-apply --schema sqlite | sqlite3 app.db
	wos-apply app.db </dev/null
	assert_equal "$(members app.db)" om_2
	has_schema app.db
}

@test "first load: another program that opens the file finishes it" {
	three_events | wos-decode >in.sql
	no_user 4 user_2 | wos-decode >rest.sql
	load_pauses in.sql
	wos-apply app.db </dev/null
	assert_equal "$(members app.db)" om_2
	has_schema app.db
	# From here on children go with their parent, though the load goes on.
	load_goes_on
	assert_equal "$(members app.db)" ""
	has_schema app.db
}

@test "first load: a removal without a tombstone is made at once" {
	{
		three_events | wos-decode
		group event_4 \
		    "DELETE FROM \"organization_membership\" WHERE \"user_id\"='user_2';"
	} >in.sql
	load_pauses in.sql
	assert_equal "$(members app.db)" om_1
	load_goes_on
	assert_equal "$(members app.db)" ""
}

@test "first load: status 75 where another program is in the way of its end" {
	three_events | wos-decode >in.sql
	load_pauses in.sql --busy-timeout 100
	feed lock sqlite3 -batch -init /dev/null app.db
	echo 'BEGIN IMMEDIATE; SELECT 1;' >&"$FEED"
	until_true grep -q 1 lock.out
	status=0
	load_goes_on || status=$?
	assert_equal "$status $(cat load.err)" \
	    "75 wos-apply: stdin: line 29: schema: database is locked"
	assert_equal "$(members app.db)" "om_1 om_2"
	ended
	wos-apply app.db </dev/null
	assert_equal "$(members app.db)" om_2
	has_schema app.db
}

# bats test_tags=slow
@test "first load: where the stream goes on, what is in the way is waited for" {
	three_events | wos-decode >in.sql
	export PAUSE_AFTER
	PAUSE_AFTER=$(wc -c <in.sql)
	feed load "$ROOT/test/crash/with" pause wos-apply --batch 1 --busy-timeout 50 app.db
	load=$FEED pid=$FED
	{ cat in.sql && echo; } >&"$load"
	until_true is_stopped "$pid"
	feed lock sqlite3 -batch -init /dev/null app.db
	echo 'BEGIN IMMEDIATE; SELECT 1;' >&"$FEED"
	until_true grep -q 1 lock.out
	kill -CONT "$pid"
	# A few tries fail in this time; were there none yet, the test is content.
	sleep 1
	kill -0 "$pid"
	assert_equal "$(members app.db)" "om_1 om_2"
	ended
	# Though nothing more comes, the next try is made.
	until_true says app.db om_2 'SELECT id FROM organization_membership'
	has_schema app.db
	FEED=$load FED=$pid
	ended
	assert_equal "$(<load.err)" ''
}

@test "first load: a dry run of one puts nothing off" {
	three_events | wos-decode | wos-apply --dry-run app.db >dry.out
	assert_equal "$(grep -o '^. organization_membership "[^"]*"' dry.out)" \
	    '+ organization_membership "om_1"
+ organization_membership "om_2"
- organization_membership "om_1"'
}
