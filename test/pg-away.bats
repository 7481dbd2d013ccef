# SPDX-License-Identifier: MIT
# PostgreSQL: connections that are lost, cut or shared, and servers that go away.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load pg-own

setup() {
	# shellcheck disable=SC2034 # newdb reads it
	DBKIND=postgres
	wos_setup
	newdb app
}

# clash TIMES: the server says that many times that a transaction could not be
# serialized.
clash() {
	sql "$app" "CREATE SEQUENCE clashes" \
	    "CREATE FUNCTION clash() RETURNS TRIGGER LANGUAGE plpgsql AS \$\$
		BEGIN
			IF nextval('clashes') <= $1 THEN
				RAISE EXCEPTION 'could not serialize' USING ERRCODE = '40001';
			END IF;
			RETURN NEW;
		END \$\$" \
	    'CREATE TRIGGER clash BEFORE INSERT ON "user"
		FOR EACH ROW WHEN (NEW.id = '"'user_7'"') EXECUTE FUNCTION clash()'
}

# bats test_tags=slow
@test "pg: nobody's fault is tried again, and then it is 75" {
	wos-apply "$app" </dev/null
	clash 2
	users 1 10 >users.jsonl
	run -0 apply --batch 3 "$app" <users.jsonl
	assert_output --partial "could not serialize"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 10
	newdb app
	wos-apply "$app" </dev/null
	clash 1000
	run -75 apply --batch 3 "$app" <users.jsonl
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 6
	assert_equal "$(wos-apply --cursor "$app")" "event_$(printf '%026d' 6)"
}

# feed: starts wos-apply on the database with its input open at fd 7.
feed() {
	mkfifo feed
	wos-apply -v "$1" <feed 2>feed.err &
	FED=$!
	STARTED+=("$FED")
	exec 7>feed
}

# committed SQL N: waits until there are so many users.
committed() {
	until_true users_are "$@"
}

users_are() {
	[[ $("$1" 'SELECT count(*) FROM "user"' 2>/dev/null) == "$2" ]]
}

app_sql() {
	sql "$app" "$1"
}

# bats test_tags=slow
@test "pg: a connection that is lost between batches is made anew, once" {
	own_server own
	feed "$own"
	users 1 10 | wos-decode >&7
	committed own_sql 10
	pg_crash "$OWN"
	pg_start "$OWN"
	users 11 20 | wos-decode >&7
	exec 7>&-
	wait "$FED"
	STARTED=()
	cat feed.err
	assert_equal "$(own_sql 'SELECT count(*), count(DISTINCT event_id) FROM "user"')" "20|20"
	assert_equal "$(wos-apply --cursor "$own")" "event_$(printf '%026d' 20)"
	grep 'cursor event_0*20$' feed.err
}

# bats test_tags=slow
@test "pg: a server that stays away is 75, and what was committed is there" {
	own_server own
	feed "$own"
	users 1 10 | wos-decode >&7
	committed own_sql 10
	pg_crash "$OWN"
	users 11 20 | wos-decode >&7
	exec 7>&-
	status=0
	wait "$FED" || status=$?
	STARTED=()
	cat feed.err
	assert_equal "$status" 75
	pg_start "$OWN"
	assert_equal "$(own_sql 'SELECT count(*) FROM "user"')" 10
	assert_equal "$(wos-apply --cursor "$own")" "event_$(printf '%026d' 10)"
}

# cut_off WAY N COUNT [OPTION]: a stream into a database of its own, whose first
# COUNT connections are cut when N bytes have gone that way.
cut_off() {
	local name=cut_$1_$2 status=0 dir at proxy

	dir=$PG_DIR/${BATS_SUITE_TEST_NUMBER}_$name

	pg_admin -c "CREATE DATABASE t${BATS_SUITE_TEST_NUMBER}_$name
		TEMPLATE ${PG_MADE[0]}" || return
	mkdir "$dir" || return
	at=$dir/.s.PGSQL.5432
	"$ROOT/test/crash/cut" "$at" "$PG_DIR/.s.PGSQL.5432" "$1" "$2" "$3" \
	    >"$name.passed" 3>&- &
	proxy=$!
	until_true test -S "$at"
	wos-apply --batch 10 "${@:4}" \
	    "host=$dir user=wos dbname=t${BATS_SUITE_TEST_NUMBER}_$name" \
	    in.sql 2>"$name.err" >"$name.out" || status=$?
	until_true test -s "$name.passed"
	kill "$proxy"
	# The server may be in the middle of what came through.
	until_true is_quiet "t${BATS_SUITE_TEST_NUMBER}_$name"
	printf '%s\n' "$status" >"$name.status"
}

# is_quiet DATABASE: nobody is connected to it.
is_quiet() {
	[[ $(pg_admin -c "SELECT count(*) FROM pg_stat_activity WHERE datname = '$1'") == 0 ]]
}

