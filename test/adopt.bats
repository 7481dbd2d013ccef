#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-apply takes over the database of the system that wos replaces, with every
# row, and leaves alone what only looks like one.

load helper
load stream

# old DB TYPE: a database as that system made it, with columns for times of this
# type, and nothing in it.
old() {
	sqlite3 -batch -bail -init /dev/null "$1" <<-END
	CREATE TABLE user (
		id TEXT NOT NULL PRIMARY KEY,
		email TEXT NOT NULL,
		first_name TEXT,
		last_name TEXT,
		email_verified INTEGER NOT NULL,
		profile_picture_url TEXT,
		created_at ${2-INTEGER} NOT NULL,
		updated_at ${2-INTEGER} NOT NULL
	);
	CREATE TABLE organization (
		id TEXT NOT NULL PRIMARY KEY,
		name TEXT NOT NULL,
		created_at ${2-INTEGER} NOT NULL,
		updated_at ${2-INTEGER} NOT NULL
	);
	CREATE TABLE organization_membership (
		id TEXT NOT NULL,
		user_id TEXT NOT NULL,
		organization_id TEXT NOT NULL,
		role_slug TEXT NOT NULL,
		status TEXT NOT NULL,
		created_at ${2-INTEGER} NOT NULL,
		updated_at ${2-INTEGER} NOT NULL,
		PRIMARY KEY (id, user_id, organization_id),
		FOREIGN KEY (user_id) REFERENCES user (id),
		FOREIGN KEY (organization_id) REFERENCES organization (id)
	);
	CREATE TABLE events_cursor (
		event_id TEXT NOT NULL PRIMARY KEY,
		event_payload TEXT NOT NULL,
		created_at ${2-INTEGER} NOT NULL,
		processed_at ${2-INTEGER} NOT NULL
	);
	CREATE INDEX events_cursor_created_at ON events_cursor (created_at);
	END
}

# old_users DB FROM TO: that system has applied these users' events.
old_users() {
	local n line

	for ((n = $2; n <= $3; n++)); do
		line=$(user "$n")
		sql "$1" "
			INSERT INTO user VALUES ('user_$n', '$n@example.com', NULL, NULL, 0,
			    NULL, $((1767225600000 + n * 60000)),
			    $((1767225600000 + n * 60000)));
			INSERT INTO events_cursor VALUES ('event_$n', '$line',
			    $((1767225600000 + n * 60000)), 1767300000000)"
	done
}

# untouched STATUS REASON: app.db is refused so, and its file keeps its bytes.
untouched() {
	local before

	before=$(sqlite3 app.db .dump)
	users 1 3 | wos-decode >in.sql
	run "-$1" --separate-stderr wos-apply --busy-timeout 50 app.db in.sql
	# shellcheck disable=SC2154
	assert_equal "$stderr" "wos-apply: app.db: $2"
	assert_equal "$(sqlite3 app.db .dump)" "$before"
}

