# SPDX-License-Identifier: MIT
# The views for those who read the database, and what it says of its columns.

load helper
load stream

setup() {
	wos_setup
	newdb app
}

apply() {
	wos-decode | wos-apply "$@"
}

# is_time COLUMN: it, as text that is the same for each database.
is_time() {
	if [[ $DBKIND == postgres ]]; then
		echo "to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
	else
		echo "$1"
	fi
}

# older: the view users as a wos made it that knew fewer columns.
older() {
	if [[ $DBKIND == postgres ]]; then
		sql "$app" 'DROP VIEW users' \
		    'CREATE VIEW users AS SELECT id, email, first_name FROM "user"' \
		    "COMMENT ON VIEW users IS 'A person. Made by wos.'" \
		    "COMMENT ON TABLE sync_lock IS 'Comments: 00000000'"
	else
		sql "$app" 'DROP VIEW users' 'CREATE VIEW users AS
			/* wos 1003 */ SELECT id, email, first_name FROM "user"'
	fi
}

@test "views: each table has one, by a name that is no word of SQL" {
	wos-apply "$app" </dev/null
	sed -nE 's/^CREATE VIEW IF NOT EXISTS "([a-z_]+)".*/\1/p' \
	    "$ROOT/schema/sqlite.sql" >names
	assert_equal "$(wc -l <names)" \
	    "$(($(grep -cE '^(OBJECT|REUSED|FACT)' "$ROOT/schema/catalogue.def") + 2))"
	while read -r name; do
		echo "SELECT count(*) FROM $name;"
	done <names >all.sql
	assert_equal "$(sql "$app" "$(<all.sql)" | sort -u)" 0
}

@test "views: times are times, and what is joined is there once it is known" {
	users 1 1 | apply "$app"
	event event_2 organization_membership.created 2026-01-02T00:00:00.123Z '{
		"id":"om_1","user_id":"user_1","organization_id":"org_1",
		"role":{"slug":"admin"},"status":"active",
		"created_at":"2026-01-02T00:00:00.123Z",
		"updated_at":"2026-01-02T00:00:00.123Z"}' | tr -d '\n\t' >one
	echo >>one
	apply "$app" <one
	query="SELECT user_email, organization_name, role_slug, status,
		$(is_time created_at) FROM memberships"
	assert_equal "$(sql "$app" "$query")" \
	    "1@example.com||admin|active|2026-01-02T00:00:00.123Z"
	event event_3 organization.created 2026-01-02T00:00:01.000Z \
	    '{"id":"org_1","name":"Acme"}' | apply "$app"
	assert_equal "$(sql "$app" "$query")" \
	    "1@example.com|Acme|admin|active|2026-01-02T00:00:00.123Z"
	# Who goes with a parent is in no table, and so in no view.
	event event_4 organization.deleted 2026-01-02T00:00:02.000Z \
	    '{"id":"org_1"}' | apply "$app"
	assert_equal "$(sql "$app" "$query")" ""
	assert_equal "$(sql "$app" "SELECT object, id, $(is_time event_at)
		FROM deletions")" "organization|org_1|2026-01-02T00:00:02.000Z"
	assert_equal "$(sql "$app" "SELECT event_type, $(is_time created_at)
		FROM events WHERE event_id = 'event_4'")" \
	    "organization.deleted|2026-01-02T00:00:02.000Z"
}

@test "views: a time that is far out is exact, too" {
	if [[ $DBKIND == postgres ]]; then
		sql "$app" "CREATE FUNCTION to_timestamp(BIGINT) RETURNS TIMESTAMPTZ
			LANGUAGE sql AS 'SELECT now()'"
	fi
	event event_1 user.created 2026-01-01T00:00:00.000Z '{"id":"user_1",
		"created_at":"0001-01-01T00:00:00.001Z",
		"updated_at":"9999-12-31T23:59:59.999Z"}' | tr -d '\n\t' >one
	echo >>one
	apply "$app" <one
	assert_equal "$(sql "$app" "SELECT id FROM users
		WHERE created_at = '0001-01-01T00:00:00.001Z'
		AND updated_at = '9999-12-31T23:59:59.999Z'")" user_1
}

@test "views: an owner's view, table and index stay as they are, which -v says once" {
	sql_owner() {
		sql "$app" "CREATE TABLE sessions (mine TEXT)" \
		    "CREATE VIEW roles AS SELECT 'mine' AS mine" \
		    "CREATE INDEX groups ON sessions (mine)"
	}
	if [[ $DBKIND == sqlite ]]; then
		: >app.db
	fi
	sql_owner
	users 1 1 | wos-decode >one.sql
	wos-apply -v "$app" one.sql 2>said
	grep '^wos-apply: schema: ' said >taken
	diff -u - <(sort taken) <<-END
	wos-apply: schema: "groups" is no view of wos' own: it stays as it is
	wos-apply: schema: "roles" is no view of wos' own: it stays as it is
	wos-apply: schema: "sessions" is no view of wos' own: it stays as it is
	END
	assert_equal "$(sql "$app" 'SELECT * FROM roles' 'SELECT * FROM sessions' \
	    'SELECT email FROM users')" $'mine\n1@example.com'
	# What says nothing is not in the way either.
	run -0 --separate-stderr wos-apply "$app" one.sql
	# shellcheck disable=SC2154 # run sets it
	assert_equal "$stderr" ""
}