# Cut at any byte, in the answer to a COMMIT as well as in its middle: what was
# committed is whole, and it is known, or found out, what was.
# bats test_tags=slow
@test "pg: a connection cut anywhere: once, it goes on; again, run it again" {
	local i where pids=()

	wos-apply "$app" </dev/null
	newdb want
	users 1 60 | wos-decode >in.sql
	wos-apply "$want" in.sql
	dump "$want" >wanted
	cut_off up all 0
	read -r up down <cut_up_all.passed
	for i in 1 2 3 4 5 6; do
		cut_off up $((up * i / 6 - 7 * i)) 1 &
		pids+=($!)
		cut_off down $((down * (20 + i) / 26 - i)) 1 &
		pids+=($!)
		cut_off up $((up * (2 * i - 1) / 12)) 9 &
		pids+=($!)
		cut_off down $((down * (40 + 2 * i) / 53)) 9 &
		pids+=($!)
	done
	wait "${pids[@]}"
	for i in cut_*.status; do
		where="host=$PG_DIR user=wos dbname=t${BATS_SUITE_TEST_NUMBER}_${i%.status}"
		PG_MADE+=("t${BATS_SUITE_TEST_NUMBER}_${i%.status}")
		status=$(<"$i")
		((status == 0 || status == 75)) || fail "$i: $(cat "${i%status}err")"
		cursor=$(wos-apply --cursor "$where")
		assert_equal "$cursor" "$(psql -XAtq -d "$where" -c \
		    'SELECT event_id FROM events_cursor ORDER BY seq DESC LIMIT 1')"
		((status != 0)) || assert_equal "$cursor" "event_$(printf '%026d' 60)"
		[[ $(<"${i%status}err") != *"another program"* ]]
		wos-apply --after "$cursor" "$where" in.sql
		printf '[again]\nhost=%s\nuser=wos\ndbname=%s\n' "$PG_DIR" \
		    "${PG_MADE[-1]}" >again.conf
		diff wanted <(PGSERVICEFILE=again.conf dump service=again)
	done
	cat cut_*.status | sort | uniq -c >counts
	grep -q ' 0$' counts
	grep -q ' 75$' counts
}

@test "pg: a connection that is lost between two files is made anew" {
	users 1 1 | wos-decode >1.sql
	mkfifo 2.sql
	wos-apply "$app" 1.sql 2.sql 3>&- &
	STARTED+=($!)
	exec 7>2.sql # it has opened it, for the first is done
	pg_admin -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = '${PG_MADE[0]}' AND application_name = 'wos-apply'" >killed
	users 2 2 | wos-decode >&7
	exec 7>&-
	wait "${STARTED[-1]}"
	assert_equal "$(app_sql 'SELECT count(*) FROM "user"')" 2
}

# What the feed tells is what was committed, also where the answer to that was
# lost, and each change once; or it says what it has not told.
# bats test_tags=slow
@test "pg: a connection cut anywhere: each change that was committed is told once" {
	local i name where pids=() last

	wos-apply "$app" </dev/null
	users 1 60 | wos-decode >in.sql
	cut_off up all 0 --changes
	assert_equal "$(wc -l <cut_up_all.out)" 60
	read -r up down <cut_up_all.passed
	for i in {1..12}; do
		cut_off up $((up - up * i / 20)) 1 --changes &
		pids+=($!)
		cut_off down $((down - down * i / 25 - i)) $((i % 2 ? 1 : 9)) --changes &
		pids+=($!)
	done
	wait "${pids[@]}"
	for i in cut_*.status; do
		name=${i%.status}
		where="host=$PG_DIR user=wos dbname=t${BATS_SUITE_TEST_NUMBER}_$name"
		PG_MADE+=("t${BATS_SUITE_TEST_NUMBER}_$name")
		last=$(tail -n 1 "$name.out" | jq -r .event_id)
		psql -XAtq -d "$where" -c 'SELECT id FROM "user"' | sort >there
		jq -r .key.id "$name.out" | sort >told
		if (($(<"$i") == 0)) || ! diff there told >/dev/null; then
			[[ ! $last || $(<"$i") == 0 ]] ||
				wos-apply --changes-after "$last" "$where" >>"$name.out"
			(($(<"$i") == 0)) || grep -q 'were not told' "$name.err"
			[[ ! $last ]] || jq -r .key.id "$name.out" | sort >told
		fi
		[[ ! $last ]] || diff there told || fail "$name: $(cat "$name.err")"
	done
	cat cut_*.err >errors
	grep -q "connection" errors
}

# bats test_tags=slow
@test "pg: an administrator who ends the connection in a batch" {
	wos-apply "$app" </dev/null
	feed "$app"
	users 1 10 | wos-decode >&7
	committed app_sql 10
	for i in 1 2; do
		pg_admin -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = '${PG_MADE[0]}' AND application_name = 'wos-apply'" >killed
		users $((i * 10 + 1)) $((i * 10 + 10)) | wos-decode >&7
		committed app_sql $((i * 10 + 10))
	done
	exec 7>&-
	wait "$FED"
	STARTED=()
	grep 'cursor event_0*30$' feed.err
}

