# SPDX-License-Identifier: MIT
# What is PostgreSQL's own: connecting, the schema, the pipeline, other writers.
# What it shares with SQLite is in the files that test/run runs once per database.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load pg-own

setup() {
	# shellcheck disable=SC2034 # newdb reads it
	DBKIND=postgres
	wos_setup
	newdb app
}

# bats test_tags=slow
@test "pg: the same rows as SQLite after the same stream" {
	"$ROOT/test/gen/state" --good 3 >events.jsonl
	cat "$DATA"/sample.jsonl "$DATA"/fetch-exact.jsonl >>events.jsonl
	"$ROOT/test/bench/generate" 2000 >>events.jsonl
	wos-decode events.jsonl >events.sql
	wos-apply "$app" events.sql
	wos-apply lite.db events.sql
	diff <(rows lite.db) <(rows "$app")
	diff <(wos-apply --export lite.db) <(wos-apply --export "$app")
	(($(rows "$app" | wc -l) > 3000))
}

# bats test_tags=slow
@test "pg: every way to name a database, and files that only look like one" {
	local url
	url="postgresql:///$(sql "$app" 'SELECT current_database()')?host=$PG_DIR&user=wos"

	users 1 1 | apply "$app"
	users 2 2 | apply "$url"
	users 3 3 | apply "postgres${url#postgresql}"
	users 4 4 | apply "host=$PG_DIR user=wos dbname=$(sql "$app" 'SELECT current_database()')"
	users 5 5 | PGHOST=$PG_DIR PGUSER=wos apply "dbname=$(sql "$app" 'SELECT current_database()')"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 5
	users 6 6 | apply ./dbname=app
	assert_equal "$(sql ./dbname=app 'SELECT count(*) FROM "user"')" 1
}

# bats test_tags=slow
@test "pg: no message tells a password" {
	local where

	for where in postgresql://me:geheim@localhost:1/x \
	    "host=$PG_DIR dbname=nowhere user=wos password=geheim" \
	    "postgresql://me:geheim@[localhost/x" \
	    "host=localhost password=my geheim" \
	    "host=localhost password='geheim"; do
		run wos-apply --cursor "$where"
		echo "$output"
		((status == 1 || status == 2 || status == 75))
		refute_output --partial geheim
		assert_output --regexp '^wos-apply: '
		assert_equal "${#lines[@]}" 1
	done
}

# bats test_tags=slow
@test "pg: what can heal is 75, what can't is 1" {
	run -75 wos-apply --cursor "host=$PG_DIR/none dbname=x"
	run -75 wos-apply --cursor "host=localhost port=1 dbname=x"
	run -75 wos-apply --dry-run "host=localhost port=1 dbname=x" </dev/null
	assert_output --partial "Connection refused"
	run -1 wos-apply --cursor "host=$PG_DIR user=wos dbname=nowhere"
	assert_output "wos-apply: postgresql://wos@$PG_DIR/nowhere: connection to server on socket \"$PG_DIR/.s.PGSQL.5432\" failed: FATAL:  database \"nowhere\" does not exist"
	run -1 wos-apply --cursor "host=$PG_DIR user=nobody_here dbname=postgres"
	run -2 wos-apply --cursor "host=$PG_DIR user=wos dbname=postgres nonsense=1"
	run -1 wos-apply --cursor "host=$PG_DIR user=wos dbname=postgres requirepeer=nobody_here"
	run -1 wos-apply --cursor "host=$PG_DIR user=wos dbname=postgres channel_binding=require"
	run -1 wos-apply --cursor service=unheard_of
	pg_admin -c "CREATE DATABASE ${PG_MADE[0]}_latin ENCODING LATIN1 TEMPLATE template0"
	PG_MADE+=("${PG_MADE[0]}_latin")
	run -1 wos-apply --cursor "host=$PG_DIR user=wos dbname=${PG_MADE[0]}_latin"
	assert_output --partial "the database's encoding is LATIN1; events need one with UTF8"
}

@test "pg: a database without our tables has nothing to print, and is left alone" {
	run -0 wos-apply --cursor "$app"
	assert_output ""
	run -0 wos-apply --export "$app"
	assert_output ""
	assert_equal "$(sql "$app" "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")" 0
}

