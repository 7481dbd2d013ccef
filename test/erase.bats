# SPDX-License-Identifier: MIT
# The right to be forgotten: wos-erase empties what a database, or an archive, has
# of people, and nothing that comes later brings it back.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names
# shellcheck disable=SC2016,SC2129 # other shells expand it; events stand one by one

load helper
load stream

# What Ada has, each value once in all of the lines, and her addresses.
ADA=(Ada-1 Lovelace-2 Grüße-3 ada-4@example.com old-5@example.com 192.0.2.66
	Mozilla-7 crm-8 'https://pictures.example.com/9' Countess-10 en-11
	countess-12@example.org team-13 work-14)

setup() {
	wos_setup
	newdb app
	lines >lines.jsonl
	grep -ve user_1 -e old-5@ lines.jsonl >others.jsonl
}

# event N TYPE DATA [CONTEXT]: N is its number and second.
event() {
	printf '{"object":"event","id":"event_%02d","event":"%s","data":%s,"created_at":"2026-11-01T00:00:%02d.000Z"%s}\n' \
	    "$1" "$2" "$3" "$1" "${4:+,\"context\":$4}"
}

# item SECOND TABLE DATA
item() {
	printf '{"object":"list_item","of":"%s","listed_at":"2026-11-01T00:01:%02d.000Z","data":%s}\n' \
	    "$2" "$1" "$3"
}

# lines: Ada's and others'.  She had another address once, and tried to sign in
# with that before anybody knew who she was.
lines() {
	event 1 authentication.password_failed '{"type":"password","status":"failed","user_id":null,"email":"Old-5@Example.com","ip_address":"192.0.2.66","error":{"code":"x","message":"none of old-5@example.com"}}'
	event 2 user.created '{"object":"user","id":"user_1","email":"old-5@example.com","first_name":"Ada-1","metadata":{"team":"team-13"},"updated_at":"2026-11-01T00:00:02.000Z"}'
	event 3 user.created '{"object":"user","id":"user_2","email":"grace@example.com","first_name":"Grace","updated_at":"2026-11-01T00:00:03.000Z"}'
	event 4 user.updated '{"object":"user","id":"user_1","email":"ada-4@example.com","first_name":"Ada-1","last_name":"Lovelace-2","name":"Gr\u00fc\u00dfe-3","external_id":"crm-8","profile_picture_url":"https:\/\/pictures.example.com\/9","locale":"en-11","big":12345678901234567890,"updated_at":"2026-11-01T00:00:04.000Z"}' '{"previous_attributes":{"email":"old-5@example.com"}}'
	event 5 session.created '{"object":"session","id":"session_1","user_id":"user_1","ip_address":"192.0.2.66","user_agent":"Mozilla-7","status":"active","updated_at":"2026-11-01T00:00:05.000Z"}'
	event 6 organization_membership.created '{"object":"organization_membership","id":"om_1","user_id":"user_1","organization_id":"org_1","role":{"slug":"admin"},"custom_attributes":{"title":"Countess-10"},"user":{"name":"Lovelace-2"},"updated_at":"2026-11-01T00:00:06.000Z"}'
	event 7 authentication.password_succeeded '{"type":"password","status":"succeeded","user_id":"user_1","email":"ada-4@example.com","user_agent":"Mozilla-7"}'
	event 8 flag.rule_updated '{"object":"feature_flag","id":"flag_1","slug":"beta","updated_at":"2026-11-01T00:00:08.000Z"}' '{"configured_targets":{"users":[{"id":"user_1","email":"ada-4@example.com"}]}}'
	event 9 dsync.activated '{"object":"directory","id":"directory_1","updated_at":"2026-11-01T00:00:09.000Z"}'
	event 10 dsync.user.created '{"object":"directory_user","id":"directory_user_1","directory_id":"directory_1","email":"ada-4@example.com","emails":[{"type":"work","value":"countess-12@example.org"}],"job_title":"work-14","first_name":"Ada-1","updated_at":"2026-11-01T00:00:10.000Z"}'
	event 11 invitation.created '{"object":"invitation","id":"invitation_1","email":"grace@example.com","state":"pending","inviter_user_id":"user_1","updated_at":"2026-11-01T00:00:11.000Z"}'
	event 12 organization.created '{"object":"organization","id":"org_1","name":"Acme","updated_at":"2026-11-01T00:00:12.000Z"}'
	item 1 user '{"object":"user","id":"user_1","email":"ada-4@example.com","first_name":"Ada-1","last_name":"Lovelace-2","updated_at":"2026-11-01T00:00:04.000Z"}'
	item 2 user '{"object":"user","id":"user_2","email":"grace@example.com","first_name":"Grace","updated_at":"2026-11-01T00:00:03.000Z"}'
}

