#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-apply --dry-run: what would change, on both databases.

# shellcheck disable=SC2154	# newdb and run set variables by their names

load helper

# user N NAME MS: an event of that time which gives user_1 this name.
user() {
	printf '{"id":"event_%s","event":"user.%s","created_at":"%s",' "$1" \
	    "$4" "2026-01-01T00:00:00.00$3Z"
	printf '"data":{"id":"user_1","email":"%s","email_verified":true}}\n' "$2"
}

created() { user 1 "$1" 1 created; }
updated() { user 2 "$1" 2 updated; }
deleted() { user 3 "$1" 3 deleted; }

# dry STREAM: what the dry run says of these lines, without the ledger's rows.
dry() {
	wos-decode | wos-apply --dry-run "$db" | grep -v ' events_cursor '
}

@test "dry run: a row that would be new" {
	newdb db
	wos-apply "$db" </dev/null
	created 'a\"b' | dry | grep -qF '+ user "user_1" email="a\"b" email_verified=true '
	created a | dry | grep -q '^+ user "user_1" email="a" '
}

@test "dry run: a row that would change has its old and new values" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	updated b | dry >out
	diff - out <<-'END'
	~ user "user_1" email="a"->"b" event_id="event_1"->"event_2" event_at=1767225600001->1767225600002
	END
}

@test "dry run: a row that would go, and its tombstone" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	deleted a | dry >out
	diff - out <<-'END'
	+ tombstone "user" "user_1" "" event_id="event_3" event_at=1767225600003
	- user "user_1"
	END
}

@test "dry run: children that would go with their parent" {
	newdb db
	{
		created a
		for n in 1 2; do
			printf '{"id":"event_m%s","event":"organization_membership.created","created_at":"2026-01-01","data":{"id":"om_%s","user_id":"user_1","organization_id":"org_1"}}\n' $n $n
		done
	} | wos-decode | wos-apply "$db"
	deleted a | dry | grep -v tombstone | sort >out
	diff - out <<-'END'
	- organization_membership "om_1"
	- organization_membership "om_2"
	- user "user_1"
	END
}

@test "dry run: what is there already changes nothing, and is not told" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	run dry < <(created a)
	assert_output ''
}

@test "dry run: it sees what the events before would have changed" {
	newdb db
	wos-apply "$db" </dev/null
	{ created a; updated b; deleted b; } | dry | cut -c 1-17 >out
	diff - out <<-'END'
	+ user "user_1" e
	~ user "user_1" e
	+ tombstone "user
	- user "user_1"
	END
}

@test "dry run: leaves the database as it was, whatever the batches" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	dump "$db" >before
	{ updated b; deleted b; } | wos-decode |
		wos-apply --dry-run --batch 1 "$db" >out
	[ -s out ]
	diff before <(dump "$db")
	[ "$(wos-apply --cursor "$db")" = event_1 ]
}

@test "dry run: an event that would be parked changes nothing, the others do" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	{
		echo 'SAVEPOINT "event_x";'
		echo "DELETE FROM \"user\" WHERE \"id\"='user_1';"
		echo 'DELETE FROM "nothing";'
		echo 'RELEASE "event_x";'
		updated b | wos-decode
	} >in
	run -0 --separate-stderr wos-apply --dry-run "$db" in
	[[ $stderr == *'event_x: line 3: '*parked* ]]
	refute_output --partial '- user'
	assert_output --partial '~ user "user_1" email="a"->"b"'
}

@test "dry run: rows that can't be told are said to be so" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	{
		echo 'SAVEPOINT "event_x";'
		echo "UPDATE \"user\" SET \"email\"='x';"
		echo 'RELEASE "event_x";'
	} | wos-apply --dry-run "$db" >out
	diff - out <<-'END'
	? "UPDATE \"user\" SET \"email\"=$1"
	END
}

# by_hand STATEMENT: what the dry run says of it.
by_hand() {
	printf 'SAVEPOINT "event_x";\n%s\nRELEASE "event_x";\n' "$1" |
		wos-apply --dry-run --no-cursor "$db"
}

