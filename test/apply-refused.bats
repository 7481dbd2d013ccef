# SPDX-License-Identifier: MIT
# What wos-apply refuses: statements that are no row change, a stream that is off.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load stream
load apply

setup() {
	wos_setup
	newdb app
}

# word, call, mark ...: the refusals that several tests expect.
kind="neither INSERT, UPDATE nor DELETE"
table="not a table that events change"
name="a name that is not in the catalogue"
word="a word that row changes don't need"
call="a function call"
mark="punctuation that row changes don't need"
number="a number that is no integer of 64 bits"

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
	# Also in a name, and more of them than there may be values.
	refuses 6 "a dollar sign" \
	    "DELETE FROM \"user\" WHERE \"$(printf '$%.0s' {1..9999})\"=1;"
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
	refuses 6 "a literal and a word in one" \
	    "DELETE FROM \"user\" WHERE EXISTS (SELECT \"id\" FROM \"user\" WHERE'x');"
	refuses 6 "a literal and a word in one" \
	    "DELETE FROM \"user\" WHERE \"id\"='x'7;"
	for behind in '("id"="email")' ' (TRUE)'; do
		refuses 6 "a literal and what is behind it in one" \
		    "DELETE FROM \"user\" WHERE \"id\"='x'$behind;"
	done
	for twice in "'x' 'y'" "\"name\"7" "('x') TRUE"; do
		refuses 6 "a literal and what is before it in one" \
		    "DELETE FROM \"user\" WHERE \"id\"=$twice;"
	done
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
	# D1 says only which event it is.
	line=$(grep -n 'SELECT .user_9' in.sql | cut -d: -f1)
	[[ $DBKIND != d1 ]] || line=$(grep -n 'SAVEPOINT .event_9' in.sql | cut -d: -f1)
	for batch in 1 2 3 1000; do
		emptydb new
		forbid "$new" user no "new.id = 'user_9'"
		run -3 --separate-stderr wos-apply --batch "$batch" "$new" in.sql
		assert_equal "$stderr" \
		    "wos-apply: in.sql: event_9: line $line: no: parked"
	done
}