# bats test_tags=slow
@test "pg: the schema follows the catalogue, and nothing of the user's goes" {
	users 1 3 | apply "$app"
	sql "$app" 'DROP VIEW users, vault_events' \
	    'ALTER TABLE "user" DROP COLUMN locale, ADD COLUMN mine TEXT' \
	    'DROP INDEX user_email_text_idx' 'DROP TABLE vault' \
	    'ALTER TABLE events_cursor DROP COLUMN seq' \
	    'CREATE VIEW people AS SELECT id, mine FROM "user"'
	users 4 4 | apply "$app"
	wos-apply --schema postgres >want.sql
	newdb want
	sql "$want" "$(<want.sql)"
	columns='SELECT table_name, column_name, data_type, is_nullable
		FROM information_schema.columns
		WHERE table_schema = current_schema() ORDER BY 1, 2'
	indexes='SELECT tablename, indexname FROM pg_indexes
		WHERE schemaname = current_schema() ORDER BY 1, 2'
	diff <(sql "$want" "$columns" "$indexes") \
	    <(sql "$app" "$columns" "$indexes" | grep -v '|mine|\|^people')
	assert_equal "$(sql "$app" 'SELECT id, mine FROM people ORDER BY id LIMIT 1')" "user_1|"
	assert_equal "$(wos-apply --export "$app" | grep -o 'user_[0-9]')" \
	    "$(printf 'user_%d\n' 1 2 3 4)"
}

@test "pg: a schema that is up to date is only read" {
	sql "$app" "$(wos-apply --schema postgres)" \
	    'CREATE ROLE wos_rows LOGIN' \
	    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO wos_rows' ||
		true # the role may be there from another run
	users 1 3 | apply "$app user=wos_rows"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 3
	sql "$app" 'DROP OWNED BY wos_rows' 'DROP ROLE wos_rows'
}

@test "pg: it works in the first schema of the search path" {
	sql "$app" 'CREATE SCHEMA mirror' 'CREATE TABLE public."user" (id INT)' \
	    'CREATE SCHEMA empty'
	users 1 2 | apply "$app options=-csearch_path=mirror,public"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM mirror."user"')" 2
	assert_equal "$(sql "$app" "SELECT DISTINCT schemaname FROM pg_tables
		WHERE tablename = 'events_cursor'")" mirror
	run -1 wos-apply "$app options=-csearch_path=nowhere" </dev/null
	assert_output --partial "no schema has been selected to create in"
}

# bats test_tags=slow
@test "pg: a table that only has a name of ours is not touched" {
	sql "$app" 'CREATE TABLE "user" (id TEXT PRIMARY KEY, password TEXT)'
	run -1 wos-apply "$app" </dev/null
	assert_output "wos-apply: $app: schema: there is a table \"user\" that wos did not make: give wos a database, or a schema first in its search_path, of its own"
	assert_equal "$(sql "$app" "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")" user
	for made in 'TABLE tombstone (name TEXT)' 'TABLE parked_event (id TEXT)' \
	    'VIEW sync_cursor AS SELECT 1 AS id' 'TABLE sync_lock (name TEXT)' \
	    'TABLE events_cursor (event_id TEXT)'; do
		newdb app
		sql "$app" "CREATE $made"
		run -1 wos-apply "$app" </dev/null
		made=${made#* }
		assert_output --partial "there is a table \"${made%% *}\" that wos did not make"
		assert_equal "$(sql "$app" "SELECT count(*) FROM
			information_schema.tables WHERE table_schema = 'public'")" 1
	done
}

# bats test_tags=slow
@test "pg: whatever has a name of ours and is no table of ours" {
	local ddl

	for ddl in "TYPE role AS ENUM ('admin', 'member')" 'TYPE session AS (id TEXT)' \
	    'DOMAIN connection AS TEXT' 'MATERIALIZED VIEW "user" AS SELECT 1 AS id' \
	    'SEQUENCE sync_lock' 'TABLE t (id TEXT); CREATE INDEX vault ON t (id)'; do
		newdb app
		sql "$app" "CREATE $ddl"
		run -1 wos-apply "$app" </dev/null
		assert_output --regexp "^wos-apply: $app: schema: there is a (type|sequence|materialized view|index) \"[a-z_]+\" that wos did not make: give wos a database, or a schema first in its search_path, of its own$"
		assert_equal "$(sql "$app" "SELECT count(*) FROM pg_tables WHERE
			schemaname = 'public' AND tablename <> 't'")" 0
	done
}

# long BYTES: an event with an email of that length, which compresses badly.
long() {
	python3 - "$1" <<-'END'
	import random, sys
	mail = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=int(sys.argv[1])))
	print('{"id":"event_%s","event":"user.created","data":{"id":"user_%s","email":"%s",'
	    '"updated_at":"2026-11-02T10:00:00Z"},"created_at":"2026-11-02T10:00:00Z"}'
	    % (sys.argv[1], sys.argv[1], mail))
	END
}

