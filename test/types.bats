# SPDX-License-Identifier: MIT
# Numbers are numbers: no stream of SQL gets a text into a column of times,
# integers or booleans, in either database.

# shellcheck disable=SC2154	# stderr is run's

load helper
load stream

# What a stranger would put there.
BAD="'BASH_VERSINFO[\$(touch ran)]'"

# numbers DIALECT: the columns that hold numbers: table, column and type.
numbers() {
	wos-apply --schema "$1" | awk -F '"' '
		/^CREATE TABLE/ { table = $2 }
		/^\t"[a-z_]*" (INTEGER|BIGINT|BOOLEAN)/ {
			split($3, type, /[ ,]/)
			if (table !~ /^(sync_cursor|cursor_scope|listing|sync_run|verified|forgotten|erased|sync_lock)$/ && $2 != "seq")
				print table, $2, type[2]
		}'
}

# only_numbers DB: all of them hold numbers, and nothing else.
only_numbers() {
	local table column

	while read -r table column _; do
		assert_equal "$(sql "$1" "SELECT \"$column\" FROM \"$table\"
		    WHERE typeof(\"$column\") NOT IN ('integer', 'null')")" ''
	done < <(numbers sqlite)
}

# bats test_tags=slow
@test "types: a text for each column of numbers is parked, with the reason" {
	local table column n=0

	newdb app
	while read -r table column _; do
		group "event_$((++n))" "INSERT INTO \"$table\" (\"$column\") VALUES ($BAD);"
		group "event_$((++n))" "UPDATE \"$table\" SET \"$column\"='7';"
	done < <(numbers sqlite) >in.sql
	((n > 200))
	run -3 wos-apply "$app" in.sql
	assert_equal "$(sql "$app" "SELECT count(*) FROM parked_event
	    WHERE reason LIKE 'something else where %belongs'")" "$n"
}

# bats test_tags=slow
@test "types: whatever way a text takes into such a column, it is refused" {
	local statement n=0

	newdb app
	users 1 3 | wos-decode | wos-apply "$app"
	while IFS= read -r statement; do
		group "event_$((++n))x" "$statement;"
	done >in.sql <<-END
		INSERT INTO "user" VALUES ('u')
		INSERT INTO "user" ("id","event_at") VALUES ('a',1),('b',$BAD)
		INSERT INTO "user" ("id","event_at") VALUES ('a',COALESCE(NULL,$BAD))
		INSERT INTO "user" ("id","event_at") VALUES ('a',(((($BAD)))))
		INSERT INTO "user" ("id","event_at") SELECT 'a',$BAD
		INSERT INTO "user" ("id","event_at") SELECT 'a',$BAD WHERE NOT EXISTS (SELECT "id" FROM "user" WHERE "id"='z')
		INSERT INTO "user" ("id","event_at") SELECT "id","email" FROM "user" ON CONFLICT ("id") DO UPDATE SET "event_at"=excluded."event_at"
		INSERT INTO "user" ("id","event_at") SELECT 'a',(SELECT "email" FROM "user" WHERE "id"='user_1')
		INSERT INTO "user" ("id","event_at") SELECT 'a',(SELECT "event_at" FROM (SELECT "email" "event_at" FROM "user"))
		INSERT INTO "user" ("id","event_at") SELECT 'a',(SELECT "event_at" FROM (SELECT $BAD "event_at"))
		INSERT INTO "user" ("id","event_at") SELECT 'a',(SELECT "event_at" FROM (SELECT ("email") "event_at" FROM "user"))
		INSERT INTO "user" ("id","event_at") VALUES ('user_1',1) ON CONFLICT ("id") DO UPDATE SET "event_at"=$BAD
		INSERT INTO "user" ("id","event_at") VALUES ('user_1',1) ON CONFLICT ("id") DO UPDATE SET "locale"='x',"event_at"=excluded."email"
		INSERT INTO "user" ("id","event_at") VALUES ('user_1',1) ON CONFLICT ("id") DO NOTHING ON CONFLICT ("id") DO UPDATE SET "event_at"=$BAD
		INSERT INTO "user" ("id","event_at") VALUES ('user_1',1) ON CONFLICT ("id") DO UPDATE SET "locale"='x' ON CONFLICT ("id") DO UPDATE SET "event_at"=$BAD
		INSERT INTO "user" ("id","email_verified") VALUES ('a','yes')
		INSERT INTO "user" ("id","email_verified") VALUES ('a',7)
		INSERT INTO "user" ("id","event_at") VALUES ('a',TRUE)
		UPDATE "user" SET "event_at"="email"
		UPDATE "user" SET "event_at"="user"."email"
		UPDATE "user" SET "locale"='x',"event_at"=$BAD WHERE "id"='user_1'
		UPDATE "user" SET ("event_at","locale")=($BAD,'x')
		UPDATE "user" SET "event_at"=COALESCE("event_at","email")
	END
	run -3 wos-apply --no-cursor "$app" in.sql
	assert_equal "$(sql "$app" "SELECT count(*) FROM parked_event")" "$n"
	assert_equal "$(sql "$app" "SELECT count(*) FROM \"user\" WHERE event_at < 1767225600000")" 0
	[[ $app == service=* ]] || only_numbers "$app"
}