@test "adopt: every row stays, and every table is there" {
	sqlite3 app.db <"$DATA/replaced.sql"
	for table in user organization organization_membership; do
		sql app.db "SELECT '$table', * FROM $table ORDER BY id"
	done >before
	sql app.db 'SELECT * FROM events_cursor ORDER BY rowid' >ledger
	wos-apply app.db </dev/null
	{
		sql app.db "SELECT 'user', id, email, first_name, last_name,
			email_verified, profile_picture_url, created_at, updated_at
			FROM user ORDER BY id"
		sql app.db "SELECT 'organization', id, name, created_at, updated_at
			FROM organization ORDER BY id"
		sql app.db "SELECT 'organization_membership', id, user_id,
			organization_id, role_slug, status, created_at, updated_at
			FROM organization_membership ORDER BY id"
	} >after
	diff before after
	diff ledger <(sql app.db 'SELECT event_id, event_payload, created_at,
		processed_at FROM events_cursor ORDER BY rowid')
	assert_equal "$(sql app.db 'SELECT count(*) FROM events_cursor
		WHERE event_type IS json_extract(event_payload, "$.event")' 2>&1 ||
	    sql app.db "SELECT count(*) FROM events_cursor
		WHERE event_type IS json_extract(event_payload, '\$.event')")" 9
	wos-apply new.db </dev/null
	diff <(sql new.db "SELECT name FROM sqlite_master ORDER BY name") \
	    <(sql app.db "SELECT name FROM sqlite_master ORDER BY name")
	assert_equal "$(sql app.db 'PRAGMA integrity_check')" ok
}

@test "adopt: it happens once" {
	sqlite3 app.db <"$DATA/replaced.sql"
	wos-apply app.db </dev/null
	dump app.db >want
	wos-apply app.db </dev/null
	diff want <(dump app.db)
}

@test "adopt: times as ISO 8601 text become milliseconds" {
	old app.db TEXT
	sql app.db "
		INSERT INTO user VALUES
		    ('u1', 'a', NULL, NULL, 1, NULL, '2025-12-24T20:02:23.220Z', '2025-12-24 20:02:23'),
		    ('u2', 'b', NULL, NULL, 'true', NULL, '2025-12-24T22:02:23.220+02:00', '1766606543220'),
		    ('u3', 'c', NULL, NULL, 'FALSE', NULL, 1766606543220, '1970-01-01T00:00:00.001Z');
		INSERT INTO events_cursor VALUES
		    ('event_a', '{\"event\":\"user.created\"}', '2025-12-24T20:02:23.220Z', '2025-12-24T20:02:24.000Z'),
		    ('event_b', 'no JSON', '2025-12-24T20:02:23.221Z', '2025-12-24T20:02:24.001Z')"
	assert_equal "$(wos-apply --cursor app.db)" event_b
	wos-apply app.db </dev/null
	assert_equal "$(sql app.db "SELECT id, email_verified, typeof(created_at),
		created_at, updated_at, event_at FROM user ORDER BY id")" \
	    "u1|1|integer|1766606543220|1766606543000|0
u2|1|integer|1766606543220|1766606543220|0
u3|0|integer|1766606543220|1|0"
	assert_equal "$(sql app.db "SELECT event_id, event_type, typeof(created_at),
		created_at, processed_at FROM events_cursor ORDER BY created_at")" \
	    "event_a|user.created|integer|1766606543220|1766606544000
event_b||integer|1766606543221|1766606544001"
	assert_equal "$(wos-apply --cursor app.db)" event_b
}

@test "adopt: the cursor is the last event, before and after" {
	old app.db
	assert_equal "$(wos-apply --cursor app.db)" ""
	old_users app.db 1 3
	assert_equal "$(wos-apply --cursor app.db)" event_3
	assert_equal "$(wos-apply --cursor --cursor-name other app.db)" ""
	# Two in one millisecond: the one that came last.
	sql app.db "INSERT INTO events_cursor
		SELECT 'event_1a', event_payload, created_at, processed_at
		FROM events_cursor WHERE event_id = 'event_3'"
	assert_equal "$(wos-apply --cursor app.db)" event_1a
	wos-apply app.db </dev/null
	assert_equal "$(wos-apply --cursor app.db)" event_1a
	assert_equal "$(sql app.db 'SELECT name, event_id, event_at FROM sync_cursor')" \
	    "default|event_1a|1767225780000"
}

@test "adopt: an empty ledger has no cursor" {
	old app.db
	wos-apply app.db </dev/null
	assert_equal "$(wos-apply --cursor app.db)" ""
	users 1 2 | wos-decode | wos-apply app.db
	assert_equal "$(wos-apply --cursor app.db)" event_2
}

@test "adopt: carries on from the last event, as if it had always been wos" {
	old app.db
	old_users app.db 1 5
	users 6 9 | wos-decode >next.sql
	wos-apply --after event_5 app.db next.sql
	assert_equal "$(wos-apply --cursor app.db)" event_9
	assert_equal "$(ids app.db)" \
	    "user_1 user_2 user_3 user_4 user_5 user_6 user_7 user_8 user_9"
	# Its old events again, and the tables are those of wos alone.
	wos-apply --export app.db | wos-decode | wos-apply app.db 2>/dev/null
	users 1 9 | wos-decode | wos-apply want.db
	diff <(dump want.db) <(dump app.db)
}

@test "adopt: an old event does not beat a newer row, a newer one does" {
	old app.db
	sql app.db "INSERT INTO user VALUES ('user_5', 'new@example.com', NULL, NULL,
		0, NULL, 1, $((1767225600000 + 6 * 60000)))"
	user 5 old@example.com | wos-decode | wos-apply app.db
	assert_equal "$(sql app.db 'SELECT email FROM user')" new@example.com
	user 5 newer@example.com | sed 's/T00:05/T00:06/g' | wos-decode |
	    wos-apply app.db 2>/dev/null
	assert_equal "$(sql app.db 'SELECT email FROM user')" newer@example.com
}