@test "pg: an administrator who ends the connection of a dry run" {
	wos-apply "$app" </dev/null
	mkfifo sql
	wos-apply --dry-run "$app" sql >out 2>err 3>&- &
	STARTED+=($!)
	exec 7>sql
	users 1 1 | wos-decode >&7
	until_true grep -q '^+ user "user_1"' out
	pg_admin -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = '${PG_MADE[0]}' AND application_name = 'wos-apply'" >killed
	users 2 2 | wos-decode >&7
	exec 7>&-
	status=0
	wait "${STARTED[-1]}" || status=$?
	STARTED=()
	assert_equal "$status" 75
	grep -q ': the connection was lost, and the dry run with it$' err
	assert_equal "$(app_sql 'SELECT count(*) FROM "user"')" 0
}

# bouncer MODE: a PgBouncer in front of the suite's server; sets $pooled.
bouncer() {
	local port=6432

	pg_path
	type -P pgbouncer >/dev/null || skip "there is no pgbouncer"
	BOUNCER=$(mktemp -d /tmp/wos-pgb.XXXXXX)
	printf '[databases]\n* = host=%s\n[pgbouncer]\nlisten_port = %d\nunix_socket_dir = %s\nauth_type = any\npool_mode = %s\ndefault_pool_size = 5\nlogfile = %s\npidfile = %s\n' \
	    "$PG_DIR" "$port" "$BOUNCER" "$1" "$BOUNCER/log" "$BOUNCER/pid" >"$BOUNCER/ini"
	sed -i 's,^\* = host.*,& user=wos,' "$BOUNCER/ini"
	((EUID != 0)) || chown -R "$(pg_as id -u)" "$BOUNCER"
	(leave_bats pg_as pgbouncer -qd "$BOUNCER/ini") >/dev/null 2>&1
	until_true test -S "$BOUNCER/.s.PGSQL.$port"
	pooled="host=$BOUNCER port=$port user=wos dbname=${PG_MADE[0]}"
}

@test "pg: PgBouncer in session mode" {
	bouncer session
	users 1 2000 | apply "$pooled"
	users 2001 2100 | sed '50s/first_name/metadata":1e999999,"first_name/' >more.jsonl
	run -3 apply "$pooled" <more.jsonl
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 2099
	wos-apply --cursor "$pooled"
}

# PGlite, too, has all of its clients share a session, one after the other.
@test "pg: runs that share a session leave nothing of each other's there, or their own" {
	bouncer transaction
	shapes 600 | sed '/event_at/d' >shapes.sql
	psql -XAtq "$pooled" -c 'PREPARE mine AS SELECT 1'
	users 1 10 | apply "$pooled"
	users 11 20 | apply "$pooled"
	wos-apply --no-cursor "$pooled" shapes.sql
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 20
	assert_equal "$(psql -XAtq "$pooled" -c 'SELECT name FROM pg_prepared_statements')" mine
}

@test "pg: each connection has names of its own for what it prepares" {
	wos-apply "$app" </dev/null
	pg_admin -c "ALTER DATABASE ${PG_MADE[0]} SET log_statement = 'all'" \
	    -c "ALTER DATABASE ${PG_MADE[0]} SET log_min_messages = 'log'"
	users 1 1 | wos-decode >one.sql
	wos-apply "$app" one.sql
	wos-apply "$app" one.sql
	grep -o 'execute wos_[0-9a-f]*' "$PG_DIR/log" | sort -u >names
	assert_equal "$(wc -l <names)" 2
}

@test "pg: PgBouncer in statement mode has no transactions" {
	bouncer statement
	users 1 10 >in.jsonl
	run -1 apply "$pooled" <in.jsonl
	assert_output --partial "statement pooling mode"
}

@test "pg: an event that speaks of a pooler is only parked" {
	wos-apply "$app" </dev/null
	sql "$app" "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN RAISE EXCEPTION \$\$bad email: %\$\$, NEW.email; END'" \
	    'CREATE TRIGGER t BEFORE INSERT ON "user" FOR EACH ROW
		EXECUTE FUNCTION f()'
	users 1 1 | sed 's,1@example.com,in statement pooling mode,' >in.jsonl
	run -3 apply "$app" <in.jsonl
	assert_output --partial "bad email: in statement pooling mode: parked"
}

# is_free: the one server that the pool has is nobody's at the moment.
is_free() {
	[[ $(pg_admin -c "SELECT string_agg(state, ',') FROM pg_stat_activity
	    WHERE datname = '${PG_MADE[0]}'") == idle ]]
}

@test "pg: PgBouncer in transaction mode, when it changes the server" {
	bouncer transaction
	feed "$pooled"
	users 1 10 | wos-decode >&7
	committed app_sql 10
	until_true is_free
	# Another client keeps that server busy.
	mkfifo hold
	psql -XAtq "$pooled" <hold >held &
	STARTED+=($!)
	exec 8>hold
	echo 'BEGIN; SELECT 1;' >&8
	until_true test -s held
	users 11 20 | wos-decode >&7
	exec 7>&-
	status=0
	wait "$FED" || status=$?
	exec 8>&-
	cat feed.err
	assert_equal "$status" 1
	grep "a connection pooler in transaction mode" feed.err
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 10
}