# bats test_tags=slow
@test "pg: a text may be as long as it likes, also where it has an index" {
	local bytes

	for bytes in 2000 3000 9000 500000; do
		long $bytes
	done >long.jsonl
	run -0 apply "$app" <long.jsonl
	run -0 apply lite.db <long.jsonl
	diff <(rows lite.db) <(rows "$app")
	users 1 2000 | apply --no-cursor "$app"
	sql "$app" 'ANALYZE'
	sql "$app" "EXPLAIN SELECT * FROM \"user\" WHERE email = '7@example.com'" |
		grep user_email_text_idx
}

# bats test_tags=slow
@test "pg: the indexes of a database that an older wos made follow" {
	users 1 3 | apply "$app"
	sql "$app" 'DROP INDEX user_email_text_idx' 'CREATE INDEX user_email_idx ON "user" (email)' \
	    'DROP INDEX session_user_id_text_idx' 'CREATE INDEX session_user_id_idx ON session (lower(user_id))' \
	    'CREATE INDEX mine ON "user" (name)'
	# While somebody reads, what was there stays, and is no failure.
	mkfifo hold
	psql -XAtq -d "$app" <hold >held &
	STARTED+=($!)
	exec 7>hold
	echo 'BEGIN; SELECT count(*) FROM "user";' >&7
	while [[ ! -s held ]]; do sleep 0.05; done
	run -0 wos-apply --busy-timeout 300 "$app" </dev/null
	assert_output --partial "schema: indexes: canceling statement due to lock timeout"
	exec 7>&-
	wait "${STARTED[-1]}"
	run -0 wos-apply "$app" </dev/null
	assert_output ""
	assert_equal "$(sql "$app" "SELECT indexname FROM pg_indexes WHERE
		indexname IN ('mine', 'user_email_idx') OR indexname LIKE 'user_email%'
		OR indexname LIKE 'session_user_id%' ORDER BY 1")" \
	    $'mine\nsession_user_id_idx\nsession_user_id_text_idx\nuser_email_text_idx'
	long 3000 | apply --no-cursor "$app"
}

@test "pg: many first runs at once" {
	local i

	users 1 200 | wos-decode >users.sql
	for i in 1 2 3 4 5 6; do
		# One makes the tables, and the others wait for it.
		wos-apply --no-cursor --busy-timeout 300000 "$app" users.sql &
		STARTED+=($!)
	done
	for i in "${STARTED[@]}"; do
		wait "$i"
	done
	STARTED=()
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 200
}

@test "pg: a refusal that comes late costs only its event, and tells its line" {
	users 1 1000 | sed '500s/first_name/metadata":1e999999,"first_name/' >users.jsonl
	run -3 apply "$app" <users.jsonl
	assert_output --regexp 'event_0+500: line 1999: value overflows numeric format.*: parked$'
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 999
	assert_equal "$(sql "$app" "SELECT event_id, kind, reason LIKE 'value%' FROM parked_event")" \
	    "event_$(printf '%026d' 500)|line|t"
	assert_equal "$(wos-apply --cursor "$app")" "event_$(printf '%026d' 1000)"
	# Mended, it is parked no more.
	sql "$app" "UPDATE parked_event SET text = replace(text, '1e999999', '1')"
	wos-apply --parked-retry "$app"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 1000
}