apply() {
	wos-decode "$@" | wos-apply --no-cursor "$app"
}

# hers DB: how many of Ada's values are still in a row, whatever their form.
hers() {
	wos-apply --export "$1" >exported
	sql "$1" "SELECT * FROM \"user\"" "SELECT * FROM directory_user" \
	    "SELECT * FROM session" "SELECT * FROM authentication" \
	    "SELECT * FROM organization_membership" "SELECT * FROM parked_event" >rows
	printf '%s\n' "${ADA[@]}" >values
	cat exported rows | grep -icFf values || :
}

# in_files VALUE: is it in a file of the database?
in_files() {
	local id

	if [[ $DBKIND == postgres ]]; then
		id=$(sql "$app" "SELECT oid FROM pg_database WHERE datname = current_database()")
		grep -rqaiF -- "$1" "$PG_DIR/data/base/$id"
	else
		grep -qaiF -- "$1" app.db*
	fi
}

# written: what the server has in memory is in its files.
written() {
	[[ $DBKIND != postgres ]] || sql "$app" CHECKPOINT
}

@test "erase: a person's values go from rows, ledger, list items and context" {
	apply lines.jsonl
	(($(hers "$app") > 9))
	wos-erase user_1 directory_user_1 "$app"
	assert_equal "$(hers "$app")" 0
	assert_equal "$(sql "$app" 'SELECT id, email, first_name FROM "user" ORDER BY id')" \
	    $'user_1||\nuser_2|grace@example.com|Grace'
	assert_equal "$(sql "$app" "SELECT count(*) FROM authentication WHERE email IS NULL
		AND ip_address IS NULL AND user_agent IS NULL AND error_message IS NULL")" 2
	assert_equal "$(sql "$app" "SELECT error_code FROM authentication
		WHERE event_id = 'event_01'")" x
	assert_equal "$(sql "$app" "SELECT id, user_id, role_slug FROM organization_membership")" \
	    "om_1|user_1|admin"
	# Ids, types and times stay, and so do others' lines.
	wos-apply --export "$app" | grep -F event_04 >line
	assert_equal "$(<line)" '{"object":"event","id":"event_04","event":"user.updated","data":{"object":"user","id":"user_1","updated_at":"2026-11-01T00:00:04.000Z"},"created_at":"2026-11-01T00:00:04.000Z"}'
	wos-apply --export "$app" >exported
	run ! grep -vFxf exported others.jsonl
}

# D1 keeps what it had for 30 days: see wos-privacy(7).
# bats test_tags=not-d1
@test "erase: afterwards no byte of it is in the files" {
	local value

	apply lines.jsonl
	written
	for value in Ada-1 Lovelace-2 'Gr\u00fc\u00dfe-3' ada-4@ old-5@ Mozilla-7 \
	    'pictures.example.com\/9' countess-12@ work-14; do
		in_files "$value" || fail "$value"
	done
	# What was there before, and is free space now.
	sql "$app" "UPDATE \"user\" SET locale = 'en-12' WHERE id = 'user_1'"
	[[ $DBKIND != postgres ]] || sql "$app" ANALYZE
	wos-erase user_1 directory_user_1 "$app"
	written
	for value in "${ADA[@]}" 'Gr\u00fc\u00dfe-3' 'pictures.example.com\/9' en-12; do
		! in_files "$value" || fail "$value"
	done
	in_files grace@example.com
}

# Nor are there any of rows that went before: with their object, or once applied.
# bats test_tags=not-d1
@test "erase: afterwards no byte of it is in the files, if the rows are gone already" {
	apply lines.jsonl
	forbid "$app" session 'not here'
	event 33 session.created '{"id":"session_9","user_id":"user_1","user_agent":"Opera-15","updated_at":"2026-11-01T00:00:33.000Z"}' >late.jsonl
	event 34 user.deleted '{"id":"user_1"}' >>late.jsonl
	run -3 bash -c 'wos-decode late.jsonl | wos-apply --no-cursor "$1"' - "$app"
	permit "$app" session
	wos-apply --parked-retry "$app"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM session')" 0
	wos-erase user_1 directory_user_1 "$app"
	written
	for value in "${ADA[@]}" Opera-15; do
		! in_files "$value" || fail "$value"
	done
}