@test "adopt: a membership's key is its id alone, the last updated stays" {
	old app.db
	sql app.db "INSERT INTO organization_membership VALUES
		('om_1', 'user_1', 'org_1', 'admin', 'active', 1, 3),
		('om_1', 'user_2', 'org_1', 'member', 'active', 1, 2),
		('om_2', 'user_1', 'org_2', 'member', 'active', 1, 2)"
	wos-apply app.db </dev/null
	assert_equal "$(sql app.db "SELECT id, user_id, role_slug
		FROM organization_membership ORDER BY id")" "om_1|user_1|admin
om_2|user_1|member"
	# What the old table would have refused: no parents, no role, no status.
	event event_1 organization_membership.created 2026-01-01T00:00:00Z \
	    '{"id":"om_3","user_id":"nobody","organization_id":"none"}' |
	    wos-decode | wos-apply app.db
	assert_equal "$(sql app.db "SELECT user_id, role_slug IS NULL, created_at IS NULL
		FROM organization_membership WHERE id = 'om_3'")" "nobody|1|1"
}

@test "adopt: columns that somebody added stay, without their constraints" {
	old app.db
	sql app.db "
		ALTER TABLE user ADD COLUMN note TEXT NOT NULL DEFAULT 'none';
		ALTER TABLE user ADD COLUMN \"odd \"\"name\" VARCHAR(9) CHECK (1);
		ALTER TABLE user ADD COLUMN bare;
		ALTER TABLE events_cursor ADD COLUMN seen INTEGER"
	old_users app.db 1 2 2>/dev/null || sql app.db "
		INSERT INTO user VALUES ('user_1', 'a', NULL, NULL, 0, NULL, 1, 1, 'n', 'o', x'00'),
		    ('user_2', 'b', NULL, NULL, 0, NULL, 1, 1, 'm', NULL, 1.5);
		INSERT INTO events_cursor VALUES ('event_1', '{}', 1, 1, 7)"
	wos-apply app.db </dev/null
	assert_equal "$(sql app.db "SELECT id, note, \"odd \"\"name\", quote(bare)
		FROM user ORDER BY id")" "user_1|n|o|X'00'
user_2|m||1.5"
	assert_equal "$(sql app.db 'SELECT event_id, seen FROM events_cursor')" "event_1|7"
	users 3 3 | wos-decode | wos-apply app.db 2>/dev/null
	assert_equal "$(sql app.db "SELECT note IS NULL FROM user WHERE id = 'user_3'")" 1
	# A row that an event writes keeps what somebody put there.
	users 1 1 | wos-decode | wos-apply app.db 2>/dev/null
	assert_equal "$(sql app.db "SELECT email, note FROM user WHERE id = 'user_1'")" \
	    "1@example.com|n"
}