# bats test_tags=slow
@test "pg: many refusals, alone and in a row" {
	users 1 400 | sed '1s/first_name/metadata":1e999999,"first_name/
		30,60s/first_name/metadata":1e999999,"first_name/
		400s/first_name/metadata":1e999999,"first_name/' >users.jsonl
	for batch in 1 7 1000; do
		newdb app
		run -3 apply --batch $batch "$app" <users.jsonl
		assert_equal "$(grep -c ': parked$' <<<"$output")" 20
		assert_line "wos-apply: 13 more events were parked"
		assert_equal "$(sql "$app" 'SELECT (SELECT count(*) FROM "user"),
			(SELECT count(*) FROM parked_event),
			(SELECT count(*) FROM events_cursor)')" "367|33|367"
		assert_equal "$(wos-apply --cursor "$app")" "event_$(printf '%026d' 400)"
	done
}

# After an error the server answers nothing until the end of the pipeline.
# bats test_tags=slow
@test "pg: an event that is parked, and a large one on its way, whenever it leaves" {
	local times

	users 1 4 | awk 'BEGIN { for (long = "x"; length(long) < 500000;) long = long long }
		NR == 1 { sub("first_name", "metadata\":1e999999,\"&") }
		NR > 1 { sub("Test", long) } { print }' | wos-decode >users.sql
	for times in {1..9}; do
		newdb app
		FULL_TIMES=$times run -3 timeout 300 "$ROOT/test/crash/with" \
		    short_send wos-apply "$app" users.sql
		assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 3
	done
}

# bats test_tags=slow
@test "pg: more shapes of statements than are kept" {
	shapes 2500 >shapes.sql
	run -3 wos-apply -v "$app" shapes.sql
	assert_equal "$(grep -c ': parked$' <<<"$output")" 20
	assert_line "wos-apply: 30 more events were parked"
	assert_output --partial "2500 events"
	run -3 wos-apply --parked-retry "$app"
	assert_equal "$(wos-apply --parked "$app" | wc -l)" 50
}

@test "pg: bytes that are no UTF-8 are U+FFFD in the ledger" {
	printf '{"id":"event_1","event":"user.created","data":{"id":"user_1","first_name":"a\xff\xc0b"},"created_at":"2026-11-02T10:00:00Z"}\n' >bad.jsonl
	apply "$app" <bad.jsonl
	assert_equal "$(sql "$app" 'SELECT first_name FROM "user"')" $'a\xef\xbf\xbd\xef\xbf\xbdb'
	assert_equal "$(wos-apply --export "$app")" \
	    "$(LC_ALL=C sed $'s/\xff\xc0/\xef\xbf\xbd\xef\xbf\xbd/' bad.jsonl)"
	# Parked with such bytes and applied without them, it is parked no more.
	forbid "$app" organization 'not yet'
	printf '{"id":"event_2","event":"organization.created","data":{"id":"org_1","name":"a\xffb"},"created_at":"2026-11-02T10:00:00Z"}\n' >bad.jsonl
	run -3 apply "$app" <bad.jsonl
	run -3 apply "$app" <bad.jsonl
	assert_equal "$(wos-apply --parked "$app" | wc -l)" 1
	sql "$app" 'DROP TRIGGER forbid ON organization'
	wos-apply --parked-retry "$app"
	assert_equal "$(wos-apply --parked "$app")" ""
	assert_equal "$(sql "$app" 'SELECT count(*) FROM organization')" 1
}

@test "pg: JSON is what it means, not as it is written, and has its bounds" {
	users 1 5 | sed '1s/first_name/metadata":{"b":1,"a" : 3e0,"b":2.50},"first_name/
		2s/first_name/metadata":1e131072,"first_name/' >users.jsonl
	run -3 apply "$app" <users.jsonl
	assert_equal "$(grep -c ': parked$' <<<"$output")" 1
	assert_equal "$(sql "$app" 'SELECT id, metadata FROM "user" ORDER BY id LIMIT 2')" \
	    $'user_1|{"a": 3, "b": 2.50}\nuser_3|'
	assert_equal "$(sql "$app" 'SELECT left(reason, 14) FROM parked_event')" "value overflow"
	# The ledger has it as it came.
	assert_equal "$(wos-apply --export "$app" | head -n 1)" "$(head -n 1 users.jsonl)"
}

