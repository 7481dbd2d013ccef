#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-apply: the SQL stream into a database.  The cursor, what is parked and the
# databases of the replaced system have files of their own; so has PostgreSQL.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load stream

setup() {
	wos_setup
	newdb app
}

setup_file() {
	wos_setup
	wos-apply "$BATS_FILE_TMPDIR/empty.db" </dev/null
}

# emptydb NAME: a database with nothing in it but the schema.
emptydb() {
	newdb "$1"
	if [[ $DBKIND == sqlite ]]; then
		cp "$BATS_FILE_TMPDIR/empty.db" "${!1}"
	else
		wos-apply "${!1}" </dev/null
	fi
}

# clean NAME: makes one, or empties again what this made.
clean() {
	if [[ ${CLEAN:-} == *" $1 "* ]]; then
		sql "${!1}" 'DELETE FROM "user"' 'DELETE FROM events_cursor' \
		    'DELETE FROM parked_event' 'DELETE FROM sync_cursor'
	else
		emptydb "$1"
		CLEAN+=" $1 "
	fi
}

# refuses LINE REASON STATEMENT...: between two good events, an event with
# these statements is refused at that line of the stream, for this reason, and
# nothing of it is kept.  The statement at fault is the last; one that would
# be fine goes before it.
refuses() {
	local line=$1 reason=$2

	clean got
	{
		group before "INSERT INTO \"user\" (\"id\") VALUES ('before');"
		group bad "INSERT INTO \"user\" (\"id\") VALUES ('bad');" "${@:3}"
		group after "INSERT INTO \"user\" (\"id\") VALUES ('after');"
	} >got.sql
	run -3 --separate-stderr wos-apply "$got" got.sql
	assert_equal "$stderr" "wos-apply: got.sql: bad: line $line: $reason: parked"
	assert_equal "$(ids "$got")" "after before"
	assert_equal "$(sql "$got" "SELECT event_id, kind, reason FROM parked_event")" \
	    "bad|group|$reason"
	assert_equal "$(cursor "$got")" after
}

# word, call, mark ...: the refusals that several tests expect.
kind="neither INSERT, UPDATE nor DELETE"
table="not a table that events change"
name="a name that is not in the catalogue"
word="a word that row changes don't need"
call="a function call"
mark="punctuation that row changes don't need"
number="a number that is no integer of 64 bits"

# ---------------------------------------------------------------- the database

# bats test_tags=sqlite
@test "apply: makes the file and the schema that --schema prints" {
	wos-apply app.db </dev/null
	has_schema app.db
	assert_equal "$(sql app.db 'PRAGMA journal_mode')" wal
}

# bats test_tags=sqlite
@test "apply: --schema prints what schema/ has" {
	diff "$ROOT/schema/sqlite.sql" <(wos-apply --schema sqlite)
	diff "$ROOT/schema/postgres.sql" <(wos-apply --schema postgres)
	run -2 --separate-stderr wos-apply --schema oracle
	assert_equal "$stderr" "wos-apply: --schema: neither sqlite nor postgres: oracle"
}

# bats test_tags=sqlite
@test "apply: adds the columns that an older database lacks, and its rows stay" {
	wos-apply --schema sqlite | grep -v '"locale"' | sqlite3 app.db
	sql app.db "INSERT INTO user (id, email) VALUES ('user_1', 'a@example.com')"
	users 2 2 | wos-decode | wos-apply app.db
	assert_equal "$(sql app.db "SELECT id, email, locale IS NULL FROM user ORDER BY id")" \
	    "user_1|a@example.com|1
user_2|2@example.com|1"
}

# bats test_tags=sqlite
@test "apply: the whole sample, the same as by sqlite3 alone" {
	wos-apply --schema sqlite | sqlite3 other.db
	wos-decode "$DATA/sample.jsonl" >sample.sql
	sqlite3 -batch -bail -init /dev/null other.db <sample.sql
	wos-apply app.db sample.sql
	sql app.db "DELETE FROM sync_cursor"
	diff <(dump other.db) <(dump app.db)
	assert_equal "$(sql app.db 'SELECT count(*) FROM parked_event')" 0
}

# bats test_tags=slow
@test "apply: the same events again change nothing, in any batches" {
	wos-decode "$DATA/sample.jsonl" >sample.sql
	wos-apply "$app" sample.sql
	dump "$app" >want
	for batch in 1 2 7 1000; do
		wos-apply --batch "$batch" "$app" sample.sql
		diff want <(dump "$app")
		newdb new
		wos-apply --batch "$batch" "$new" sample.sql
		diff want <(dump "$new")
	done
}

# bats test_tags=slow
@test "apply: --batch is the events in a transaction" {
	users 1 10 | wos-decode >in.sql
	run -0 --separate-stderr wos-apply -v --batch 3 "$app" in.sql
	assert_equal "$stderr" \
	    "wos-apply: 10 events in 4 batches, 0 parked; cursor event_10"
	newdb other
	run -0 --separate-stderr wos-apply --verbose --batch 5 "$other" in.sql
	assert_equal "$stderr" \
	    "wos-apply: 10 events in 2 batches, 0 parked; cursor event_10"
}