@test "views: an older one gets its columns, and what an owner has made of it stays" {
	users 1 1 | apply "$app"
	older
	sql "$app" 'CREATE VIEW mine AS SELECT id, first_name FROM users'
	if [[ $DBKIND == postgres ]]; then
		sql "$app" "CREATE FUNCTION forget() RETURNS TRIGGER LANGUAGE plpgsql
			AS 'BEGIN RETURN NULL; END'" "CREATE TRIGGER forget INSTEAD OF
			DELETE ON users FOR EACH ROW EXECUTE FUNCTION forget()"
	else
		sql "$app" "CREATE TRIGGER forget INSTEAD OF DELETE ON users BEGIN
			SELECT 1; -- nothing;
			SELECT 2;
		END"
	fi
	users 2 2 | apply "$app"
	if [[ $DBKIND == d1 ]]; then
		# Its API can't make a trigger again.
		assert_equal "$(sql "$app" "SELECT group_concat(name)
			FROM pragma_table_info('users')")" id,email,first_name
	else
		assert_equal "$(columns "$app" users | paste -sd ' ')" \
		    "$(newdb new && wos-apply "$new" </dev/null &&
			columns "$new" users | paste -sd ' ')"
	fi
	assert_equal "$(sql "$app" 'SELECT id FROM mine ORDER BY 1' | paste -sd ' ')" \
	    "user_1 user_2"
	sql "$app" 'DELETE FROM users'
	assert_equal "$(sql "$app" 'SELECT count(*) FROM users')" 2
}

@test "views: one without triggers is made anew wherever it is" {
	users 1 1 | apply "$app"
	older
	users 2 2 | apply "$app"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM users WHERE locale IS NULL')" 2
}

@test "views: one that a newer wos made stays, and one that is gone comes back" {
	users 1 1 | apply "$app"
	sql "$app" 'DROP VIEW invitations'
	if [[ $DBKIND != postgres ]]; then
		sql "$app" 'DROP VIEW users' 'CREATE VIEW users AS
			/* wos 2999 */ SELECT id, 1 AS newer FROM "user"'
	fi
	users 2 2 | apply "$app"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM invitations')" 0
	[[ $DBKIND == postgres ]] ||
		assert_equal "$(sql "$app" 'SELECT sum(newer) FROM users')" 2
}

@test "views: a dry run and wos-status do without them, and the stream can't write to them" {
	users 1 1 | apply "$app"
	sql "$app" 'DROP VIEW invitations'
	users 2 2 | wos-decode >two.sql
	if [[ $DBKIND != d1 ]]; then # which has no dry run
		run -0 --separate-stderr wos-apply --dry-run --no-cursor "$app" two.sql
		assert_equal "$stderr" ""
	fi
	run -0 --separate-stderr wos-apply --status "$app"
	assert_equal "$stderr" ""
	[[ $(sql "$app" 'SELECT count(*) FROM invitations' 2>&1) == *invitations* ]]
	group event_9 "INSERT INTO \"users\" (\"id\") VALUES ('user_9');" >nine.sql
	run -3 wos-apply "$app" nine.sql
	assert_equal "$(sql "$app" "SELECT count(*) FROM parked_event
		WHERE event_id = 'event_9'")" 1
}

# bats test_tags=sqlite
@test "views: a database that wos adopts has them" {
	sqlite3 -batch -bail -init /dev/null old.db <"$DATA/replaced.sql"
	wos-apply old.db </dev/null
	assert_equal "$(sql old.db 'SELECT count(*) FROM users')" \
	    "$(sql old.db 'SELECT count(*) FROM user')"
	[[ $(sql old.db 'SELECT min(created_at) FROM users') == *T*.*Z ]]
}

@test "views: of two programs that make the schema at once, both do" {
	users 1 1 | wos-decode >one.sql
	users 2 2 | wos-decode >two.sql
	wos-apply --busy-timeout 300000 "$app" one.sql 2>one.err &
	wos-apply --busy-timeout 300000 "$app" two.sql 2>two.err
	wait $!
	assert_equal "$(cat one.err two.err | grep -v cursor)" ""
	assert_equal "$(sql "$app" 'SELECT count(*) FROM users')" 2
}