# bats test_tags=postgres
@test "erase: what the planner knew of a table that is empty now goes, too" {
	local i stats="SELECT count(*) FROM pg_stats WHERE most_common_vals::text LIKE '%ada-1%'"

	for i in {1..9}; do
		event "$i" user.created '{"id":"user_'"$i"'","email":"ada-1@example.com"}'
	done | wos-decode | wos-apply --no-cursor "$app"
	sql "$app" ANALYZE
	for i in {1..9}; do
		event "2$i" user.deleted '{"id":"user_'"$i"'"}'
	done | wos-decode | wos-apply --no-cursor "$app"
	assert_equal "$(sql "$app" "$stats")" 1
	forbid "$app" user 'not here'
	run -0 wos-erase ada-1@example.com "$app"
	assert_output --partial 'wos-apply: what the planner knew of values may still be in the server'"'"'s files: "user": it is empty, and has triggers: run ANALYZE once it has rows'
	permit "$app" user
	run -0 wos-erase ada-1@example.com "$app"
	refute_output --partial planner
	written
	! in_files ada-1@example.com || fail "it is there"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 0
}

# begun DATABASE STATEMENT: a transaction of another's that goes on, by this statement,
# until descriptor `fd` is closed.
begun() {
	mkfifo asked
	psql -Xqt -d "service=$1" <asked >answer 2>&1 3>&- &
	STARTED+=($!)
	exec {fd}>asked
	printf 'BEGIN ISOLATION LEVEL REPEATABLE READ;\n%s;\n' "$2" >&"$fd"
	until_true grep -q '[0-9]' answer
}

# bats test_tags=postgres
@test "erase: a transaction that may still see it is told of, and it can be run again" {
	apply lines.jsonl
	# It has looked at none of the tables, but has begun to look.
	begun app 'SELECT count(*) FROM pg_database'
	run -75 wos-apply --busy-timeout 100 --erase <(echo user_1) "$app"
	assert_output --partial "they are erased, but what they had may still be in its files: run this again: another transaction began before, and goes on"
	exec {fd}>&-
	wait "${STARTED[-1]}"
	wos-erase user_1 "$app"
	written
	! in_files Lovelace-2 || fail "it is there"
}

# bats test_tags=postgres
@test "erase: another database's transaction is waited for" {
	local erase

	apply lines.jsonl
	newdb other
	begun other 'SELECT txid_current()'
	wos-erase user_1 "$app" 3>&- {fd}>&- &
	erase=$!
	STARTED+=("$erase")
	until_true is_looking
	exec {fd}>&-
	wait "$erase"
	written
	! in_files Lovelace-2 || fail "it is there"
}