# bats test_tags=slow
@test "apply: several files in order, and - among them" {
	users 1 2 | wos-decode >1.sql
	users 3 4 | wos-decode >2.sql
	users 5 6 | wos-decode | wos-apply "$app" 1.sql - 2.sql
	assert_equal "$(wos-apply --export "$app" | grep -o '"event_.' | tr -d '\n')" \
	    '"event_1"event_2"event_5"event_6"event_3"event_4'
	newdb new
	run -1 --separate-stderr wos-apply "$new" 1.sql no.sql 2.sql
	assert_equal "$stderr" "wos-apply: no.sql: No such file or directory"
	assert_equal "$(ids "$new")" "user_1 user_2"
	run -1 --separate-stderr wos-apply "$new" .
	assert_equal "$stderr" "wos-apply: .: read error: Is a directory"
}

@test "apply: says nothing and prints nothing when all goes well" {
	users 1 3 | wos-decode >in.sql
	run -0 wos-apply "$app" in.sql
	assert_output ""
	run -0 wos-apply "$app" </dev/null
	assert_output ""
	printf ' \n\t\r\n' >blank.sql
	run -0 wos-apply "$app" blank.sql
	assert_output ""
}

# bats test_tags=sqlite
@test "apply: an owner's index, check, default and trigger are no hindrance" {
	emptydb app
	sql app.db "
		CREATE INDEX by_mail ON user (lower(email)) WHERE length(email) > 1;
		CREATE TABLE seen (id, mail);
		CREATE TRIGGER note AFTER INSERT ON user BEGIN
			INSERT INTO seen VALUES (new.id, upper(new.email));
		END"
	users 1 2 | wos-decode | wos-apply app.db
	assert_equal "$(sql app.db 'SELECT * FROM seen')" "user_1|1@EXAMPLE.COM
user_2|2@EXAMPLE.COM"
	wos-apply --schema sqlite | sed '/EXISTS "user"/,/PRIMARY/ {
		s/"email" TEXT/& CHECK (length(email) < 99)/
		s/^\tPRIMARY/\tuid TEXT DEFAULT (lower(hex(randomblob(4)))),&/
		s/^\tuid/\tat TEXT DEFAULT CURRENT_TIMESTAMP,\n\ton_day TEXT DEFAULT (date()),\n&/
	}' | sqlite3 own.db
	users 1 2 | wos-decode | wos-apply own.db
	assert_equal "$(sql own.db 'SELECT count(uid), count(at), count(on_day) FROM user')" \
	    "2|2|2"
}

# ------------------------------------------------------------ what is refused

# bats test_tags=slow
@test "apply: a statement that ends or leaves the transaction is refused" {
	refuses 6 "$kind" 'COMMIT;'
	refuses 6 "$kind" 'END TRANSACTION;'
	refuses 6 "$kind" 'BEGIN;'
	refuses 6 "$kind" 'ROLLBACK;'
	refuses 6 "$kind" 'ROLLBACK TO "bad";'
	refuses 6 "$kind" 'RELEASE bad;'
	refuses 6 "$kind" 'SAVEPOINT inner;'
	refuses 6 "$kind" "RELEASE 'bad';"
}

# bats test_tags=slow
@test "apply: a statement that is no row change is refused" {
	refuses 6 "$kind" 'PRAGMA user_version = 7;'
	refuses 6 "$kind" 'PRAGMA writable_schema = ON;'
	refuses 6 "$kind" "ATTACH 'stolen.db' AS s;"
	refuses 6 "$kind" 'CREATE TABLE x (a);'
	refuses 6 "$kind" 'DROP TABLE "user";'
	refuses 6 "$kind" 'ALTER TABLE "user" RENAME TO "x";'
	refuses 6 "$kind" 'CREATE TRIGGER t AFTER INSERT ON "user" BEGIN SELECT 1;'
	refuses 6 "$kind" 'VACUUM;'
	refuses 6 "$kind" "VACUUM INTO 'stolen.db';"
	refuses 6 "$kind" 'EXPLAIN DELETE FROM "user";'
	refuses 6 "$kind" 'SELECT "id" FROM "user";'
	refuses 6 "$kind" 'VALUES (1);'
	refuses 6 "$kind" 'WITH x AS (SELECT 1) DELETE FROM "user";'
	refuses 6 "$kind" "REPLACE INTO \"user\" (\"id\") VALUES ('x');"
	refuses 6 "$kind" "insert into \"user\" (\"id\") values ('x');"
	refuses 6 "$kind" "COPY \"user\" FROM PROGRAM 'id';"
	refuses 6 "empty statement" ';'
	[ ! -e stolen.db ]
}

