#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-apply --changes and --changes-after: what a commit has changed, line by line.
# gen/state --changes makes tables of such lines alone, and compares.

# shellcheck disable=SC2016,SC2129,SC2030,SC2031,SC2119,SC2120,SC2154 # tests are subshells;
# newdb sets names; other shells expand

load helper
load stream

setup() {
	wos_setup
	newdb db
	wos-apply "$db" </dev/null
}

# person N TYPE MEMBERS: an event of user_1 at that millisecond.
person() {
	event "event_$1" "user.$2" "2026-01-01T00:00:00.00$1Z" "{\"id\":\"user_1\"${3:+,$3}}"
}

# told [options]: what applying these lines tells.
told() {
	wos-decode | wos-apply --changes "$@" "$db"
}

# by_hand NAME STATEMENT...: what a group of these tells.
by_hand() {
	group "$@" | wos-apply --changes --no-cursor "$db"
}

@test "changes: an insert, an update, a delete, in the order in which they were made" {
	{
		person 1 created '"email":"a"'
		person 2 updated '"email":"b"'
		person 3 deleted
	} | told >out
	diff - out <<-'END'
	{"table":"user","key":{"id":"user_1"},"op":"insert","event_id":"event_1","event_at":1767225600001,"new":{"email":"a","event_id":"event_1","event_at":1767225600001}}
	{"table":"user","key":{"id":"user_1"},"op":"update","event_id":"event_2","event_at":1767225600002,"old":{"email":"a","event_id":"event_1","event_at":1767225600001},"new":{"email":"b","event_id":"event_2","event_at":1767225600002}}
	{"table":"user","key":{"id":"user_1"},"op":"delete","event_id":"event_3","event_at":1767225600003,"old":{"email":"b","event_id":"event_2","event_at":1767225600002}}
	END
}

@test "changes: values are of their columns' types, and exact" {
	{
		person 1 created '"email":"a\u0007\"","email_verified":true,"created_at":"2026-01-01T00:00:00.007Z","metadata":{"n": 12345678901234567890, "l": ["\u00e9"]}'
		person 2 updated '"email_verified":false,"metadata":null'
		event event_3 connection.saml_certificate_renewal_required \
		    2026-01-01T00:00:01Z '{"connection":{"id":"c"},"certificate":{},"days_until_expiry":9007199254740991}'
	} | told >out
	jq -c 'del(.new.event_id, .new.event_at, .old.event_id, .old.event_at) |
	    [.table, .op, .old, .new]' out | grep -v '"metadata"' >less || :
	diff - less <<-'END'
	["connection_certificate","insert",null,{"event_type":"connection.saml_certificate_renewal_required","connection_id":"c","days_until_expiry":9007199254740991}]
	END
	grep -qF '"email":"a\u0007\"","email_verified":true,"created_at":1767225600007,"metadata":{' out
	grep -qF '"n":12345678901234567890' out
	grep -qF '"new":{"email":null,"email_verified":false,"created_at":null,"metadata":null,' out
}

@test "changes: what is there already tells nothing, whatever the batches" {
	{
		person 1 created '"email":"a"'
		person 2 updated '"email":"b"'
	} >in.jsonl
	told <in.jsonl >out
	[ "$(wc -l <out)" -eq 2 ]
	run -0 told --batch 1 <in.jsonl
	assert_output ''
}

@test "changes: what goes with a parent is the event's, too" {
	{
		person 1 created
		for n in 2 3; do
			event "event_$n" organization_membership.created "2026-01-01T00:00:00.00${n}Z" \
			    "{\"id\":\"om_$n\",\"user_id\":\"user_1\",\"organization_id\":\"org_1\"}"
		done
	} | told >/dev/null
	person 4 deleted | told | jq -c '[.table, .key.id, .op, .event_id]' | sort >out
	diff - out <<-'END'
	["organization_membership","om_2","delete","event_4"]
	["organization_membership","om_3","delete","event_4"]
	["user","user_1","delete","event_4"]
	END
}