@test "types: numbers come in by all the ways that there are" {
	newdb app
	{
		group event_1 'INSERT INTO "user" ("id","event_at","email_verified") VALUES ('"'a',-1,TRUE),('b',2,NULL)"';'
		group event_2 'INSERT INTO "user" ("id","event_at") SELECT '"'c'"',COALESCE("updated_at","event_at") FROM "user" WHERE "id"='"'b'"' ON CONFLICT ("id") DO UPDATE SET "event_at"=excluded."event_at";'
		group event_3 'UPDATE "user" SET "created_at"=(SELECT "event_at" FROM "user" WHERE "id"='"'b'"'),"email_verified"=FALSE WHERE "id"='"'c'"';'
		group event_4 'UPDATE "user" SET "locale"='"'x'"',"updated_at"=COALESCE("user"."created_at",NULL,9) WHERE "email" = "id";'
	} | wos-apply "$app"
	assert_equal "$(sql "$app" 'SELECT id, event_at, created_at FROM "user" ORDER BY id' | paste -sd ' ' -)" \
	    'a|-1| b|2| c|2|2'
}

@test "types: the ledger's time, and with it the cursor's, is none but a number" {
	newdb app
	group event_1 "INSERT INTO \"events_cursor\" (\"event_id\",\"event_payload\",\"created_at\",\"event_type\") VALUES ('event_1','{}',$BAD,'user.created') ON CONFLICT (\"event_id\") DO NOTHING;" >in.sql
	run -3 wos-apply "$app" in.sql
	assert_equal "$(sql "$app" "SELECT count(*) FROM events_cursor")" 0
	run -0 wos-apply --cursor-info "$app"
	refute_output --partial BASH
	run -0 wos-apply --dry-run "$app" in.sql
	refute_output --partial '+ events_cursor'
}

# rubbish DB: a table of cursors in which anything may stand, as in a database
# that somebody else has made.
rubbish() {
	wos-apply "$1" </dev/null
	sql "$1" 'DROP TABLE sync_cursor' "CREATE TABLE sync_cursor (name TEXT,
	    event_id TEXT, event_at TEXT, moved_at TEXT, tail_seen_at TEXT,
	    gap_from TEXT, gap_to TEXT)"
}

# bats test_tags=slow
@test "types: what is printed as a number is one, whatever the table holds" {
	local bad

	newdb app
	rubbish "$app"
	sql "$app" "INSERT INTO sync_cursor VALUES ('default', 'event_1', $BAD, $BAD,
	    $BAD, $BAD, $BAD)"
	run -0 wos-apply --cursor "$app"
	assert_output event_1
	run -0 wos-apply --cursor-info "$app"
	assert_output 'event_id event_1'
	run -0 wos-apply --status "$app"
	assert_line $'cursor\tdefault\tevent_1\t-\t-\t-\t-\t-'
	refute_output --partial BASH
	sql "$app" "DELETE FROM sync_cursor"
	for bad in "'event_1' || chr(10) || 'tail_seen_at 1'" "''" "' '" "'a b'" \
	    "chr(27) || 'x'" "'a\"b'" "'$(printf '%0600d' 0)'"; do
		[[ $app == service=* ]] || bad=${bad//chr(/char(}
		sql "$app" "DELETE FROM sync_cursor" \
		    "INSERT INTO sync_cursor (name, event_id) VALUES ('default', $bad)"
		for mode in --cursor --cursor-info; do
			run -1 --separate-stderr wos-apply "$mode" "$app"
			assert_output ''
			assert_equal "$stderr" \
			    "wos-apply: $app: the cursor default holds no event's id"
		done
		run -0 wos-apply --status "$app"
		assert_equal "$(grep -c '^cursor' <<<"$output")" 1
		refute_line --regexp '^tail_seen_at'
	done
}

# bats test_tags=sqlite
@test "types: an id of the replaced system's ledger is no line of its own" {
	sqlite3 app.db "CREATE TABLE events_cursor(event_id TEXT PRIMARY KEY NOT NULL,
	    event_payload TEXT NOT NULL, created_at TEXT NOT NULL, processed_at TEXT NOT NULL)" \
	    "INSERT INTO events_cursor VALUES ('event_2' || char(10) || 'tail_seen_at 1',
	    '{}', '2026-02-01T00:00:00Z', '2026-02-01')"
	for mode in --cursor --cursor-info; do
		run -1 --separate-stderr wos-apply "$mode" app.db
		assert_output ''
	done
	# Nor when it has been taken over.
	wos-apply --no-cursor app.db </dev/null
	run -1 wos-apply --cursor app.db
}