# bats test_tags=slow
@test "apply: a table that is not the stream's is refused" {
	refuses 6 "$table" "INSERT INTO \"sync_cursor\" (\"name\") VALUES ('x');"
	refuses 6 "$table" "UPDATE \"sync_cursor\" SET \"event_id\"='x';"
	refuses 6 "$table" 'DELETE FROM "sync_cursor";'
	refuses 6 "$table" 'DELETE FROM "sqlite_master";'
	refuses 6 "$table" 'DELETE FROM "sqlite_sequence";'
	refuses 6 "$table" 'DELETE FROM sqlite_master;'
	refuses 6 "$table" 'DELETE FROM user;'
	refuses 6 "$table" 'DELETE FROM "USER";'
	refuses 6 "$table" 'DELETE FROM "nobody";'
	refuses 6 "$table" 'DELETE FROM [user];'
	refuses 6 "$table" 'DELETE FROM "main"."user";'
	refuses 6 "$table" 'DELETE FROM ""user"";'
	refuses 6 "INSERT without INTO, or DELETE without FROM" \
	    "INSERT OR REPLACE INTO \"user\" (\"id\") VALUES ('x');"
	refuses 6 "INSERT without INTO, or DELETE without FROM" 'DELETE;'
}

# bats test_tags=slow
@test "apply: a question about what is not the stream's is refused" {
	refuses 6 "$name" \
	    'INSERT INTO "user" ("id") SELECT "name" FROM "sync_cursor";'
	refuses 6 "$name" \
	    'INSERT INTO "user" ("id") SELECT "name" FROM "sqlite_master";'
	refuses 6 "$word" \
	    'INSERT INTO "user" ("id") SELECT "name" FROM sqlite_master;'
	refuses 6 "$name" 'INSERT INTO "user" ("rowid") VALUES (1);'
	refuses 6 "$name" \
	    'DELETE FROM "user" WHERE EXISTS (SELECT "sql" FROM "events_cursor");'
	refuses 6 "$word" \
	    'DELETE FROM "user" WHERE "id" IN (SELECT "id" FROM "user");'
}

# bats test_tags=slow
@test "apply: a function call is refused, however it is written" {
	refuses 6 "$word" "INSERT INTO \"user\" (\"id\") VALUES (abs(1));"
	refuses 6 "$name" "INSERT INTO \"user\" (\"id\") VALUES (\"abs\"(1));"
	refuses 6 "$call" "INSERT INTO \"user\" (\"id\") VALUES (\"name\"(1));"
	refuses 6 "$call" "INSERT INTO \"user\" (\"id\") VALUES (\"name\" (1));"
	refuses 6 "$call" "INSERT INTO \"user\" (\"id\") VALUES (\"user\".\"name\"
		(1));"
	refuses 6 "$word" \
	    "INSERT INTO \"user\" (\"id\") SELECT load_extension('/x') WHERE NOT EXISTS (SELECT \"id\" FROM \"user\");"
	refuses 6 "$word" "INSERT INTO \"user\" (\"id\") VALUES (pg_sleep(9));"
}

# bats test_tags=sqlite
@test "apply: a word that is no function can't be called" {
	refuses 6 "no such function: excluded" \
	    "INSERT INTO \"user\" (\"id\") VALUES (excluded(1));"
}

# bats test_tags=slow
@test "apply: an expression, a parameter or a literal of another kind is refused" {
	refuses 6 "$mark" "INSERT INTO \"user\" (\"id\") VALUES ('a'||'b');"
	refuses 6 "$mark" "INSERT INTO \"user\" (\"id\") VALUES (1+1);"
	refuses 6 "$mark" "INSERT INTO \"user\" (\"id\") VALUES (?);"
	refuses 6 "$mark" "INSERT INTO \"user\" (\"id\") VALUES (:a);"
	refuses 6 "a dollar sign" \
	    "INSERT INTO \"user\" (\"id\",\"name\") VALUES (\$foo,'a');"
	refuses 6 "a dollar sign" \
	    "INSERT INTO \"user\" (\"id\") VALUES (\$1);"
	refuses 6 "a dollar sign" \
	    "INSERT INTO \"user\" (\"id\") VALUES (\$\$a\$\$);"
	refuses 6 "$word" "INSERT INTO \"user\" (\"id\") VALUES (x'00');"
	refuses 6 "$word" "INSERT INTO \"user\" (\"id\") VALUES (E'ab');"
	refuses 6 "$number" "INSERT INTO \"user\" (\"id\") VALUES (1.5);"
	refuses 6 "$number" "INSERT INTO \"user\" (\"id\") VALUES (1e3);"
	refuses 6 "$number" "INSERT INTO \"user\" (\"id\") VALUES (0x10);"
	refuses 6 "$number" "INSERT INTO \"user\" (\"id\") VALUES (-);"
	refuses 6 "$number" \
	    "INSERT INTO \"user\" (\"id\") VALUES (9223372036854775808);"
	refuses 6 "$word" "INSERT INTO \"user\" (\"id\") VALUES (CASE WHEN TRUE THEN 1 END);"
	refuses 6 "$word" "DELETE FROM \"user\" RETURNING \"id\";"
	refuses 6 "$mark" "INSERT INTO \"user\" (\"id\") VALUES ('a')é;"
	refuses 6 "a literal and a word in one" \
	    "UPDATE \"user\" SET \"email\"='a'junk(\"id\") WHERE \"id\"='x'nonsense;"
	refuses 6 "$mark" "DELETE FROM \"user\" WHERE \"id\"='x'_;"
}