@test "changes: of several to a row in one event, what differs before and after" {
	person 1 created '"email":"a"' | told >/dev/null
	by_hand event_x "UPDATE \"user\" SET \"email\"='b' WHERE \"id\"='user_1';" \
	    "UPDATE \"user\" SET \"locale\"='de' WHERE \"id\"='user_1';" \
	    "UPDATE \"user\" SET \"email\"='c' WHERE \"id\"='user_1';" >out
	by_hand event_y "DELETE FROM \"user\" WHERE \"id\"='user_1';" \
	    "INSERT INTO \"user\" (\"id\",\"email\") VALUES ('user_1','d');" >>out
	by_hand event_z "INSERT INTO \"user\" (\"id\") VALUES ('user_2');" \
	    "DELETE FROM \"user\" WHERE \"id\"='user_2';" >>out
	by_hand event_z "UPDATE \"user\" SET \"email\"='e' WHERE \"id\"='user_1';" \
	    "UPDATE \"user\" SET \"email\"='d' WHERE \"id\"='user_1';" >>out
	jq -c '[.op, .old.email, .new.email, .new.locale]' out >short
	diff - short <<-'END'
	["update","a","c","de"]
	["update","c","d",null]
	END
}

@test "changes: rows that can't be told are said to be unknown" {
	person 1 created | told >/dev/null
	by_hand event_x "UPDATE \"user\" SET \"email\"='b';" >out
	by_hand event_x "UPDATE \"user\" SET \"email\"='c' WHERE \"id\"='x' OR \"email\"='b';" >>out
	by_hand event_x "UPDATE \"user\" SET \"id\"='y' WHERE \"id\"='user_1';" >>out
	by_hand event_x "UPDATE \"user\" SET \"email\"='d' WHERE \"id\"='nobody' AND \"email\"='c';" >>out
	diff - out <<-'END'
	{"table":"user","key":null,"op":"unknown","event_id":null,"event_at":null}
	{"table":"user","key":null,"op":"unknown","event_id":null,"event_at":null}
	{"table":"user","key":null,"op":"unknown","event_id":null,"event_at":null}
	END
}

@test "changes: what is parked is not told, and what was taken back only once" {
	forbid "$db" user 'not here' "new.email = 'bad'"
	{
		user 1
		user 2 bad
		user 3
		echo '{"id":"event_4","event":"user.created","data":{}}'
	} >in.jsonl
	run -3 --separate-stderr told <in.jsonl
	assert_equal "$(jq -r .key.id <<<"$output" | xargs)" "user_1 user_3"
}

@test "changes: --parked-retry tells what is applied now" {
	forbid "$db" user 'not here' "new.email = 'bad'"
	{ user 1 bad; user 2; } >in.jsonl
	run -3 told <in.jsonl
	if [[ $DBKIND == postgres ]]; then
		sql "$db" 'DROP TRIGGER forbid ON "user"'
	else
		sql "$db" 'DROP TRIGGER forbid_user'
	fi
	wos-apply --parked-retry --changes "$db" | jq -c '[.op, .key.id, .event_id]' >out
	diff - out <<<'["insert","user_1","event_1"]'
}

# item TABLE SECOND DATA: one of a list.
item() {
	printf '{"object":"list_item","of":"%s","listed_at":"2026-01-02T00:00:0%s.000Z","data":%s}\n' "$@"
}

@test "changes: an item of a list has no event, but a time; an event fills what lists lack" {
	{
		item connection 1 '{"id":"conn_1","name":"a","updated_at":"2026-01-02T00:00:00.000Z"}'
		event event_1 connection.activated 2026-01-01T00:00:00Z \
		    '{"id":"conn_1","name":"old","external_key":"key","updated_at":"2026-01-01T00:00:00.000Z"}'
		item connection 1 '{"id":"conn_1","name":"a","updated_at":"2026-01-02T00:00:00.000Z"}'
	} | told | jq -c '[.op, .event_id, .event_at, .old, .new.name, .new.external_key]' >out
	diff - out <<-'END'
	["insert",null,1767312001000,null,"a",null]
	["update","event_1",1767225600000,{"external_key":null},null,"key"]
	END
}

# group_1 MS and so on: om_1 is that user's, and in group_1.
membership() {
	event "event_m$1" organization_membership.updated "2026-01-01T00:00:00.00$1Z" \
	    "{\"id\":\"om_1\",\"user_id\":\"$2\",\"organization_id\":\"org_1\",\"updated_at\":\"2026-01-01T00:00:00.00$1Z\"}"
}

@test "changes: what leaves and comes back with its parent has no event of its own" {
	{
		membership 1 user_1
		event event_g group.member_added 2026-01-01T00:00:00.002Z \
		    '{"group_id":"group_1","organization_membership_id":"om_1"}'
		event event_d user.deleted 2026-01-01T00:00:00.005Z '{"id":"user_1"}'
	} | told >/dev/null
	membership 3 user_2 | told | jq -c '[.table, .op, .event_id, .new.event_id]' >out
	diff - out <<-'END'
	["organization_membership","insert","event_m3","event_m3"]
	["group_member","insert",null,"event_g"]
	END
	membership 4 user_1 | told | jq -c '[.table, .op, .event_id]' | sort >out
	diff - out <<-'END'
	["group_member","delete",null]
	["organization_membership","delete",null]
	END
}