# bats test_tags=slow
@test "pg: decode's SQL is good for psql, too" {
	"$ROOT/test/gen/state" --good 5 >events.jsonl
	newdb want
	wos-apply "$app" </dev/null
	wos-decode events.jsonl | psql -Xq1 -v ON_ERROR_STOP=1 -d "$app"
	wos-apply "$app" </dev/null # which settles what is marked
	wos-decode events.jsonl | wos-apply --no-cursor "$want"
	diff <(dump "$want") <(dump "$app")
}

# bats test_tags=slow
@test "pg: writers take turns, and a delete is not undone by a late update" {
	# Two programs, the one with the deletes, the other with older updates.
	users 1 2000 Old | wos-decode >old.sql
	users 1 2000 | sed 's/user.created/user.deleted/; s/event_0/event_1/' | wos-decode >deletes.sql
	wos-apply "$app" </dev/null
	wos-apply --batch 10 --no-cursor --busy-timeout 300000 "$app" old.sql &
	STARTED+=($!)
	wos-apply --batch 10 --no-cursor --busy-timeout 300000 "$app" deletes.sql
	wait "${STARTED[0]}"
	STARTED=()
	assert_equal "$(sql "$app" 'SELECT (SELECT count(*) FROM "user"),
		(SELECT count(*) FROM tombstone), (SELECT count(*) FROM events_cursor)')" "0|2000|4000"
}

# bats test_tags=slow
@test "pg: a constraint that waits for the commit costs only its events" {
	local batch

	users 1 400 | sed '60s/60@/7@/; 61s/61@/7@/; 400s/400@/1@/' >users.jsonl
	for batch in 1 7 1000; do
		newdb app
		wos-apply "$app" </dev/null
		sql "$app" 'ALTER TABLE "user" ADD CONSTRAINT one_email
			UNIQUE (email) DEFERRABLE INITIALLY DEFERRED'
		run -3 apply --batch $batch "$app" <users.jsonl
		assert_equal "$(grep -c ': parked$' <<<"$output")" 3
		assert_line --partial 'event_00000000000000000000000060: line 237: duplicate key value violates unique constraint "one_email": parked'
		assert_equal "$(sql "$app" 'SELECT (SELECT count(*) FROM "user"),
			(SELECT count(*) FROM events_cursor)')" "397|397"
		assert_equal "$(sql "$app" "SELECT string_agg(ltrim(event_id, 'event_0')
			|| kind, ',' ORDER BY event_id) FROM parked_event")" 60line,61line,400line
		assert_equal "$(wos-apply --cursor "$app")" "event_$(printf '%026d' 400)"
	done
	sql "$app" 'ALTER TABLE "user" DROP CONSTRAINT one_email'
	wos-apply --parked-retry "$app"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 400
}

@test "pg: what can't be committed even when it is parked ends the run" {
	wos-apply "$app" </dev/null
	sql "$app" "CREATE FUNCTION never() RETURNS TRIGGER LANGUAGE plpgsql AS
		\$\$ BEGIN RAISE 'never'; END \$\$"
	for table in '"user"' parked_event; do
		sql "$app" "CREATE CONSTRAINT TRIGGER never AFTER INSERT ON $table
			DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW EXECUTE FUNCTION never()"
	done
	users 1 3 >users.jsonl
	run -1 apply "$app" <users.jsonl
	assert_line --index 1 "wos-apply: stdin: line 4: never"
	assert_equal "$(wos-apply --parked "$app")" ""
}

@test "pg: a lock that is held too long is 75" {
	wos-apply "$app" </dev/null
	users 1 1 | apply "$app"
	# A batch that never ends; psql ends with its input.
	mkfifo hold
	psql -XAtq -d "$app" <hold >held &
	STARTED+=($!)
	exec 7>hold
	echo 'BEGIN; UPDATE sync_lock SET taken_at = 0; SELECT 1;' >&7
	until_true test -s held
	users 2 2 >two.jsonl
	run -75 apply --busy-timeout 300 "$app" <two.jsonl
	assert_output --partial "lock timeout"
	run -75 wos-apply --busy-timeout 300 --tail-seen 5 "$app"
	assert_output --partial "lock timeout"
	exec 7>&-
	apply "$app" <two.jsonl
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 2
}

