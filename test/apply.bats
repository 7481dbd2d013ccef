#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-apply: the SQL stream into a database.  The cursor, what is parked and the
# databases of the replaced system have files of their own; so has PostgreSQL.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load stream
load apply

setup() {
	wos_setup
	newdb app
}

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
}

# bats test_tags=sqlite
@test "apply: adds the columns that an older database lacks, and its rows stay" {
	wos-apply --schema sqlite | sed '/^CREATE VIEW/,/;$/d; /"locale"/d' | sqlite3 app.db
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
	assert_equal "$(without_requests <<<"${stderr_lines[1]}")" \
	    "wos-apply: 10 events in 4 batches, 0 parked; rows: user 10; cursor event_10"
	newdb other
	run -0 --separate-stderr wos-apply --verbose --batch 5 "$other" in.sql
	assert_equal "$(without_requests <<<"${stderr_lines[1]}")" \
	    "wos-apply: 10 events in 2 batches, 0 parked; rows: user 10; cursor event_10"
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
	assert_equal "$stderr" "wos-apply: .: unable to open database file: Is a directory"
	run -1 --separate-stderr wos-apply no/such/app.db in.sql
	assert_equal "$stderr" \
	    "wos-apply: no/such/app.db: can't be made: No such file or directory"
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
	    "wos-apply: closed/app.db: can't be made: Permission denied"
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
		--now: it goes with --erase or --plan or --prune or --run-begin or --run-end or --status or --verify-begin|--now 0
		--batch: it does not go with --parked|--batch 1 --parked
		--batch: it does not go with --status|--status --batch 1
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
	[[ $DBKIND != postgres ]] || text=_text
	[[ $DBKIND != sqlite ]] || touch app.db
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
	some='(SELECT "id" FROM "listed_object" WHERE "object"='"'user'"' AND "id"='"'user_1')"
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