# bats test_tags=sqlite
@test "apply: what a check of a statement's form would miss, SQLite refuses" {
	unchecked=$ROOT/test/unchecked/unchecked
	[ -x "$unchecked" ] || make -C "$ROOT" "${unchecked#"$ROOT/"}"
	users 1 2 | wos-decode | wos-apply app.db
	# A trigger of the owner's may do all of that; its name is no way around.
	sqlite3 app.db 'CREATE TABLE mine (x)' "CREATE TRIGGER log
		AFTER DELETE ON \"user\" BEGIN
		INSERT INTO mine SELECT upper(name) FROM sqlite_master LIMIT 1; END"
	run -0 "$unchecked" app.db 'BEGIN' 'COMMIT' 'SAVEPOINT x' \
	    'PRAGMA user_version = 7' "ATTACH 'stolen.db' AS s" \
	    'CREATE TABLE x (a)' 'DROP TABLE "user"' 'CREATE VIEW v AS SELECT 1' \
	    'ALTER TABLE "user" RENAME TO x' 'REINDEX' 'ANALYZE' \
	    'CREATE VIRTUAL TABLE v USING fts5 (a)' \
	    'CREATE TRIGGER t AFTER INSERT ON "user" BEGIN SELECT 1; END' \
	    'DELETE FROM sqlite_master' 'DELETE FROM mine' \
	    'DELETE FROM "sync_cursor"' \
	    'INSERT INTO "role" ("slug") SELECT x FROM mine' \
	    "DELETE FROM \"user\" WHERE load_extension('x')" \
	    "UPDATE \"user\" SET \"email\" = hex(randomblob(1000000000))" \
	    'DELETE FROM "user" WHERE "id" IN (WITH RECURSIVE r (n) AS
		(SELECT 1 UNION ALL SELECT n FROM r LIMIT 9) SELECT n FROM r)' \
	    "DELETE FROM \"user\" WHERE \"id\" IN (WITH log (x) AS
		(SELECT load_extension('x')) SELECT x FROM log)" \
	    'DELETE FROM "user" WHERE "id" IN (WITH log (x) AS
		(SELECT sql FROM sqlite_master) SELECT x FROM log)'
	assert_equal "${#lines[@]}" 22
	for line in "${lines[@]}"; do
		assert_regex "$line" \
		    '^not authorized|^access to .* is prohibited|may not be modified'
	done
	[ ! -e stolen.db ]
	run -0 "$unchecked" app.db \
	    'SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5' \
	    "SELECT 1$(printf ' AND 1%.0s' {1..1100})"
	assert_line --index 0 --partial "too many terms in compound SELECT"
	assert_line --index 1 --partial "Expression tree is too large"
	run -0 "$unchecked" app.db "DELETE FROM \"user\" WHERE \"id\" = 'user_1'"
	assert_output "done"
	assert_equal "$(ids app.db)" "user_2"
	assert_equal "$(sql app.db 'SELECT count(*) FROM mine')" 1

	# Nor does the file's owner have means against who opens it.
	run -0 "$unchecked" --own app.db 'PRAGMA writable_schema = ON' \
	    'DELETE FROM sqlite_master' "ATTACH 'stolen.db' AS s" \
	    'PRAGMA trusted_schema'
	assert_line --index 1 "table sqlite_master may not be modified"
	assert_line --index 2 "too many attached databases - max 0"
	assert_line --index 3 "0 done"
}

# bats test_tags=sqlite
@test "apply: an owner's view may be larger than a statement of the stream" {
	users 1 1 | wos-decode | wos-apply app.db
	union=$(printf ' UNION ALL SELECT id FROM organization%.0s' {1..9})
	sqlite3 app.db "CREATE VIEW ids AS SELECT id FROM user$union" \
	    "CREATE TABLE mine (x)" "CREATE TRIGGER t AFTER INSERT ON user
		WHEN 1$(printf ' AND 1%.0s' {1..300})
		BEGIN INSERT INTO mine SELECT id FROM user$union; END" \
	    "CREATE VIEW deep AS SELECT 1 WHERE 1$(printf ' AND 1%.0s' {1..300})"
	assert_equal "$(wos-apply --cursor app.db)" event_1
	wos-apply --status app.db >status
	users 2 2 | wos-decode >in.sql
	wos-apply --dry-run app.db in.sql >out
	wos-apply app.db in.sql
	assert_equal "$(ids app.db)" "user_1 user_2"
	assert_equal "$(sql app.db 'SELECT count(*) FROM mine')" 2
}

# bats test_tags=slow
@test "apply: a comment is refused" {
	refuses 6 "a comment" "DELETE FROM \"user\" /* all of it; isn't it? */;"
	refuses 6 "a comment" "DELETE FROM \"user\" -- it's all \"
;"
	refuses 6 "a comment" "/**/;"
}

# bats test_tags=slow
@test "apply: a NUL byte is refused, inside a literal and outside" {
	for statement in "DELETE FROM \"user\"\\0;" \
	    "INSERT INTO \"user\" (\"id\") VALUES ('a\\0b');" \
	    "DELETE FROM \"user\"\\0 WHERE NOT EXISTS (SELECT \"id\" FROM \"user\");"; do
		clean app
		{
			users 1 2 | wos-decode
			# shellcheck disable=SC2059
			printf "SAVEPOINT \"bad\";\n$statement\nRELEASE \"bad\";\n"
			users 3 3 | wos-decode
		} >in.sql
		run -3 --separate-stderr wos-apply "$app" in.sql
		assert_equal "$stderr" \
		    "wos-apply: in.sql: bad: line 10: a NUL byte: parked"
		assert_equal "$(ids "$app")" "user_1 user_2 user_3"
	done
}