@test "pg: no privilege is the administrator's affair: nothing is parked" {
	wos-apply "$app" </dev/null
	sql "$app" 'CREATE FUNCTION deny() RETURNS TRIGGER LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION '"'no'"' USING ERRCODE = '"'42501'"'; END $$' \
	    'CREATE TRIGGER deny BEFORE INSERT ON "user" FOR EACH ROW EXECUTE FUNCTION deny()'
	users 1 3 >users.jsonl
	run -1 apply "$app" <users.jsonl
	assert_equal "$(sql "$app" 'SELECT (SELECT count(*) FROM parked_event),
		(SELECT count(*) FROM events_cursor)')" "0|0"
}

# bats test_tags=slow
@test "pg: wos-sync and wos-rebuild keep a server in step" {
	local name

	name=$(sql "$app" 'SELECT current_database()')
	api_start "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-sync "$app"
	# shellcheck disable=SC2154
	assert_equal "$output$stderr" ""
	diff "$DATA/sample.jsonl" <(wos-apply --export "$app")
	run -0 --separate-stderr wos-sync "postgresql:///$name?host=$PG_DIR&user=wos"
	assert_equal "$output$stderr" ""
	dump "$app" >want
	run -0 --separate-stderr wos-rebuild "host=$PG_DIR user=wos dbname=$name"
	assert_equal "$output$stderr" ""
	diff want <(dump "$app")
	wos-apply --status "$app" >facts
	grep -q "^ledger" facts
}

# bats test_tags=slow
@test "pg: built without libpq, a connection string is refused" {
	# shellcheck disable=SC2016 # the inner shell expands it
	"$ROOT/test/in-copy" sh -c 'make -s POSTGRES=no apply/wos-apply &&
		! grep libpq.so apply/wos-apply &&
		mkdir "$1" && cp apply/wos-apply "$1"' - "$PWD/without"
	run -1 ./without/wos-apply --cursor service=app
	assert_output "wos-apply: PostgreSQL: this wos-apply was built without PostgreSQL"
	./without/wos-apply --cursor app.db
}

@test "pg: libpq is for databases on a server, and missed only there" {
	mkdir without
	: >without/libpq.so.5
	export LD_LIBRARY_PATH=$PWD/without
	run -1 wos-apply --cursor service=app
	assert_output --regexp \
	    '^wos-apply: PostgreSQL: needs libpq: .*libpq.so.5: file too short$'
	run -0 wos-apply app.db </dev/null
	assert_output ""
}

@test "pg: there is a comment on each table, column and view" {
	users 1 1 | apply "$app"
	assert_equal "$(sql "$app" "SELECT obj_description('users'::regclass),
		col_description('\"user\"'::regclass, 2)")" \
	    "A person who can sign in. Made by wos.|The user's email address."
	without="SELECT c.relname, a.attname FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'v')
		AND a.attnum > 0 AND NOT a.attisdropped
		AND (col_description(c.oid, a.attnum) IS NULL
		    OR obj_description(c.oid) IS NULL)"
	assert_equal "$(sql "$app" "$without")" ""
	# Nothing of it is written again: an owner's own words stay until then.
	sql "$app" "COMMENT ON COLUMN \"user\".email IS 'mine'"
	users 2 2 | apply "$app"
	comment="SELECT col_description('\"user\"'::regclass, 2)"
	assert_equal "$(sql "$app" "$comment")" mine
	sql "$app" "COMMENT ON TABLE sync_lock IS 'Comments: 00000000'"
	users 3 3 | apply "$app"
	assert_equal "$(sql "$app" "$comment")" "The user's email address."
}

@test "pg: a role that may only change rows is not held up by views that it can't make" {
	users 1 1 | apply "$app"
	sql "$app" 'DROP VIEW users' "COMMENT ON TABLE sync_lock IS NULL" \
	    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public
		TO pg_monitor"
	users 2 2 | wos-decode >two.sql
	PGOPTIONS='-c role=pg_monitor' run -0 --separate-stderr \
	    wos-apply --no-cursor "$app" two.sql
	assert_equal "$stderr" ""
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 2
}
