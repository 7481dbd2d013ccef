# SPDX-License-Identifier: MIT
# wos-apply in time: a stream that is quiet, a program killed, a database held.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load stream
load apply

setup() {
	wos_setup
	newdb app
}

# at_once DB STATEMENT: fails if it has to wait for somebody.
at_once() {
	if [[ $1 == service=* ]]; then
		sql "$1" 'SET lock_timeout = 1' "$2"
	else
		sqlite3 -batch -init /dev/null -cmd '.timeout 0' "$(d1_file "$1")" "$2"
	fi
}

# bats test_tags=slow
@test "apply: what has come is there as soon as the stream is quiet" {
	emptydb app
	users 1 4 | wos-decode >in.sql
	feed apply wos-apply "$app"
	sed -n 1,4p in.sql >&"$FEED"
	until_sql "$app" event_1 "SELECT event_id FROM sync_cursor"
	# Two whole events and half of one.
	sed -n 5,14p in.sql >&"$FEED"
	until_sql "$app" event_3 "SELECT event_id FROM sync_cursor"
	assert_equal "$(ids "$app")" "user_1 user_2 user_3"
	# Half of an event holds nobody up, once that commit has let go.
	until_true at_once "$app" \
	    "UPDATE \"user\" SET locale = 'x' WHERE id = 'user_1'"
	sed -n 15,16p in.sql >&"$FEED"
	until_sql "$app" event_4 "SELECT event_id FROM sync_cursor"
	ended
	assert_equal "$(cat apply.err)" ""
	assert_equal "$(ids "$app")" "user_1 user_2 user_3 user_4"
}

# bats test_tags=slow
@test "apply: half an event lets another program write while it waits" {
	emptydb app
	users 1 2 | wos-decode >in.sql
	feed apply wos-apply "$app"
	sed -n 1,6p in.sql >&"$FEED"
	until_sql "$app" event_1 "SELECT event_id FROM sync_cursor"
	until_true at_once "$app" "UPDATE \"user\" SET locale = '0'"
	for n in {1..40}; do
		at_once "$app" "UPDATE \"user\" SET locale = '$n'"
		sleep 0.01
	done
	sed -n 7,8p in.sql >&"$FEED"
	ended
	assert_equal "$(ids "$app")" "user_1 user_2"
}

# bats test_tags=sqlite
@test "apply: half an event that ended the transaction is as good as another" {
	emptydb app
	sql "$app" "CREATE TRIGGER no BEFORE INSERT ON user
		WHEN new.id = 'user_2' BEGIN SELECT RAISE(ROLLBACK, 'not him'); END"
	users 1 3 | wos-decode >in.sql
	feed apply wos-apply "$app"
	sed -n 1,7p in.sql >&"$FEED" # but for its RELEASE
	until_sql "$app" event_1 "SELECT event_id FROM sync_cursor"
	sed -n 8,12p in.sql >&"$FEED"
	ended || [ $? -eq 3 ]
	assert_equal "$(cat apply.err)" \
	    "wos-apply: stdin: event_2: line 7: not him: parked"
	assert_equal "$(ids "$app")" "user_1 user_3"
	assert_equal "$(cursor "$app")" event_3
}

# bats test_tags=slow
@test "apply: killed in the middle it leaves whole events and their cursor" {
	emptydb app
	users 1 300 | wos-decode >in.sql
	for cut in 3 150 700; do
		feed "apply$cut" wos-apply --batch 10 "$app"
		sed -n "1,${cut}p" in.sql >&"$FEED"
		until_sql "$app" "event_$((cut / 4))" \
		    "SELECT COALESCE(MAX(event_id), 'event_0') FROM sync_cursor"
		kill -KILL "$FED"
		ended 2>/dev/null || assert_equal $? 137
		[[ $DBKIND != postgres ]] || until_true pg_is_left_alone "$app"
		assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" $((cut / 4))
		assert_equal "$(sql "$app" "SELECT count(*) FROM events_cursor")" \
		    $((cut / 4))
	done
	wos-apply "$app" in.sql 2>/dev/null
	newdb want
	wos-apply "$want" in.sql
	diff <(dump "$want") <(dump "$app")
}

# bats test_tags=slow
@test "apply: killed at any time, the next run completes it" {
	users 1 3000 | wos-decode >in.sql
	newdb want
	wos-apply "$want" in.sql
	for ms in 05 10 15 20 30 45; do
		emptydb app
		wos-apply --batch 7 "$app" in.sql &
		sleep "0.0$ms" # where it is then is all the same
		kill -KILL $! 2>/dev/null || :
		wait $! || :
		[[ $DBKIND != postgres ]] || until_true pg_is_left_alone "$app"
		sql "$app" "SELECT COALESCE(MAX(event_id), 'event_0') FROM sync_cursor" \
		    "SELECT 'event_' || count(*) FROM events_cursor" \
		    "SELECT 'event_' || count(*) FROM \"user\"" | uniq >there
		assert_equal "$(wc -l <there)" 1
		wos-apply --after "$(wos-apply --cursor "$app")" "$app" in.sql
		diff <(dump "$want") <(dump "$app")
	done
}

# bats test_tags=sqlite
@test "apply: a database that is held by another is tried again later" {
	emptydb app
	users 1 2 | wos-decode >in.sql
	feed lock sqlite3 -batch -init /dev/null app.db
	echo 'BEGIN IMMEDIATE; SELECT 1;' >&"$FEED"
	until_true grep -q 1 lock.out
	run -75 --separate-stderr wos-apply --busy-timeout 50 app.db in.sql
	assert_equal "$stderr" "wos-apply: in.sql: line 1: database is locked"
	assert_equal "$(ids app.db)" ""
	# Looking is always possible.
	run -0 wos-apply --busy-timeout 0 --cursor app.db
	assert_output ""
	ended
	wos-apply --busy-timeout 50 app.db in.sql
	assert_equal "$(ids app.db)" "user_1 user_2"
}

# bats test_tags=sqlite
@test "apply: a schema can't be made while another holds the database" {
	wos-apply --schema sqlite | sed '/^CREATE VIEW/,/;$/d; /"locale"/d' | sqlite3 app.db
	feed lock sqlite3 -batch -init /dev/null app.db
	echo 'BEGIN EXCLUSIVE; SELECT 1;' >&"$FEED"
	until_true grep -q 1 lock.out
	run -75 --separate-stderr wos-apply --busy-timeout 50 app.db </dev/null
	assert_equal "$stderr" "wos-apply: app.db: database is locked"
	ended
}

# bats test_tags=slow
@test "apply: two at once take turns" {
	emptydb app
	users 1 400 | wos-decode >1.sql
	users 401 800 | wos-decode >2.sql
	# SQLite knows no queue: who comes second may come second again.
	wos-apply --batch 3 --no-cursor --busy-timeout 300000 "$app" 1.sql &
	STARTED+=($!)
	one=$!
	wos-apply --batch 3 --no-cursor --busy-timeout 300000 "$app" 2.sql
	wait "$one"
	newdb want
	users 1 800 | wos-decode | wos-apply --no-cursor "$want"
	diff <(dump "$want") <(dump "$app")
}