# bats test_tags=slow
@test "apply: a statement of more words than any needs is refused, and not kept" {
	long=$(printf ' AND NOT EXISTS (SELECT "id" FROM "user")%.0s' {1..400})
	refuses 6 "longer than a row change is" \
	    "DELETE FROM \"user\" WHERE \"id\"='x'$long;"
	many=$(printf ",'a'%.0s" {1..200})
	refuses 6 "more literals than a statement may have" \
	    "INSERT INTO \"user\" (\"id\") VALUES ('a'$many);"
}

@test "apply: row changes made by hand are taken" {
	group one "INSERT INTO \"user\" (\"id\",\"name\",\"email_verified\",\"created_at\")
		VALUES ('a''b','x;y -- /* \"z\" \$1',TRUE,-9223372036854775808);" \
	    "  INSERT INTO \"user\" (\"id\",\"email_verified\") SELECT 'c',FALSE
		WHERE NOT EXISTS (SELECT \"id\" FROM \"user\" WHERE \"id\"='c');" \
	    "UPDATE \"user\" SET \"email\"=COALESCE(\"email\",'none'),\"locale\"=NULL WHERE \"id\"='c';" \
	    "INSERT INTO \"user\" (\"id\") VALUES ('d');DELETE FROM \"user\" WHERE \"id\"='d';" |
	    wos-apply "$app"
	assert_equal "$(sql "$app" 'SELECT id, name, email,
		CAST(email_verified AS INT), created_at FROM "user" ORDER BY id')" \
	    "a'b|x;y -- /* \"z\" \$1||1|-9223372036854775808
c||none|0|"
}

# bats test_tags=sqlite,slow
@test "apply: what the database refuses is parked, the rest of its batch stays" {
	users 1 40 >in.jsonl
	wos-decode in.jsonl >in.sql
	grep -v '"event_[347]"' in.jsonl | wos-decode | wos-apply want.db
	dump want.db >want
	for raise in "RAISE(ABORT, 'not him')" "RAISE(FAIL, 'not him')" \
	    "RAISE(ROLLBACK, 'not him')"; do
		for batch in 1 3 1000; do
			emptydb app
			sql app.db "CREATE TRIGGER no BEFORE INSERT ON user
				WHEN new.id IN ('user_3', 'user_4', 'user_7') BEGIN
				SELECT $raise; END"
			run -3 --separate-stderr wos-apply --batch "$batch" app.db in.sql
			assert_equal "$stderr" "wos-apply: in.sql: event_3: line 11: not him: parked
wos-apply: in.sql: event_4: line 15: not him: parked
wos-apply: in.sql: event_7: line 27: not him: parked"
			assert_equal "$(sql app.db "SELECT event_id, kind, reason, text
				FROM parked_event ORDER BY event_id")" \
			    "event_3|line|not him|$(sed -n 3p in.jsonl)
event_4|line|not him|$(sed -n 4p in.jsonl)
event_7|line|not him|$(sed -n 7p in.jsonl)"
			sql app.db 'DELETE FROM parked_event'
			diff want <(dump app.db)
		done
	done
}

# bats test_tags=sqlite
@test "apply: a constraint added by hand parks the event it stops" {
	wos-apply --schema sqlite |
	    sed '/EXISTS "user"/,/PRIMARY/ s/"email" TEXT/& CHECK (email <> '"'x'"')/' |
	    sqlite3 app.db
	{
		users 1 1
		user 2 x
		users 3 3
	} | wos-decode >in.sql
	run -3 --separate-stderr wos-apply app.db in.sql
	assert_equal "$stderr" \
	    "wos-apply: in.sql: event_2: line 7: CHECK constraint failed: email <> 'x': parked"
	assert_equal "$(ids app.db)" "user_1 user_3"
	assert_equal "$(ids app.db parked_event | wc -w)" 1
	assert_equal "$(cursor app.db)" event_3
}

# -------------------------------------------------------- a stream that is off

# broken LINE REASON: stdin is refused at this line, and of its events only
# those before that are kept.
broken() {
	local batch

	cat >in.sql
	for batch in 1 2 1000; do
		clean app
		run -1 --separate-stderr wos-apply --batch "$batch" "$app" in.sql
		assert_equal "$stderr" "wos-apply: in.sql: line $1: $2"
		assert_equal "$(ids "$app")" "user_1 user_2"
		assert_equal "$(ids "$app" parked_event)" ""
		assert_equal "$(sql "$app" 'SELECT count(*) FROM events_cursor')" 2
		assert_equal "$(cursor "$app")" event_2
	done
}

two() {
	users 1 2 | wos-decode
}

# bats test_tags=slow
@test "apply: a statement outside a group ends the run, what is whole stays" {
	outside='expected SAVEPOINT "event id"'
	{ two && echo 'COMMIT;' && user 3 | wos-decode; } | broken 9 "$outside"
	{ two && echo 'BEGIN;'; } | broken 9 "$outside"
	{ two && echo 'RELEASE "event_2";'; } | broken 9 "$outside"
	{ two && echo && echo "INSERT INTO \"user\" (\"id\") VALUES ('x');"; } |
	    broken 10 "$outside"
	{ two && echo ';'; } | broken 9 "$outside"
	{ two && echo '-- hello
;'; } | broken 9 "$outside"
}

# bats test_tags=slow
@test "apply: a SAVEPOINT that names no event ends the run" {
	outside='expected SAVEPOINT "event id"'
	{ two && group ''; } | broken 9 "$outside"
	{ two && group 'a b'; } | broken 9 "$outside"
	{ two && group 'a""b'; } | broken 9 "$outside"
	{ two && group $'a\tb'; } | broken 9 "$outside"
	{ two && group 'é'; } | broken 9 "$outside"
	{ two && group "$(printf 'x%.0s' {1..513})"; } | broken 9 "$outside"
	{ two && echo 'SAVEPOINT a; RELEASE a;'; } | broken 9 "$outside"
	{ two && echo 'savepoint "a"; release "a";'; } | broken 9 "$outside"
	{ two && echo 'SAVEPOINT "a" "b"; RELEASE "a";'; } | broken 9 "$outside"
}

# bats test_tags=slow
@test "apply: a group inside another ends the run, and neither is kept" {
	{
		two
		printf 'SAVEPOINT "x";\n\n'
		users 3 4 | wos-decode
		echo 'RELEASE "x";'
	} | broken 11 "a SAVEPOINT inside another"
	{
		two
		printf 'SAVEPOINT "x";\nCOMMIT;\nSAVEPOINT "x";\n'
		printf 'RELEASE "x";\nRELEASE "x";\n'
	} | broken 11 "a SAVEPOINT inside another"
}

# bats test_tags=slow
@test "apply: a group without its RELEASE, or with another's, ends the run" {
	{
		two
		user 3 | wos-decode | sed '$d'
		user 4 | wos-decode
	} | broken 12 "a SAVEPOINT inside another"
	{
		two
		user 3 | wos-decode | sed '$ s/event_3/event_4/'
		user 4 | wos-decode
	} | broken 12 "a RELEASE of another name"
}

# bats test_tags=slow
@test "apply: a stream cut anywhere keeps the whole events before, and fails" {
	cut="cut short: the last event is not whole, and was left out"
	two >2.sql
	user 3 "it's; \\\"x\\\"" | wos-decode >3.sql
	whole=$(wc -c <2.sql)
	size=$(wc -c <3.sql)
	# Without its last newline it is whole; without the semicolon not.
	for at in 1 5 10 20 21 60 200 400 600 800 $((size - 5)) $((size - 2)); do
		head -c $((whole + at)) <(cat 2.sql 3.sql) | broken 9 "$cut"
	done
	newdb new
	head -c $((whole + size - 1)) <(cat 2.sql 3.sql) | wos-apply "$new"
	assert_equal "$(ids "$new")" "user_1 user_2 user_3"
}

# bats test_tags=slow
@test "apply: an event of more than 16 MiB ends the run" {
	{
		two
		printf 'SAVEPOINT "big";\n'
		printf "INSERT INTO \"user\" (\"id\") VALUES ('"
		head -c 18000000 /dev/zero | tr '\0' x
		printf "');\nRELEASE \"big\";\n"
	} | broken 9 "an event of more than 16 MiB"
}

# bats test_tags=slow
@test "apply: line numbers are those of the stream, in any batch" {
	{
		users 1 4 | wos-decode
		printf '\n\n \n'
		user 5 'a\nb' | wos-decode # a newline in a value
		group multi "INSERT INTO \"user\"
			(\"id\")
			VALUES ('a
b');"
		users 9 9 | wos-decode
	} >in.sql
	line=$(grep -n 'SELECT .user_9' in.sql | cut -d: -f1)
	for batch in 1 2 3 1000; do
		emptydb new
		forbid "$new" user no "new.id = 'user_9'"
		run -3 --separate-stderr wos-apply --batch "$batch" "$new" in.sql
		assert_equal "$stderr" \
		    "wos-apply: in.sql: event_9: line $line: no: parked"
	done
}

# --------------------------------------------------------- quiet, killed, held

# at_once DB STATEMENT: fails if it has to wait for somebody.
at_once() {
	if [[ $1 == service=* ]]; then
		sql "$1" 'SET lock_timeout = 1' "$2"
	else
		sqlite3 -batch -init /dev/null -cmd '.timeout 0' "$1" "$2"
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
	# Half of an event holds nobody up.
	at_once "$app" "UPDATE \"user\" SET locale = 'x' WHERE id = 'user_1'"
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
	wos-apply --schema sqlite | grep -v '"locale"' | sqlite3 app.db
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
	wos-apply --batch 3 --no-cursor "$app" 1.sql &
	STARTED+=($!)
	one=$!
	wos-apply --batch 3 --no-cursor "$app" 2.sql
	wait "$one"
	newdb want
	users 1 800 | wos-decode | wos-apply --no-cursor "$want"
	diff <(dump "$want") <(dump "$app")
}

# ---------------------------------------------------- databases that are not ok

# bats test_tags=sqlite
@test "apply: what is no database is refused, and left as it is" {
	users 1 1 | wos-decode >in.sql
	printf 'this is a text of some length, and no database at all\n%.0s' {1..50} \
	    >text
	cp text copy
	run -1 --separate-stderr wos-apply text in.sql
	assert_equal "$stderr" "wos-apply: text: file is not a database"
	cmp text copy
	run -1 --separate-stderr wos-apply --cursor text
	assert_equal "$stderr" "wos-apply: text: file is not a database"
	run -1 --separate-stderr wos-apply . in.sql
	assert_equal "$stderr" "wos-apply: .: unable to open database file"
	run -1 --separate-stderr wos-apply no/such/app.db in.sql
	assert_equal "$stderr" \
	    "wos-apply: no/such/app.db: unable to open database file"
	run -2 --separate-stderr wos-apply "" in.sql
	assert_equal "${stderr%%$'\n'*}" "wos-apply: the database has no name"
}

# bats test_tags=sqlite
@test "apply: a corrupt database is refused" {
	users 1 200 | wos-decode >in.sql
	wos-apply app.db in.sql
	sql app.db 'PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE' >/dev/null
	# All but the schema is noise.
	size=$(wc -c <app.db)
	start=$((4096 * 40))
	[ "$size" -gt $((start + 8192)) ]
	head -c $((size - start)) /dev/zero | tr '\0' '\377' |
	    dd of=app.db bs=4096 seek=40 conv=notrunc status=none
	run -1 --separate-stderr wos-apply app.db in.sql
	assert_regex "$stderr" "malformed"
}

# bats test_tags=sqlite
@test "apply: a file that may not be written is refused" {
	drop=()
	if [ "$(id -u)" = 0 ]; then # permissions are nothing to root
		drop=(setpriv '--bounding-set=-dac_override,-dac_read_search')
		"${drop[@]}" true || skip "setpriv can't drop what root may do"
	fi
	users 1 1 | wos-decode >in.sql
	wos-apply app.db in.sql
	sql app.db 'PRAGMA journal_mode = DELETE' >/dev/null
	chmod 444 app.db
	users 2 2 | wos-decode >2.sql
	run -1 --separate-stderr "${drop[@]}" wos-apply app.db 2.sql
	assert_equal "$stderr" \
	    "wos-apply: app.db: attempt to write a readonly database"
	"${drop[@]}" wos-apply --cursor app.db
	run -0 "${drop[@]}" wos-apply --export app.db
	assert_output "$(user 1)"
	mkdir closed
	chmod 555 closed
	run -1 --separate-stderr "${drop[@]}" wos-apply closed/app.db in.sql
	assert_equal "$stderr" \
	    "wos-apply: closed/app.db: unable to open database file"
	chmod 755 closed
}

# bats test_tags=sqlite
@test "apply: a full disk ends the run, and leaves whole events" {
	emptydb app
	users 1 2000 | wos-decode >in.sql
	run -1 --separate-stderr bash -c '
		trap "" XFSZ
		ulimit -f 600
		exec wos-apply --batch 10 app.db in.sql'
	assert_regex "$stderr" '(disk I/O error|full)'
	assert_equal "$(sql app.db '
		SELECT count(*) > 0 AND count(*) < 2000 AND
		    count(*) = (SELECT count(*) FROM user) AND
		    count(*) = (SELECT substr(event_id, 7) + 0 FROM sync_cursor)
		FROM events_cursor')" 1
	wos-apply --after "$(wos-apply --cursor app.db)" app.db in.sql
	assert_equal "$(sql app.db 'SELECT count(*) FROM user')" 2000
}

# --------------------------------------------------------------------- options

# bats test_tags=slow
@test "apply: --export prints the lines as they came, in the order applied" {
	wos-decode "$DATA/sample.jsonl" | wos-apply "$app"
	diff "$DATA/sample.jsonl" <(wos-apply --export "$app")
	newdb back rebuilt
	tac "$DATA/sample.jsonl" | wos-decode | wos-apply "$back"
	diff <(tac "$DATA/sample.jsonl") <(wos-apply --export "$back")
	wos-apply --export "$app" | wos-decode | wos-apply "$rebuilt"
	diff <(dump "$app") <(dump "$rebuilt")
}

# bats test_tags=sqlite
@test "apply: to look at a database that is not there makes none" {
	for mode in --cursor --export --parked; do
		run -0 wos-apply "$mode" app.db
		assert_output ""
	done
	[ ! -e app.db ]
}

# bats test_tags=sqlite
@test "apply: wrong usage" {
	local args

	while read -r args; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr wos-apply $args
		assert_output ""
		[ "$stderr" ]
	done <<-END

		--nonsense app.db
		--batch 0 app.db
		--batch 1000001 app.db
		--batch -1 app.db
		--batch 1x app.db
		--batch
		--busy-timeout x app.db
		--busy-timeout -1 app.db
		--cursor
		--cursor app.db other.db
		--cursor --export app.db
		--export --parked app.db
		--parked-drop app.db
		--schema
		--schema sqlite app.db
		--schema mysql
	END
	[ ! -e app.db ]
	assert_equal "$(wos-apply --version)" \
	    "wos-apply $(sed -n 's/^VERSION = //p' "$ROOT/Makefile")"
	wos-apply --help | grep -q '^usage: wos-apply'
	manual wos-apply "$ROOT/apply/wos-apply.1"
}

# bats test_tags=sqlite
@test "apply: options that do not go together are refused, and both are named" {
	local message args

	while IFS='|' read -r message args; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr wos-apply $args app.db </dev/null
		assert_output ""
		assert_equal "$stderr" "wos-apply: $message"
	done <<-END
		--fill: it needs --report|--fill event_1
		--fill: it does not go with --after|--report 3 --fill event_1 --after event_1
		--fill: it does not go with --restart|--restart --report 3 --fill event_1
		--fill: it does not go with --no-cursor|--report 3 --fill event_1 --no-cursor
		--restart: it does not go with --after|--after event_1 --restart
		--no-cursor: it does not go with --cursor-name|--no-cursor --cursor-name a
		--json: it needs --dry-run or --verify|--json
		--json: it does not go with --cursor|--json --cursor
		--dry-run: it does not go with --cursor|--dry-run --cursor
		--export: it does not go with --cursor|--cursor --export
		--kind: it does not go with --export|--kind line --export
		--kind: it goes with --parked or --parked-drop-all|--kind line
		--now: it goes with --plan or --status|--now 0
		--batch: it does not go with --parked|--batch 1 --parked
		--batch: it does not go with --status|--status --batch 1
		--quiet: it does not go with --status|-q --status
		--cursor-name: it does not go with --export|--export --cursor-name a
	END
	[ ! -e app.db ]
}

# bats test_tags=sqlite
@test "apply: --report names a descriptor that is open" {
	run -2 --separate-stderr wos-apply --report 9 app.db 9<&-
	assert_equal "$stderr" "wos-apply: --report: 9: no such descriptor"
	for fd in 2 65536 x; do
		run -2 --separate-stderr wos-apply --report "$fd" app.db
		assert_equal "$stderr" \
		    "wos-apply: --report: $fd: not a number from 3 to 65535"
	done
	[ ! -e app.db ]
}

# bats test_tags=sqlite
@test "apply: output that can't be written is a failure" {
	wos-decode "$DATA/sample.jsonl" | wos-apply app.db
	for args in "--schema sqlite" "--export app.db" "--cursor app.db"; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr bash -c "wos-apply $args >/dev/full"
		assert_equal "$stderr" \
		    "wos-apply: write error: No space left on device"
	done
}

# indexed DB TABLE: the first column of each of its indexes.
indexed() {
	if [[ $1 == service=* ]]; then
		sql "$1" "SELECT indexdef FROM pg_indexes WHERE tablename = '$2'" |
			sed 's/.*[("]\([a-z_]*\)"*)$/\1/'
	else
		sql "$1" "SELECT i.name FROM pragma_index_list('$2') AS l,
			pragma_index_info(l.name) AS i"
	fi
}

@test "apply: an index whose name the owner's has gets another name" {
	[[ $DBKIND == sqlite ]] || text=_text
	[[ $DBKIND == postgres ]] || touch app.db
	sql "$app" 'CREATE TABLE users (email TEXT)' \
	    "CREATE INDEX user_email${text-}_idx ON users (email)" \
	    "CREATE TABLE session_user_id${text-}_idx (id TEXT)"
	for _ in 1 2; do
		run -0 wos-apply "$app" </dev/null
		assert_output ""
	done
	indexed "$app" user | grep -qx email
	indexed "$app" session | grep -qx user_id
	indexed "$app" users | grep -qx email
}

# statements: each line is a group of its own.
statements() {
	local n=0 line

	while read -r line; do
		printf 'SAVEPOINT "event_%d";\n%s\nRELEASE "event_%d";\n' \
		    $((++n)) "$line" "$n"
	done
}

@test "apply: while no list's item is kept, only what needs one changes nothing" {
	some='(SELECT "id" FROM "listed_object" WHERE "object"='"'user')"
	statements >in.sql <<-END
	INSERT INTO "organization" ("id","event_id","event_at") VALUES ('org_1','event_1',1);
	UPDATE "organization" SET "name"='all' WHERE "id"='org_1' AND EXISTS $some;
	UPDATE "organization" SET "external_id"='one' WHERE "name"='all' AND EXISTS $some OR "id"='org_1';
	UPDATE "organization" SET "stripe_customer_id"='two' WHERE "event_at"=1 AND NOT ("id"='org_1' AND EXISTS $some);
	INSERT INTO "listed_object" ("object","id","sub_id","listed_at","payload") VALUES ('user','user_1','',1,'{}');
	UPDATE "listed_object" SET "filled_at"=5 WHERE "id"='user_1';
	UPDATE "organization" SET "metadata"='{}' WHERE "id"='org_1' AND EXISTS $some;
	END
	wos-apply "$app" <in.sql
	[[ $(sql "$app" 'SELECT "filled_at" FROM "listed_object"') == 5 ]]
	[[ $(sql "$app" 'SELECT "id" FROM "organization" WHERE "name" IS NULL AND
		"external_id" = '"'one'"' AND "stripe_customer_id" = '"'two'"' AND
		"metadata" IS NOT NULL') == org_1 ]]
}