# bats test_tags=slow
@test "dry run: a statement that changes other rows than its key's is not told for less" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	updated x | sed 's/user_1/user_2/' | wos-decode | wos-apply "$db"
	sql "$db" 'CREATE UNIQUE INDEX one_email ON "user" (email)'
	while read -r statement; do
		run by_hand "$statement"
		assert_line --regexp '^\? "INSERT INTO '
	done <<-'END'
	INSERT INTO "user" ("id","email") VALUES ('n1','y'),('n2','z');
	INSERT INTO "user" ("id","email") VALUES ('user_1','y') ON CONFLICT ("id") DO UPDATE SET "id"='zz';
	INSERT INTO "user" ("id","email","event_id","event_at") VALUES ('user_2','a','e',5) ON CONFLICT ("email") DO UPDATE SET "first_name"='X';
	INSERT INTO "user" ("id","email") VALUES ('n1','a') ON CONFLICT ("email") DO UPDATE SET "first_name"='X';
	END
}

@test "dry run: a column may stand there more often than there is room for" {
	newdb db
	wos-apply "$db" </dev/null
	ids=$(printf ',"id"%.0s' {1..90}) ones=$(printf ",'1'%.0s" {1..90})
	for statement in "INSERT INTO \"user\" (\"id\"$ids) VALUES ('1'$ones);" \
	    "INSERT INTO \"user\" (\"id\"$ids$ids) VALUES ('1');"; do
		run -0 by_hand "$statement"
		# SQLite takes the first, PostgreSQL takes neither.
		assert_line --regexp '^\? "INSERT |line 2: .*: parked$'
	done
}

# bats test_tags=slow
@test "dry run: a delete may have as many values as it likes" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	run by_hand "DELETE FROM \"user\" WHERE \"id\"='1' OR \"id\"='2' OR \"id\"='3' OR \"id\"='4' OR \"id\"='user_1';"
	assert_output '- user "user_1"'
}

@test "dry run: a limit of the real run is one of the dry run" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	deep="DELETE FROM \"user\" WHERE \"id\"='user_1'"
	deep+=$(printf ' AND "id"="id"%.0s' {1..1100})
	by_hand "$deep;" >dry 2>dry.err
	printf 'SAVEPOINT "event_x";\n%s;\nRELEASE "event_x";\n' "$deep" |
		wos-apply --no-cursor "$db" 2>err || [ $? -eq 3 ]
	diff err dry.err
	assert_equal "$(grep -c '^- user' dry)" "$(($(grep -c parked err) == 0))"
}

# bats test_tags=slow
@test "dry run: what an owner's triggers do is said to be unknown" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	if [ "$DBKIND" = postgres ]; then
		sql "$db" "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql
			AS 'BEGIN RETURN NEW; END'"
		sql "$db" 'CREATE TRIGGER z BEFORE INSERT ON "user"
			FOR EACH ROW EXECUTE FUNCTION f()'
	else
		sql "$db" "CREATE TRIGGER z AFTER INSERT ON USER
			BEGIN UPDATE \"user\" SET locale='xx'; END"
	fi
	updated b | wos-decode >in.sql
	run -0 --separate-stderr wos-apply --dry-run --no-cursor "$db" in.sql
	assert_output --partial '~ user "user_1" email="a"->"b"'
	assert_regex "$stderr" "^wos-apply: .*: what triggers, rules, cascades and deferred constraints do can't be known: user\$"
}

# bats test_tags=postgres
@test "dry run: nor what a constraint at the commit, or a cascade, will do" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	sql "$db" 'ALTER TABLE "user" ADD CONSTRAINT one_email UNIQUE (email)
		DEFERRABLE INITIALLY DEFERRED'
	sql "$db" 'CREATE TABLE mine (
		org text REFERENCES organization (id) ON DELETE CASCADE,
		domain text REFERENCES organization_domain (id) ON UPDATE CASCADE,
		dir text REFERENCES directory (id) DEFERRABLE INITIALLY DEFERRED,
		other text REFERENCES connection (id))' \
	    'CREATE RULE r AS ON DELETE TO session DO ALSO NOTIFY gone'
	run -0 --separate-stderr wos-apply --dry-run "$db" </dev/null
	assert_regex "$stderr" \
	    "can't be known: directory, organization, organization_domain, session, user\$"
}

