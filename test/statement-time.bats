# SPDX-License-Identifier: MIT
# The time of a statement of the stream, which others wait for, has a bound.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load stream

# slow DB: an organization that an owner's trigger has no end of work with.
slow() {
	wos-apply "$1" </dev/null
	sql "$1" "INSERT INTO organization (id, event_at) VALUES ('org_1', 1)"
	if [[ $DBKIND == postgres ]]; then
		sql "$1" "CREATE FUNCTION work() RETURNS trigger LANGUAGE plpgsql AS
			'BEGIN PERFORM pg_sleep(3600); RETURN NEW; END'"
		sql "$1" "CREATE TRIGGER slow BEFORE UPDATE ON organization
			FOR EACH ROW EXECUTE FUNCTION work()"
	else
		sql "$1" "CREATE TRIGGER slow BEFORE UPDATE ON organization BEGIN
			SELECT count(*) FROM (WITH RECURSIVE n(i) AS
			(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n); END"
	fi
}

# group N STATEMENT: a group of the stream with this statement.
group() {
	printf 'SAVEPOINT "event_%s";\n%s\nRELEASE "event_%s";\n' "$1" "$2" "$1"
}

# good N, endless N: groups that can be done, and that can't in time.
good() {
	group "$1" "INSERT INTO \"user\" (\"id\",\"event_at\") VALUES ('good$1',2);"
}

endless() {
	group "$1" "UPDATE \"organization\" SET \"name\"='x' WHERE \"id\"='org_1';"
}

# hurried COMMAND...: a server's clock is its own; for SQLite, time passes by looks.
hurried() {
	if [[ $DBKIND == postgres ]]; then
		timeout 300 "$@"
	else
		timeout 300 "$ROOT/test/crash/with" ticking_clock "$@"
	fi
}

# bats test_tags=slow
@test "apply: what takes too long is parked, once, and all else is done" {
	newdb app
	slow "$app"
	{
		good 1
		endless 2
		good 3
		endless 4
		good 5
	} >in.sql
	run -3 hurried wos-apply --busy-timeout 0 "$app" in.sql
	assert_line "wos-apply: in.sql: event_2: line 5: it takes longer than a statement may: parked"
	assert_line "wos-apply: in.sql: event_4: line 11: it takes longer than a statement may: parked"
	assert_equal "${#lines[@]}" 2
	assert_equal "$(sql "$app" "SELECT id FROM \"user\" WHERE event_at = 2 ORDER BY id")" \
	    $'good1\ngood3\ngood5'
	assert_equal "$(sql "$app" "SELECT event_id, reason FROM parked_event ORDER BY 1")" \
	    $'event_2|it takes longer than a statement may\nevent_4|it takes longer than a statement may'
	assert_equal "$(wos-apply --cursor "$app")" event_5
}

# long_row N: a group that adds a user with two long texts, which are the same.
long_row() {
	printf 'SAVEPOINT "event_%s";\nINSERT INTO "user" ("id","first_name","last_name") VALUES (' "$1"
	printf "'long%s','%0500000d','%0500000d');\nRELEASE \"event_%s\";\n" "$1" 0 0 "$1"
}

# bats test_tags=sqlite
@test "apply: few steps of SQLite that take long each are ended as well" {
	newdb app
	{
		for i in {1..9}; do long_row "$i"; done
		group 10 "UPDATE \"user\" SET \"locale\"='x' WHERE $(
			printf '"first_name"="last_name" AND %.0s' {1..400})TRUE;"
	} >in.sql
	run -3 hurried wos-apply "$app" in.sql
	assert_line --partial 'it takes longer than a statement may: parked'
	assert_equal "$(sql "$app" 'SELECT count(*), count(locale) FROM "user"')" '9|0'
}

# bats test_tags=postgres,slow
@test "apply: the server ends a statement also when wos-apply was killed" {
	local running="SELECT count(*) FROM pg_stat_activity WHERE
	    datname = current_database() AND query LIKE 'UPDATE%' AND state = 'active'"

	newdb app
	slow "$app"
	endless 1 >in.sql
	wos-apply --busy-timeout 0 "$app" in.sql 3>&- &
	until [[ $(sql "$app" "$running") == 1 ]]; do sleep 0.1; done
	kill -9 $!
	until_sql "$app" 0 "$running"
	good 2 | wos-apply --no-cursor "$app"
}

# bats test_tags=postgres,slow
@test "apply: what waits for another session's lock is not at fault" {
	newdb app
	slow "$app"
	mkfifo hold
	psql -XAtq -d "$app" <hold >held &
	STARTED+=($!)
	exec 7>hold
	echo 'BEGIN; LOCK TABLE "user" IN SHARE MODE; SELECT 1;' >&7
	while [[ ! -s held ]]; do sleep 0.05; done
	good 1 >in.sql
	run -75 wos-apply --busy-timeout 300 "$app" in.sql
	assert_output --partial "lock timeout"
	# As long as a statement may take, and longer.
	run -75 timeout 300 wos-apply --busy-timeout 11000 "$app" in.sql
	assert_output --partial "lock timeout"
	exec 7>&-
	wos-apply "$app" in.sql
	assert_equal "$(wos-apply --parked "$app")" ""
}

# bats test_tags=postgres
@test "apply: an administrator's cancel is not the event's fault" {
	newdb app
	slow "$app"
	{
		good 1
		endless 2
	} >in.sql
	wos-apply --busy-timeout 0 "$app" in.sql 2>err 3>&- &
	STARTED+=($!)
	until sql "$app" "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE
	    datname = current_database() AND query LIKE 'UPDATE%' AND state = 'active'" |
		grep -q t; do sleep 0.1; done
	until grep -q "canceling statement due to user request" err; do sleep 0.1; done
	kill "${STARTED[-1]}"
	assert_equal "$(wos-apply --parked "$app")" ""
}