# bats test_tags=slow
@test "changes: more of them in one event than are kept in memory" {
	local rows=6000 unknown=0

	# An answer of D1 has no room for more: see wos-apply(1).
	[[ $DBKIND != d1 ]] || rows=2000 unknown=1
	awk 'BEGIN {
		for (n = 1; n <= 6000; n++)
			printf "{\"id\":\"event_%d\",\"event\":\"organization_membership.created\",\"created_at\":\"2026-01-01T00:00:00Z\",\"data\":{\"id\":\"om_%d\",\"user_id\":\"user_%d\",\"organization_id\":\"org_1\",\"role\":{\"slug\":\"%0100d\"}}}\n", n, n, n, n
	}' >in.jsonl
	told <in.jsonl >out
	assert_equal "$(wc -l <out)" 6000
	event event_x organization.deleted 2026-01-02T00:00:00Z '{"id":"org_1"}' >gone.jsonl
	told <gone.jsonl >gone
	assert_equal "$(jq -r 'select(.op == "delete" and .event_id == "event_x") |
	    .old.role_slug' gone | sort -u | wc -l)" "$rows"
	assert_equal "$(jq -r 'select(.op == "unknown") | .table' gone | wc -l)" "$unknown"
	assert_equal "$(wc -l <gone)" $((rows + unknown))
}

@test "changes: a reader that goes away: what is committed is there, and told again" {
	local reader status=0

	mkfifo reader
	head -n 3 reader >first &
	reader=$!
	feed gone bash -c 'exec wos-apply --changes "$1" >reader' - "$db"
	users 1 3 | wos-decode >&"$FEED"
	wait "$reader"
	users 4 6 | wos-decode >&"$FEED"
	until_sql "$db" 6 'SELECT count(*) FROM "user"'
	users 7 9 | wos-decode >&"$FEED"
	ended || status=$?
	assert_equal "$status" 1
	assert_regex "$(<gone.err)" "^wos-apply: stdin: line [0-9]*: standard output: Broken pipe: changes that are committed were not told: --changes-after event_3 tells them\$"
	assert_equal "$(wos-apply --cursor "$db")" event_6
	wos-apply --changes-after event_3 "$db" >again
	users 1 9 | wos-decode | wos-apply --after event_6 --changes "$db" >rest
	assert_equal "$(cat first again rest | jq -r .key.id | xargs)" "$(echo user_{1..9})"
}

@test "changes: a full disk in the place of a reader" {
	[ -c /dev/full ] || skip "there is no /dev/full"
	users 1 2 | wos-decode >in.sql
	run -1 --separate-stderr bash -c 'wos-apply --changes "$1" in.sql >/dev/full' - "$db"
	assert_regex "$stderr" "standard output: No space left on device: changes that are committed were not told: --changes-after the last event that was told tells them\$"
	assert_equal "$(ids "$db")" "user_1 user_2"
}

# bats test_tags=slow
@test "changes: a slow reader keeps nobody from writing" {
	users 1 3000 | wos-decode >in.sql
	users 3001 3001 | wos-decode >other.sql
	mkfifo reader
	wos-apply --changes --batch 1000 "$db" in.sql >reader &
	STARTED+=("$!")
	exec {slow}<reader
	until_true says "$db" 1 'SELECT count(*) FROM (SELECT 1 FROM "user" LIMIT 1) AS one'
	wos-apply --no-cursor "$db" other.sql
	cat <&"$slow" >out
	wait "${STARTED[-1]}"
	assert_equal "$(wc -l <out)" 3000
	assert_equal "$(sql "$db" 'SELECT count(*) FROM "user"')" 3001
}

@test "changes: lines come after each commit, while the stream goes on" {
	feed live wos-apply --changes "$db"
	user 1 | wos-decode >&"$FEED"
	until_true grep -q '"user_1"' live.out
	user 2 | wos-decode >&"$FEED"
	until_true grep -q '"user_2"' live.out
	ended
}