@test "adopt: views and other tables of the owner go on working" {
	old app.db
	old_users app.db 1 2
	sql app.db "
		CREATE VIEW mails AS SELECT u.email FROM user AS u;
		CREATE TABLE post (id INTEGER PRIMARY KEY, author TEXT REFERENCES user (id));
		INSERT INTO post VALUES (1, 'user_1')"
	before=$(sql app.db "SELECT sql FROM sqlite_master WHERE name IN ('mails', 'post')")
	wos-apply app.db </dev/null
	assert_equal "$(sql app.db "SELECT sql FROM sqlite_master
		WHERE name IN ('mails', 'post')")" "$before"
	assert_equal "$(sql app.db 'SELECT * FROM mails ORDER BY 1')" \
	    "1@example.com
2@example.com"
	assert_equal "$(sql app.db 'PRAGMA foreign_key_check')" ""
}

@test "adopt: a table that only has a name of ours is refused, untouched" {
	local made

	# SQLite's names have no case: Prisma and others write them so.
	for made in 'TABLE user' 'TABLE "User"' 'TABLE "SESSION"' 'TABLE tombstone' \
	    'TABLE parked_event' 'TABLE Sync_Cursor' 'VIEW user' 'VIEW "Group"'; do
		rm -f app.db
		if [[ $made == TABLE* ]]; then
			sqlite3 app.db "CREATE $made (id TEXT PRIMARY KEY, email TEXT);
				INSERT INTO ${made#* } VALUES (1, 'mine')"
		else
			sqlite3 app.db "CREATE TABLE x (id TEXT, email TEXT);
				CREATE $made AS SELECT id, email FROM x"
		fi
		made=${made#* }
		made=${made//\"/}
		untouched 1 "there is a table \"${made,,}\" that wos did not make"
	done
}

@test "adopt: nor is one beside the replaced system's" {
	for name in session role '"group"' invitation; do
		rm -f app.db
		old app.db
		old_users app.db 1 2
		sql app.db "CREATE TABLE $name (id INTEGER PRIMARY KEY, value TEXT);
			INSERT INTO $name VALUES (1, 'mine'), (2, 'too')"
		untouched 1 "there is a table \"${name//\"/}\" that wos did not make"
	done
}

@test "adopt: nor is a view with a name of its tables" {
	old app.db
	sql app.db 'ALTER TABLE user RENAME TO people' \
	    'CREATE VIEW user AS SELECT * FROM people'
	untouched 1 'there is a table "user" that wos did not make'
}

@test "adopt: nor one in a database that is wos' own" {
	wos-apply --schema sqlite | sed '/EXISTS "session"/,/;/d; /ON "session"/d' |
	    sqlite3 app.db
	sql app.db "CREATE TABLE session (id INTEGER PRIMARY KEY, value TEXT)"
	untouched 1 'there is a table "session" that wos did not make'
}

@test "adopt: what can't be taken over is left as it was" {
	old app.db TEXT
	sql app.db "INSERT INTO events_cursor VALUES ('e', '{}', 'some day', 'some day')"
	untouched 1 "schema: NOT NULL constraint failed: wos_new.created_at"
}

@test "adopt: not while another program holds the database" {
	old app.db
	old_users app.db 1 2
	sql app.db 'PRAGMA journal_mode = WAL' >/dev/null
	feed lock sqlite3 -batch -init /dev/null app.db
	echo 'BEGIN IMMEDIATE; SELECT 1;' >&"$FEED"
	until_true grep -q 1 lock.out
	untouched 75 "schema: database is locked"
	ended
	wos-apply app.db </dev/null
	assert_equal "$(wos-apply --cursor app.db)" event_2
}

@test "adopt: two at once adopt it once" {
	old app.db
	old_users app.db 1 3
	users 4 6 | wos-decode >in.sql
	for n in 1 2 3; do
		wos-apply --after event_3 --busy-timeout 300000 app.db in.sql 2>>err &
		STARTED+=($!)
	done
	for pid in "${STARTED[@]}"; do
		wait "$pid"
	done
	assert_equal "$(wos-apply --cursor app.db)" event_6
	assert_equal "$(sql app.db 'SELECT count(*) FROM user')" 6
	assert_equal "$(sql app.db 'SELECT count(*) FROM events_cursor')" 6
}