# is_looking: it has seen that a transaction is open, and is about to look again.
is_looking() {
	[[ $(sql "$app" "SELECT count(*) FROM pg_stat_activity WHERE datname=current_database()
	    AND query LIKE '%string_to_array%' AND pid<>pg_backend_pid()") == 1 ]]
}

@test "erase: a replay, a list, an old file or a new event bring nothing back" {
	apply lines.jsonl
	wos-erase user_1 directory_user_1 "$app"
	dump "$app" >before
	apply lines.jsonl
	tac lines.jsonl >backwards.jsonl
	apply backwards.jsonl lines.jsonl
	wos-rebuild "$app"
	wos-apply --parked-retry "$app"
	diff before <(dump "$app")
	event 20 user.updated '{"id":"user_1","email":"ada-4@example.com","locale":"en-11","email_verified":true,"updated_at":"2026-11-01T00:00:20.000Z"}' >new.jsonl
	event 21 authentication.password_failed '{"user_id":"user_1","email":"new@example.com","ip_address":"192.0.2.66"}' >>new.jsonl
	event 22 user.deleted '{"id":"user_1","email":"ada-4@example.com"}' >>new.jsonl
	item 30 directory_user '{"id":"directory_user_1","directory_id":"directory_1","first_name":"Ada-1","state":"active"}' >>new.jsonl
	apply new.jsonl
	assert_equal "$(hers "$app")" 0
	assert_equal "$(sql "$app" "SELECT count(*) FROM tombstone WHERE id = 'user_1'")" 1
	assert_equal "$(sql "$app" "SELECT state FROM directory_user")" active
	assert_equal "$(sql "$app" "SELECT count(*) FROM authentication WHERE email IS NULL")" 3
	# A database that has seen none of it is not told of it either.
	newdb other
	wos-apply --export "$app" | wos-decode | wos-apply "$other"
	assert_equal "$(hers "$other")" 0
}

@test "erase: by an address, old ones too; who has it later is another person" {
	apply lines.jsonl
	wos-erase OLD-5@example.com "$app"
	assert_equal "$(sql "$app" "SELECT count(*) FROM \"user\" WHERE id = 'user_1' AND email IS NULL")" 1
	# Who else had her other addresses was not named, but what they tell alone goes.
	assert_equal "$(sql "$app" "SELECT email FROM directory_user")" ada-4@example.com
	assert_equal "$(sql "$app" "SELECT count(*) FROM authentication WHERE email IS NULL")" 2
	printf '{"object":"event","id":"event_50","event":"user.created","data":{"object":"user","id":"user_5","email":"old-5@example.com","more":1.50},"created_at":"2031-01-01T00:00:00.000Z","context":{"x":"old-5@example.com"}}\n' >later.jsonl
	printf '{"object":"event","id":"event_51","event":"authentication.magic_auth_failed","data":{"user_id":null,"email":"old-5@example.com"},"created_at":"2031-01-01T00:00:01.000Z"}\n' >>later.jsonl
	apply later.jsonl
	assert_equal "$(sql "$app" "SELECT email FROM \"user\" WHERE id = 'user_5'")" old-5@example.com
	diff later.jsonl <(wos-apply --export "$app" | grep 2031)
}

@test "erase: the case of letters counts where it is not English, alike in rows and lines" {
	local name

	if [[ $DBKIND == postgres ]]; then
		# One whose LOWER() changes all letters, if there is such a locale.
		name=$(sql "$app" "SELECT current_database()")
		pg_drop "$name"
		pg_admin -c "CREATE DATABASE $name TEMPLATE template0 LC_CTYPE 'C.UTF-8'" ||
			pg_admin -c "CREATE DATABASE $name TEMPLATE template0"
	fi
	{
		event 40 user.created '{"id":"user_4","email":"\u00c4da@example.com","updated_at":"2026-11-01T00:00:40.000Z"}'
		event 41 user.created '{"id":"user_5","email":"äda@EXAMPLE.com","updated_at":"2026-11-01T00:00:41.000Z"}'
		event 42 user.created '{"id":"user_6","email":"o'"'"'brien@example.com","updated_at":"2026-11-01T00:00:41.000Z"}'
	} >umlauts.jsonl
	apply umlauts.jsonl
	printf 'SAVEPOINT "event_43";\nINSERT INTO "user" ("id","email") VALUES ('"'user_7','o''Brien@example.com'"');\nINSERT INTO "nothing" ("id") VALUES (1);\nRELEASE "event_43";\n' >by-hand.sql
	run -3 wos-apply --no-cursor "$app" by-hand.sql
	wos-erase Äda@example.com user_6 "$app"
	assert_equal "$(sql "$app" 'SELECT id, email FROM "user" ORDER BY id')" \
	    $'user_4|\nuser_5|äda@EXAMPLE.com\nuser_6|'
	assert_equal "$(sql "$app" "SELECT count(*) FROM parked_event")" 0
	dump "$app" >before
	wos-rebuild "$app"
	diff before <(dump "$app")
}

@test "erase: --dry-run tells ids and counts, no values, and changes nothing" {
	apply lines.jsonl
	dump "$app" >before
	run -0 wos-erase --dry-run user_1 "$app"
	diff before <(dump "$app")
	assert_output - <<-'ROWS'
		user	user_1
		organization_membership	om_1
		session	session_1
		authentication	event_07
		authentication	event_01
		events_cursor	event_01
		events_cursor	event_02
		events_cursor	event_04
		events_cursor	event_05
		events_cursor	event_06
		events_cursor	event_07
		events_cursor	event_08
		listed_object	user	user_1
		= events_cursor 7
		= listed_object 1
		= user 1
		= organization_membership 1
		= session 1
		= authentication 2
	ROWS
}

@test "erase: a comparison with lists finds no difference, and repairs none" {
	apply lines.jsonl
	wos-erase user_1 directory_user_1 "$app"
	{
		item 40 user '{"object":"user","id":"user_1","email":"ada-4@example.com","first_name":"Ada-1","updated_at":"2026-11-01T00:00:04.000Z"}'
		item 40 user '{"object":"user","id":"user_2","email":"grace@example.com","first_name":"Grace","updated_at":"2026-11-01T00:00:03.000Z"}'
		printf '{"object":"list_end","of":"user","listed_at":"2026-11-01T00:01:40.000Z","count":2}\n'
	} >lists.jsonl
	run -0 bash -c 'wos-decode lists.jsonl | wos-apply --verify "$1"' - "$app"
	assert_line "= user 2 1"
	refute_output --partial user_1
	apply lists.jsonl
	assert_equal "$(hers "$app")" 0
}

# D1 has no dry run of a stream.
# bats test_tags=not-d1
@test "erase: --dry-run of a stream shows nothing of theirs" {
	apply lines.jsonl
	wos-erase user_1 directory_user_1 "$app"
	event 20 user.updated '{"id":"user_1","email":"ada-4@example.com","email_verified":true,"updated_at":"2026-11-01T00:00:20.000Z"}' >new.jsonl
	run -0 bash -c 'wos-decode new.jsonl | wos-apply --dry-run "$1"' - "$app"
	assert_output --partial email_verified
	refute_output --partial ada-4
}

@test "erase: a stream that is being applied hears of it" {
	local fd

	mkfifo pipe
	wos-apply --no-cursor "$app" <pipe &
	STARTED+=($!)
	exec {fd}>pipe
	wos-decode lines.jsonl >&"$fd"
	until_sql "$app" 12 "SELECT count(*) FROM events_cursor"
	wos-erase user_1 directory_user_1 "$app"
	event 20 user.updated '{"id":"user_1","email":"ada-4@example.com","email_verified":true,"updated_at":"2026-11-01T00:00:20.000Z"}' |
		wos-decode >&"$fd"
	exec {fd}>&-
	wait "${STARTED[-1]}"
	assert_equal "$(sql "$app" "SELECT count(*) FROM events_cursor")" 13
	assert_equal "$(hers "$app")" 0
}

@test "erase: what is parked, a line or a text that nobody can read" {
	{
		event 31 user.updated '{"id":"user_1","email":"ada-4@example.com","updated_at":"soon"}'
		printf '{"id":"event_32","data":{"id":"user_1","first_name":"Ada-1"\n'
		printf 'of ada-4@example.com, she said\n'
		printf 'of nobody\n'
	} >bad.jsonl
	apply lines.jsonl
	run -3 --separate-stderr bash -c '{ echo; cat bad.jsonl; } | wos-decode'
	printf '%s\n' "$output" | wos-apply --no-cursor "$app" || [[ $? == 3 ]]
	assert_equal "$(sql "$app" "SELECT count(*) FROM parked_event")" 4
	wos-erase user_1 directory_user_1 "$app"
	assert_equal "$(hers "$app")" 0
	assert_equal "$(sql "$app" "SELECT text FROM parked_event ORDER BY 1")" \
	    $'of nobody\n{"object":"event","id":"event_31","event":"user.updated","data":{"id":"user_1","updated_at":"soon"},"created_at":"2026-11-01T00:00:31.000Z"}'
	printf '%s\n' "$output" | wos-apply --no-cursor "$app" || [[ $? == 3 ]]
	assert_equal "$(hers "$app")" 0
	assert_equal "$(sql "$app" "SELECT count(*) FROM parked_event")" 2
	# A retry finds it under its name, which is no hash of what it was.
	run -3 wos-apply --parked-retry "$app"
	assert_equal "$(sql "$app" "SELECT count(*) FROM parked_event")" 2
	id=$(head -n 1 bad.jsonl | tr -d '\n' | sha256sum | cut -c 1-32)
	assert_equal "$(sql "$app" "SELECT count(*) FROM parked_event WHERE id = 'parked:$id'")" 0
}

@test "erase: of parked lines of which the same is left, one stays" {
	event 31 user.updated '{"id":"user_1","email":"ada-4@example.com","updated_at":"soon"}' >bad.jsonl
	event 31 user.updated '{"id":"user_1","email":"old-5@example.com","updated_at":"soon"}' >>bad.jsonl
	wos-decode bad.jsonl 2>/dev/null | wos-apply --no-cursor "$app" || [[ $? == 3 ]]
	assert_equal "$(sql "$app" "SELECT count(*) FROM parked_event")" 2
	wos-erase user_1 "$app"
	assert_equal "$(sql "$app" "SELECT count(*) FROM parked_event")" 1
	assert_equal "$(hers "$app")" 0
}

@test "erase: why something is parked may quote it, and goes, too" {
	apply /dev/null
	forbid "$app" session 'not of Mozilla-7'
	run -3 bash -c 'wos-decode lines.jsonl | wos-apply --no-cursor "$1"' - "$app"
	assert_equal "$(sql "$app" "SELECT reason FROM parked_event")" 'not of Mozilla-7'
	wos-erase user_1 directory_user_1 "$app"
	assert_equal "$(hers "$app")" 0
	assert_equal "$(sql "$app" "SELECT event_id FROM parked_event")" event_05
}

@test "erase: what the database refuses is parked without theirs" {
	apply lines.jsonl
	wos-erase user_1 directory_user_1 "$app"
	forbid "$app" session 'not here'
	event 33 session.created '{"id":"session_9","user_id":"user_1","ip_address":"192.0.2.66","updated_at":"2026-11-01T00:00:33.000Z"}' >refused.jsonl
	item 41 session '{"id":"session_8","user_id":"user_1","ip_address":"192.0.2.66","updated_at":"2026-11-01T00:00:33.000Z"}' >>refused.jsonl
	run -3 bash -c 'wos-decode refused.jsonl | wos-apply --no-cursor "$1"' - "$app"
	assert_equal "$(hers "$app")" 0
	assert_equal "$(sql "$app" "SELECT kind FROM parked_event")" $'line\nline'
}

@test "erase: statements of another hand than wos-decode's are stripped or refused" {
	apply lines.jsonl
	wos-erase user_1 directory_user_1 "$app"
	cat >by-hand.sql <<-'SQL'
		SAVEPOINT "event_60";
		INSERT INTO "user" ("email","id") VALUES ('x-1@example.com','user_1'),('x@example.com','user_6') ON CONFLICT ("id") DO UPDATE SET "email"=excluded."email";
		RELEASE "event_60";
		SAVEPOINT "event_61";
		UPDATE "user" SET "locale"='en-11' WHERE "id"='user_1';
		RELEASE "event_61";
	SQL
	run -3 --separate-stderr wos-apply --no-cursor "$app" by-hand.sql
	assert_equal "$stderr" "wos-apply: by-hand.sql: event_60: line 2: it is of one who was erased, and can't be taken apart: parked"
	assert_equal "$(sql "$app" "SELECT count(*) FROM parked_event")" 0
	assert_equal "$(hers "$app")" 0
}

# bats test_tags=sqlite
@test "erase: an access request, as wos-privacy(7) has it" {
	apply lines.jsonl
	sed -n '/^\.Sh AN ACCESS/,/^\.Ed/p' "$ROOT/scripts/wos-privacy.7" |
		sed -n '/^\.Bd/,/^\.Ed/{//!p;}' |
		sed 's/\\e/\\/g; s/ada@/ada-4@/g; s/user_01\.\.\./user_1/' >recipe
	bash -eo pipefail recipe >answer
	jq -r 'arrays[] | .id // .event_id' answer | xargs >rows
	assert_equal "$(<rows)" "user_1 om_1 session_1 directory_user_1 event_07 event_01 $(
		echo event_{01,02,04,05,06,07,08,10})"
	# With their values, and every line that has one of the two.
	jq -r 'arrays[].email // empty' answer | sort -u | diff - <(
		printf '%s\n' Old-5@Example.com ada-4@example.com)
	diff <(jq -c objects answer | sort) \
	    <(grep -F -e user_1 -e ada-4@ lines.jsonl | jq -c . | sort)
}