# bats test_tags=slow
@test "changes: --changes-after tells the same again, from each event on" {
	newdb new
	"$ROOT/test/gen/state" --good --events 300 1 >in.jsonl
	wos-decode in.jsonl | wos-apply --batch 40 --changes "$new" | grep -v '"event_id":null,"event_at"' >all
	for n in 5 150 290; do
		last=$(sed -n "${n}p" in.jsonl | jq -r .id)
		sed 1,"$n"d in.jsonl | jq -r .id >ids
		jq -c --rawfile ids ids '($ids | split("\n")) as $after |
		    select(.event_id as $id | $after | index($id))' all >want
		wos-apply --changes-after "$last" "$new" >got
		grep -v '"event_id":null,"event_at"' got | jq -c . >lines
		diff <(sort want) <(sort lines)
		diff <(jq -r .event_id want | uniq) <(jq -r .event_id lines | uniq)
	done
	dump "$new" >before
	wos-apply --changes-after "$(wos-apply --cursor "$new")" "$new" >got
	[ ! -s got ]
	diff before <(dump "$new")
}

@test "changes: --changes-after tells of lists that came later, at the end" {
	{
		item connection 1 '{"id":"conn_1","name":"before"}'
		event event_1 user.created 2026-01-02T00:00:02Z '{"id":"user_1"}'
		item connection 3 '{"id":"conn_2","name":"later"}'
		event event_2 user.created 2026-01-02T00:00:04Z '{"id":"user_2"}'
	} | wos-decode | wos-apply "$db"
	wos-apply --changes-after event_1 "$db" | jq -r '"\(.op) \(.key.id) \(.event_id)"' >out
	diff - out <<-'END'
	insert user_2 event_2
	insert conn_2 null
	END
}

@test "changes: exit 1 and 2: what --changes-after can't begin with, and what does not go with --changes" {
	run -1 --separate-stderr wos-apply --changes-after event_9 "$db"
	assert_regex "$stderr" ": event_9: not an event of the ledger\$"
	run -1 --separate-stderr wos-apply --changes-after event_9 nothing.db
	assert_equal "$stderr" "wos-apply: nothing.db: no such database"
	run -2 wos-apply --changes --dry-run "$db"
	assert_output "wos-apply: --changes: it does not go with --dry-run"
	run -2 wos-apply --changes --verify "$db"
	run -2 wos-apply --changes --export "$db"
	run -2 wos-apply --changes --changes-after event_1 "$db"
}

@test "changes: exit 2: --notify, where nobody is notified, and what is no channel" {
	newdb other
	[[ $DBKIND != postgres ]] || other=other.db
	run -2 wos-apply --notify "$other" </dev/null
	assert_output "wos-apply: --notify: $other: only PostgreSQL notifies anyone"
	for no_such in "$(printf 'x%.0s' {1..64})" '' $'\xff'; do
		run -2 wos-apply --notify="$no_such" "$db" </dev/null
		assert_output --partial "not the name of a channel"
	done
}

# listen CHANNEL: starts psql as a listener; heard LINES prints, when the last of so
# many has come, what was sent.
listen() {
	mkfifo psql.in
	psql -XAtq "$db" <psql.in >psql.out 2>&1 &
	STARTED+=("$!")
	exec {PSQL}>psql.in
	printf 'LISTEN "%s";\nSELECT %s;\n' "$1" "'listening'" >&"$PSQL"
	until_true grep -q listening psql.out
}

ask_again() {
	echo ';' >&"$PSQL"
	[ "$(grep -c '^Asynchronous' psql.out)" -ge "$1" ]
}

heard() {
	until_true ask_again "$1"
	sed -n 's/^Asynchronous notification "[^"]*" with payload "\(.*\)" received from .*/\1/p' psql.out
}

# bats test_tags=postgres
@test "changes: --notify sends them with the commit, by itself or beside standard output" {
	listen wos_changes
	forbid "$db" user 'not here' "new.email = 'bad'"
	{ user 1; user 2 bad; user 3; } | wos-decode >in.sql
	run -3 --separate-stderr wos-apply --changes --notify "$db" in.sql
	assert_equal "$(heard 2)" "$output"
	event event_9 user.deleted 2026-02-01T00:00:00Z '{"id":"user_1"}' | wos-decode |
		wos-apply --no-cursor --notify "$db" >out
	[ ! -s out ]
	assert_equal "$(heard 3 | tail -n 1 | jq -c '[.op, .event_id]')" '["delete","event_9"]'
}

# bats test_tags=postgres
@test "changes: --notify leaves out values that are too long, and has another channel" {
	listen "my channel"
	person 1 created "\"locale\":\"de\",\"email\":\"$(printf 'x%.0s' {1..8000})\"" | wos-decode |
		wos-apply --notify="my channel" "$db"
	assert_equal "$(heard 1)" '{"table":"user","key":{"id":"user_1"},"op":"insert","event_id":"event_1","event_at":1767225600001,"columns":["email","locale","event_id","event_at"]}'
}