# bats test_tags=slow
@test "dry run: what is put aside, and what need not be any more" {
	newdb db
	wos-apply "$db" </dev/null
	bad='{"id":"event_1","event":"user.created","created_at":"2026-01-01","data":{}}'
	echo "$bad" | wos-decode >in.sql 2>/dev/null || [ $? -eq 3 ]
	run -0 --separate-stderr wos-apply --dry-run "$db" in.sql
	assert_output --regexp '^\+ parked_event "parked:[0-9a-f]*" event_id="event_1" kind="line" reason='
	by_hand 'DELETE FROM "nothing";' >out 2>/dev/null
	grep -q '^+ parked_event "parked:[0-9a-f]*" event_id="event_x" kind="group" reason=' out

	# An owner's index refuses it; then there is none any more.
	updated a | sed 's/user_1/user_0/' | wos-decode | wos-apply "$db"
	sql "$db" 'CREATE UNIQUE INDEX one_email ON "user" (email)'
	created a | wos-decode >in.sql
	run -3 wos-apply --no-cursor "$db" in.sql
	sql "$db" 'DROP INDEX one_email'
	wos-apply --dry-run "$db" in.sql | grep -q '^- parked_event "parked:'
}

@test "dry run: counts nothing, and moves no cursor in its messages" {
	newdb db
	wos-apply "$db" </dev/null
	created a | wos-decode >in.sql
	: >counts
	run -0 --separate-stderr env WOS_COUNTS_FILE=counts \
	    wos-apply --dry-run -v "$db" in.sql
	assert_equal "${stderr_lines[-1]}" \
	    'wos-apply: 1 events in 1 batches, 0 parked; rows: user 1; cursor left alone'
	[ ! -s counts ]
}

@test "dry run: --json is an object a line" {
	newdb db
	created a | wos-decode | wos-apply "$db"
	{ updated b; deleted b; } | wos-decode |
		wos-apply --dry-run --json "$db" | jq -c 'select(.table == "user")' >out
	diff - out <<-'END'
	{"change":"~","table":"user","key":["user_1"],"old":{"email":"a","event_id":"event_1","event_at":1767225600001},"new":{"email":"b","event_id":"event_2","event_at":1767225600002}}
	{"change":"-","table":"user","key":["user_1"]}
	END
}

# bats test_tags=sqlite
@test "dry run: a file that can't be looked at is none that lacks tables" {
	wos-apply app.db </dev/null
	mkfifo hold
	sqlite3 -batch app.db <hold >held 3>&- &
	STARTED+=($!)
	exec 7>hold
	echo 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; SELECT 1;' >&7
	until_true grep -qx 1 held
	run -75 wos-apply --dry-run --busy-timeout 50 app.db </dev/null
	assert_output "wos-apply: app.db: database is locked"
	exec 7>&-
	head -c 5000 /dev/urandom >not.db
	run -1 wos-apply --dry-run not.db </dev/null
	assert_output "wos-apply: not.db: file is not a database"
}

# bats test_tags=sqlite
@test "dry run: a SQLite file that is not there is not made" {
	created a | wos-decode | wos-apply --dry-run app.db | grep -q '^+ user '
	[ ! -e app.db ]
	created a | wos-decode >in.sql
	run -1 wos-apply --dry-run no/app.db in.sql
	assert_output 'wos-apply: no/app.db: No such file or directory'
	run -1 wos-apply no/app.db in.sql
	assert_output "wos-apply: no/app.db: can't be made: No such file or directory"
}

@test "dry run: tables that would have to be made first: exit 1, and it says why" {
	newdb db
	if [ "$DBKIND" != postgres ]; then
		sqlite3 "$db" 'CREATE TABLE other (x)'
	fi
	created a | wos-decode >in
	run -1 --separate-stderr wos-apply --dry-run "$db" in
	assert_output ''
	[[ $stderr == *"can't be known" ]]
}

@test "dry run: exit 2: --json without it, or with another thing to do" {
	newdb db
	run -2 wos-apply --json "$db" /dev/null
	run -2 wos-apply --dry-run --cursor "$db"
}

# bats test_tags=sqlite
@test "dry run: a trigger that ends the transaction ends it, and nothing changes" {
	newdb db
	wos-apply "$db" </dev/null
	created a | wos-decode | wos-apply "$db"
	sql "$db" "CREATE TRIGGER no BEFORE UPDATE ON user
		BEGIN SELECT RAISE(ROLLBACK, 'not now'); END"
	before=$(dump "$db")
	for batch in 1 1000; do
		{
			echo '{"id":"event_0","event":"role.created","data":{"slug":"x"},"created_at":"2026-01-01"}'
			updated b
			deleted b
		} | wos-decode >in.sql
		run -1 --separate-stderr wos-apply --dry-run --batch "$batch" "$db" in.sql
		assert_regex "$stderr" "a trigger, or a statement.s time, has ended the dry run$"
		assert_equal "$(dump "$db")" "$before"
	done
}
