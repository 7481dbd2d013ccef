# SPDX-License-Identifier: MIT
# The ledger is the archive: what a version did not map lies there, and comes
# to its table when a later one takes the ledger through again.

load helper
load gen/tree

# What the older version of the programs lacks: whole tables of objects, of
# relations and of facts, events of tables it has, and columns of all of these.
setup_file() {
	export OLD=$BATS_FILE_TMPDIR/old

	ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	tree_copy "$OLD"
	awk '
		/^(OBJECT|REUSED|FACT|SYSTEM|PRIVATE)\(/ {
			table = $0
			gsub(/^[A-Z]*\(|,.*/, "", table)
			skip = table ~ /^(waitlist_user|organization_role|group_member|vault)$/
		}
		# They would have no table to be of.
		/^$/ { skip = 0 }
		skip { next }
		/, (role\.deleted|user\.updated|dsync\.group\.user_removed)[,)]/ { next }
		/authentication\.sso_succeeded/ { next }
		table == "user" && /TEXT\((locale|external_id),|INDEX\(external_id\)/ { next }
		table == "role" && /TEXT\(resource_type_slug,/ { next }
		table == "authentication" && /TEXT\(error\.code,/ { next }
		table == "directory_group_membership" && /directory_id/ { next }
		table == "events_cursor" && /INDEX\(created_at\)/ { next }
		{ print }' "$ROOT/schema/catalogue.def" >"$OLD/schema/catalogue.def"
	tree_make "$OLD"
}

setup() {
	wos_setup
	newdb app
}

stream() {
	"$ROOT/test/gen/state" --good "${1:-3}" >events.jsonl
}

check() {
	"$ROOT/test/gen/state" --check "$(d1_file "$1")" <events.jsonl
}

old() {
	"$OLD/decode/wos-decode" "$2" >old.sql
	"$OLD/apply/wos-apply" "$1" old.sql
	# PostgreSQL adds columns to a view at its end only.  So does a catalogue;
	# what this older one lacks stands before others, and so it has no views.
	[[ $1 != service=* ]] || sql "$1" "DO \$\$
		DECLARE v text;
		BEGIN
			FOR v IN SELECT viewname FROM pg_views
			    WHERE schemaname = current_schema()
			LOOP EXECUTE format('DROP VIEW %I', v); END LOOP;
		END \$\$"
}

# bats test_tags=slow
@test "rebuild: types, tables and columns that were unknown are filled, without the API" {
	stream
	old "$app" events.jsonl
	run -1 check "$app"
	for table in waitlist_user organization_role group_member vault; do
		assert_equal "$(columns "$app" $table)" ""
	done
	assert_equal "$(sql "$app" "SELECT count(*) FROM events_cursor")" \
	    "$(wc -l <events.jsonl)"
	cursor=$(wos-apply --cursor "$app")
	wos-rebuild "$app"
	check "$app"
	assert_equal "$(wos-apply --cursor "$app")" "$cursor"
	# What it did is done.
	dump "$app" >before
	wos-rebuild "$app"
	dump "$app" | diff before -
}

# schema DB: its columns, in an order of their own, and its indexes.
schema() {
	if [[ $1 == service=* ]]; then
		sql "$1" "SELECT table_name, column_name, data_type, is_nullable,
			column_default, is_identity FROM information_schema.columns
			WHERE table_schema = current_schema() ORDER BY 1, 2" \
		    "SELECT indexdef FROM pg_indexes
			WHERE schemaname = current_schema() ORDER BY indexname"
	else
		sql "$1" "SELECT p.name, p.\"type\", p.\"notnull\", p.dflt_value, p.pk, m.tbl_name
			FROM sqlite_master m, pragma_table_info(m.name) p
			ORDER BY m.name, 1" \
		    "SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY 1"
	fi
}

# bats test_tags=slow
@test "rebuild: opening the database adds what is missing, and empties nothing" {
	stream
	old "$app" events.jsonl
	had=$(sql "$app" 'SELECT count(*) FROM "user"')
	[[ $had -gt 0 ]]
	run sql "$app" 'SELECT locale FROM "user"'
	assert_failure
	wos-apply "$app" </dev/null
	assert_equal "$(sql "$app" 'SELECT count(*), count(locale), count(external_id)
		FROM "user"')" "$had|0|0"
	assert_equal "$(sql "$app" "SELECT count(error_code) FROM authentication
		HAVING count(*) > 9")" 0
	# The schema is that of a new database, columns' order apart.
	newdb new
	wos-apply "$new" </dev/null
	diff -u <(schema "$new") <(schema "$app")
	wos-rebuild "$app"
	[[ $(sql "$app" 'SELECT count(locale) FROM "user"') -gt 0 ]]
	[[ $(sql "$app" 'SELECT count(error_code) FROM authentication') -gt 0 ]]
	[[ $(sql "$app" 'SELECT count(resource_type_slug) FROM role') -gt 0 ]]
	check "$app"
}

# bats test_tags=slow
@test "rebuild: whatever order the events came in, and more of them after the upgrade" {
	stream
	sort -R --random-source="$ROOT/test/gen/state" events.jsonl >shuffled.jsonl
	head -n 200 shuffled.jsonl >first.jsonl
	tail -n +150 shuffled.jsonl >second.jsonl
	old "$app" first.jsonl
	wos-decode second.jsonl | wos-apply "$app"
	wos-rebuild "$app"
	check "$app"
}

# bats test_tags=slow
@test "rebuild: a ledger's lines make the same tables in a new database" {
	newdb new
	stream 4
	wos-decode events.jsonl | wos-apply --no-cursor "$app"
	wos-apply --export "$app" >archive.jsonl
	diff events.jsonl archive.jsonl
	wos-decode archive.jsonl | wos-apply --no-cursor "$new"
	diff <(dump "$app") <(dump "$new")
	check "$new"
}

@test "rebuild: rows put into the ledger by hand" {
	wos-apply "$app" </dev/null
	sql "$app" "INSERT INTO events_cursor (event_id, event_payload, created_at)
		VALUES ('event_1', '{\"id\":\"event_1\",\"event\":\"role.created\",
		\"data\":{\"slug\":\"admin\"},
		\"created_at\":\"2026-11-01T00:00:00Z\"}', 1793491200000)"
	wos-rebuild -v "$app"
	assert_equal "$(sql "$app" 'SELECT slug, event_id FROM role')" "admin|event_1"
}

@test "rebuild: an event that no longer can be decoded is parked, and stops nothing" {
	printf '%s\n' '{"id":"event_1","event":"vault.new","data":7,"created_at":"2026-11-01T00:00:00Z"}' \
	    '{"id":"event_2","event":"waitlist_user.created","data":{"email":"a@example.com"},"created_at":"2026-11-01T00:00:00Z"}' \
	    '{"id":"event_3","event":"waitlist_user.created","data":{"id":"w_3"},"created_at":"2026-11-01T00:00:00Z"}' \
	    >events.jsonl
	old "$app" events.jsonl
	run -3 wos-rebuild "$app"
	assert_equal "$(sql "$app" "SELECT (SELECT count(*) FROM events_cursor),
		(SELECT id FROM waitlist_user), (SELECT event_id FROM parked_event)")" \
	    "3|w_3|event_2"
}

# The tables of the system that wos replaces, as its code had them.
replaced() {
	sqlite3 -batch -bail -init /dev/null replaced.db <<-END
	CREATE TABLE user (id TEXT NOT NULL PRIMARY KEY, email TEXT NOT NULL,
	    first_name TEXT, last_name TEXT, email_verified INTEGER NOT NULL,
	    profile_picture_url TEXT, created_at INTEGER NOT NULL,
	    updated_at INTEGER NOT NULL);
	CREATE TABLE organization (id TEXT NOT NULL PRIMARY KEY,
	    name TEXT NOT NULL, created_at INTEGER NOT NULL,
	    updated_at INTEGER NOT NULL);
	CREATE TABLE organization_membership (id TEXT NOT NULL,
	    user_id TEXT NOT NULL, organization_id TEXT NOT NULL,
	    role_slug TEXT NOT NULL, status TEXT NOT NULL,
	    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
	    PRIMARY KEY (id, user_id, organization_id),
	    FOREIGN KEY (user_id) REFERENCES user (id),
	    FOREIGN KEY (organization_id) REFERENCES organization (id));
	CREATE TABLE events_cursor (event_id TEXT NOT NULL PRIMARY KEY,
	    event_payload TEXT NOT NULL, created_at INTEGER NOT NULL,
	    processed_at INTEGER NOT NULL);
	CREATE INDEX events_cursor_created_at ON events_cursor (created_at);
	ATTACH 'app.db' AS app;
	INSERT INTO user SELECT id, COALESCE(email, ''), first_name, last_name,
	    COALESCE(email_verified, 0), profile_picture_url,
	    COALESCE(created_at, event_at), COALESCE(updated_at, event_at)
	    FROM app.user;
	INSERT INTO organization SELECT id, COALESCE(name, ''),
	    COALESCE(created_at, event_at), COALESCE(updated_at, event_at)
	    FROM app.organization;
	INSERT INTO organization_membership SELECT id, user_id, organization_id,
	    COALESCE(role_slug, ''), COALESCE(status, ''),
	    COALESCE(created_at, event_at), COALESCE(updated_at, event_at)
	    FROM app.organization_membership;
	INSERT INTO events_cursor SELECT event_id, event_payload, created_at, 1
	    FROM app.events_cursor;
	END
}

# bats test_tags=sqlite,slow
@test "rebuild: the ledger of the replaced system" {
	local padding

	# More than the pipes between the three programs hold.
	printf -v padding '%3000s' ''
	"$ROOT/test/gen/state" --good --events 2500 1 |
		grep -E '"event":"(user|organization|organization_membership)\.' |
		sed "s/\"context\":{/&\"padding\":\"$padding\"/" >events.jsonl
	[[ $(wc -c <events.jsonl) -gt 1000000 ]]
	wos-decode events.jsonl | wos-apply --no-cursor app.db
	replaced
	wos-rebuild replaced.db
	check replaced.db
	# As when it was opened before.
	replaced=$(dump replaced.db | cksum)
	wos-rebuild replaced.db
	assert_equal "$(dump replaced.db | cksum)" "$replaced"
}

# bats test_tags=sqlite
@test "rebuild: the replaced system's ledger may have parts of events, which tell of nothing" {
	sqlite3 replaced.db <"$DATA/replaced.sql"
	sqlite3 replaced.db "
		UPDATE events_cursor SET event_payload =
		    json_extract(event_payload, '\$.data') WHERE rowid % 3 = 0;
		UPDATE events_cursor SET event_payload =
		    json_remove(event_payload, '\$.created_at') WHERE rowid = 1;
		UPDATE events_cursor SET event_payload =
		    json_remove(event_payload, '\$.data') WHERE rowid = 2;
		UPDATE events_cursor SET event_payload = 'no JSON' WHERE rowid = 4;
		UPDATE events_cursor SET event_payload =
		    json_remove(event_payload, '\$.id') WHERE rowid = 5"
	count() {
		sql replaced.db "SELECT (SELECT count(*) FROM user),
			(SELECT count(*) FROM organization),
			(SELECT count(*) FROM organization_membership),
			(SELECT count(*) FROM events_cursor)"
	}
	before=$(count)
	run -0 wos-rebuild replaced.db
	assert_output "wos-apply: 7 rows of the ledger are no events: left out"
	assert_equal "$(count)" "$before"
	assert_equal "$(sql replaced.db "SELECT count(*) FROM parked_event")" 0
	# What is whole has been taken through: it has all columns now.
	assert_equal "$(sql replaced.db "SELECT count(*) FROM organization_membership
		WHERE event_id IS NOT NULL")" 2
}
