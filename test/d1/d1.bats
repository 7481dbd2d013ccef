# SPDX-License-Identifier: MIT
# What is D1's own: one request is one transaction, answers are late or lost, and
# limits and quotas are not an event's fault.  What it shares with the others is in
# the files that test/check-d1 runs with it.

load ../helper
load ../stream

setup() {
	# shellcheck disable=SC2034 # newdb reads it
	DBKIND=d1
	wos_setup
	newdb app
}

apply() {
	wos-decode | wos-apply "$@"
}

# lite DUMP: what SQLite makes of in.jsonl.
lite() {
	wos-decode in.jsonl >in.sql
	wos-apply lite.db in.sql
	dump lite.db >"$1"
}

# same WANT: what $app holds.
same() {
	diff "$1" <(dump "$app")
}

# ready FROM TO: the database has its tables, and in.sql is to add these users.
ready() {
	users "$1" "$2" | wos-decode >in.sql
	wos-apply "$app" </dev/null
}

# ------------------------------------------------------------------- the same

@test "d1: the same tables as SQLite, row for row, and the same lines" {
	"$ROOT/test/gen/state" --good 3 >in.jsonl
	cat "$DATA"/sample.jsonl "$DATA"/fetch-exact.jsonl >>in.jsonl
	"$ROOT/test/bench/generate" 2000 >>in.jsonl
	lite want
	wos-apply "$app" in.sql
	same want
	diff <(rows lite.db) <(rows "$app")
	diff <(wos-apply --export lite.db) <(wos-apply --export "$app")
	(($(rows "$app" | wc -l) > 3000))
	diff <(sql lite.db .schema | sort) <(sql "$app" .schema | grep -v _cf_ | sort)
	# And all of them again change nothing.
	wos-apply "$app" in.sql
	same want
}

@test "d1: numbers and texts that JSON or JavaScript could spoil" {
	local n

	for n in 9007199254740991 9007199254740993 -9007199254740993 \
	    9223372036854775807 -9223372036854775808; do
		group "e$n" "INSERT INTO \"user\" (\"id\",\"created_at\",\"email_verified\",\"email\")
			VALUES ('$n',$n,TRUE,'$n'),('x$n',0,FALSE,'1e5');"
	done >in.sql
	group e "INSERT INTO \"user\" (\"id\",\"name\") VALUES ('odd','\"\\ '' \$1 ?1 ; -- /* 😀
		é $(printf '\001\033\177') %s BEGIN TRANSACTION; COMMIT; null');" >>in.sql
	wos-apply lite.db in.sql
	wos-apply "$app" in.sql
	diff <(dump lite.db) <(dump "$app")
	diff <(sql lite.db 'SELECT typeof(id), typeof(created_at), typeof(email_verified) FROM user') \
	    <(sql "$app" 'SELECT typeof(id), typeof(created_at), typeof(email_verified) FROM user')
}

@test "d1: bytes that are no UTF-8 become U+FFFD, and NUL stays" {
	printf '{"object":"event","id":"event_1","event":"user.created","data":{"object":"user","id":"user_1","email":"a\xff\xc3b","name":"\\u0000"},"created_at":"2026-01-01T00:00:00.000Z"}\n' |
	    apply "$app"
	assert_equal "$(sql "$app" 'SELECT email FROM user')" $'a\uFFFD\uFFFDb'
	assert_equal "$(wos-apply --export "$app" | jq -r .data.id)" user_1
}

@test "d1: by its name, by its UUID, and by nobody else's" {
	local uuid=${D1[$app]#*'"uuid":"'}

	uuid=${uuid%%'"'*}
	users 1 2 | apply "$app"
	users 3 4 | apply --after event_2 "d1:$D1_ACCOUNT/$uuid"
	assert_equal "$(wos-apply --cursor "$app")" event_4
	run -1 wos-apply --cursor "d1:$D1_ACCOUNT/nowhere"
	assert_output --partial 'no D1 database of this name'
	run -1 wos-apply --cursor "d1:$D1_ACCOUNT/00000000-0000-0000-0000-000000000000"
	assert_output --partial 'could not be found'
	run -1 wos-apply --cursor "d1:00000000000000000000000000000000/${app#*/}"
	run -2 wos-apply --cursor "d1:$D1_ACCOUNT"
	run -2 wos-apply --cursor "d1:$D1_ACCOUNT/a/b"
	run -2 wos-apply --cursor "d1:$D1_ACCOUNT/a?b"
}

@test "d1: the token is needed, right, and never shown" {
	local token=geheim_0123456789

	CLOUDFLARE_API_TOKEN=$token run -1 wos-apply -v "$app" </dev/null
	assert_output --partial 'Authentication error'
	refute_output --partial geheim
	run -2 env -u CLOUDFLARE_API_TOKEN wos-apply "$app" </dev/null
	assert_output --partial CLOUDFLARE_API_TOKEN
	printf '%s\n' "$CLOUDFLARE_API_TOKEN" >token
	chmod 600 token
	users 1 2 | wos-decode |
	    env -u CLOUDFLARE_API_TOKEN wos-apply --api-token-file token "$app"
	assert_equal "$(ids "$app")" 'user_1 user_2'
	# Not where anyone could read it on the way.
	CLOUDFLARE_API_BASE_URL=http://api.example run -2 wos-apply --cursor "$app"
	refute_output --partial "$CLOUDFLARE_API_TOKEN"
}

@test "d1: a database without our tables has nothing to print, and is left alone" {
	for question in --cursor --export --parked; do
		run -0 wos-apply "$question" "$app"
		assert_output ''
	done
	assert_equal "$(sql "$app" "SELECT count(*) FROM sqlite_master WHERE name NOT LIKE '\_cf%' ESCAPE '\'")" 0
}

@test "d1: a dry run can't be had, and it says why" {
	ready 1 2
	run -1 --separate-stderr wos-apply --dry-run "$app" in.sql
	assert_output ''
	assert_regex "$stderr" '^wos-apply: .*D1'
	assert_equal "$(ids "$app")" ''
}

# -------------------------------------------------- requests, and what they cost

@test "d1: few requests, none too large, and -v tells how many" {
	"$ROOT/test/bench/generate" 2000 >in.jsonl
	wos-apply "$app" </dev/null
	before=$(d1_number "$app" true)
	wos-decode in.jsonl | wos-apply -v "$app" 2>err
	made=$(($(d1_number "$app" true) - before))
	((made <= 16))
	assert_regex "$(<err)" "$made requests"
	assert_equal "$(d1_number "$app" '.bytes > 2000000')" 0
}

# What wos-d1(7) and README.md say that it costs.
@test "d1: an event writes about seven rows, a run that finds nothing asks some twenty times" {
	local before rows

	"$ROOT/test/bench/generate" 2000 >in.jsonl
	wos-apply "$app" </dev/null
	before=$(d1_written "$app")
	apply "$app" <in.jsonl
	rows=$(($(d1_written "$app") - before))
	((rows > 6 * 2000 && rows < 8 * 2000)) || fail "$rows rows"
	before=$(d1_written "$app")
	apply "$app" <in.jsonl
	rows=$(($(d1_written "$app") - before))
	((rows < 3 * 2000)) || fail "$rows rows, again"
	newdb app
	api_start "$DATA/sample.jsonl"
	wos-sync "$app"
	before=$(d1_number "$app" true)
	wos-sync "$app"
	asked=$(($(d1_number "$app" true) - before))
	((asked > 15 && asked < 25)) || fail "$asked requests"
}

# --------------------------------------------------------- answers that are lost

@test "d1: an answer lost after the commit, or a request on its way, is no harm" {
	local n fault

	users 1 60 >in.jsonl
	lite want
	for fault in '"cut":true' '"status":524' '"status":500,"message":"internal error"' \
	    '"body":"<html>","status":502' '"status":400,"message":"D1 DB is overloaded. Requests queued for too long."' \
	    '"status":400,"message":"Network connection lost."'; do
		for n in 0 2; do
			for after in true false; do
				newdb app
				wos-apply "$app" </dev/null
				d1_faults "$app" "{\"statements\":10,\"skip\":$n,\"after\":$after,$fault}"
				wos-apply --batch 10 "$app" in.sql 2>err || fail "$fault: $? $(<err)"
				same want
			done
		done
	done
}

@test "d1: at any request, an answer is lost: the same in the end" {
	local n=0

	users 1 20 >in.jsonl
	lite want
	until [[ ${asked:-99} -le $n ]]; do
		newdb app
		d1_faults "$app" "{\"skip\":$n,\"after\":true,\"cut\":true}"
		wos-apply --batch 10 "$app" in.sql 2>err || fail "$n: $? $(<err)"
		same want
		asked=$(d1_number "$app" true)
		((++n))
	done
	((n > 5))
}

@test "d1: with --changes, an answer that is lost leaves no change untold" {
	local after last

	users 1 60 >in.jsonl
	wos-decode in.jsonl >in.sql
	for after in true false; do
		newdb app
		wos-apply "$app" </dev/null
		d1_faults "$app" "{\"statements\":10,\"skip\":2,\"after\":$after,\"cut\":true}"
		if wos-apply --changes --batch 10 "$app" in.sql >out 2>err; then
			[ "$after" = false ] # it was not committed, and so sent again
		else
			assert_equal "$? $after" "1 true"
			last=$(tail -n 1 out | jq -r .event_id)
			grep -q "answer to a commit was lost: .* --changes-after $last tells them\$" err
			wos-apply --changes-after "$last" "$app" >>out
			wos-apply --after "$(wos-apply --cursor "$app")" --changes "$app" in.sql >>out
		fi
		assert_equal "$(jq -r .key.id out | sort -V | xargs)" "$(echo user_{1..60})"
	done
}

@test "d1: an outage is 75, parks nobody, and the next run goes on" {
	users 1 20 >in.jsonl
	lite want
	wos-apply "$app" </dev/null
	dump "$app" >empty
	d1_faults "$app" '{"skip":2,"times":1000,"status":400,"message":"D1 DB storage operation exceeded timeout which caused object to be reset."}'
	run -75 wos-apply "$app" in.sql
	d1_faults "$app"
	same empty
	wos-apply "$app" in.sql
	same want
}

@test "d1: two writers at once: nothing is lost, and the cursor is one's" {
	local one n

	users 1 10 | apply "$app"
	users 11 110 >later
	for n in 1 2; do
		{ [[ $n == 2 ]] || cat later; [[ $n == 1 ]] || { cat later && users 111 115; }; } |
			wos-decode >"$n.sql"
	done
	wos-apply --batch 7 --after event_10 "$app" 1.sql 2>1.err &
	STARTED+=($!)
	one=$!
	wos-apply --batch 10 --after event_10 "$app" 2.sql 2>2.err
	wait "$one"
	assert_equal "$(sql "$app" 'SELECT count(*), count(DISTINCT event_id) FROM events_cursor')" '115|115'
	assert_equal "$(sql "$app" 'SELECT count(*) FROM user')" 115
	[[ $(wos-apply --cursor "$app") =~ ^event_1(1[05]|0[0-9]|[0-9])?$ ]]
	wos-apply "$app" 2.sql
	assert_equal "$(wos-apply --cursor "$app")" event_115
}

# killed N FAULT: wos-apply is killed while its Nth request has this fault; false
# if it has no such request.
killed() {
	newdb app
	d1_faults "$app" "{\"skip\":$1,\"delay\":600000,$2}"
	wos-apply --batch 10 "$app" in.sql 2>err &
	KILLED=$!
	STARTED=("$KILLED")
	until_true hangs "$1"
	kill -KILL "$KILLED" 2>/dev/null || :
	wait "$KILLED" 2>/dev/null && return 1
	(($? == 137)) || fail "$1: $(<err)"
}

hangs() {
	! kill -0 "$KILLED" 2>/dev/null || (($(d1_number "$app" .done) > $1))
}

@test "d1: killed at any request, before it is done or after, the next run converges" {
	local n fault

	users 1 20 >in.jsonl
	lite want
	for fault in '"cut":true' '"cut":true,"after":true'; do
		for ((n = 0; n < 100; n++)); do
			killed "$n" "$fault" || break
			last=$(wos-apply --export "$app" | tail -n 1 | jq -r '.id // empty')
			assert_equal "$(wos-apply --cursor "$app")" "$last"
			wos-apply --batch 10 "$app" in.sql
			same want
		done
		((n > 9 && n < 100))
	done
}

# ------------------------------------------------------------ what is an event's

@test "d1: refused events among many are found, parked with their reason, and no other" {
	local bad

	users 1 600 >in.jsonl
	wos-decode in.jsonl >in.sql
	for bad in 300 1 600 '300 301' '1 250 251 600'; do
		newdb app
		wos-apply "$app" </dev/null
		forbid "$app" user 'not him' "new.id IN ('user_${bad// /\',\'user_}')"
		before=$(d1_number "$app" true)
		run -3 --separate-stderr wos-apply "$app" in.sql
		assert_equal "$stderr" "$(for n in $bad; do
			echo "wos-apply: in.sql: event_$n: line $((n * 4 - 3)): not him: parked"
		done)"
		assert_equal "$(sql "$app" 'SELECT event_id, kind, reason, text FROM parked_event
			ORDER BY length(event_id), event_id')" "$(for n in $bad; do
			echo "event_$n|line|not him|$(sed -n "${n}p" in.jsonl)"
		done)"
		assert_equal "$(sql "$app" 'SELECT count(*) FROM user')" $((600 - $(wc -w <<<"$bad")))
		assert_equal "$(cursor "$app")" event_600
		(($(d1_number "$app" true) - before < 30 * $(wc -w <<<"$bad") + 10))
	done
}

@test "d1: what a deferred constraint refuses at the commit is parked" {
	ready 1 40
	sql "$app" 'CREATE TABLE allowed (id TEXT PRIMARY KEY)' \
	    'CREATE TABLE seen (id TEXT REFERENCES allowed (id) DEFERRABLE INITIALLY DEFERRED)' \
	    "CREATE TRIGGER seen AFTER INSERT ON user WHEN new.id = 'user_17' BEGIN
		INSERT INTO seen VALUES (new.id); END"
	run -3 wos-apply "$app" in.sql
	assert_equal "$(sql "$app" 'SELECT event_id FROM parked_event')" event_17
	assert_equal "$(sql "$app" 'SELECT count(*) FROM user')" 39
	assert_equal "$(cursor "$app")" event_40
}

@test "d1: a line that D1 can't hold is parked, and its neighbours are not" {
	local size

	for size in 90000 150000 1900000 1999000 2000001; do
		newdb app
		{
			user 1
			user 2 LONG@example.com | awk -v n="$size" '{
				for (x = "x"; length(x) < n;) x = x x
				sub(/LONG/, substr(x, 1, n)); print }'
			user 3
		} >in.jsonl
		if ((size < 1900000)); then
			apply "$app" <in.jsonl
			assert_equal "$(ids "$app")" 'user_1 user_2 user_3'
			diff in.jsonl <(wos-apply --export "$app")
		else
			wos-decode in.jsonl >in.sql
			run wos-apply "$app" in.sql
			if ((status == 3)); then
				assert_equal "$(ids "$app")" 'user_1 user_3'
				assert_equal "$(sql "$app" 'SELECT event_id FROM parked_event')" event_2
				assert_output --regexp 'event_2: line .*: parked'
			else
				assert_equal "$status" 0
				assert_equal "$(ids "$app")" 'user_1 user_2 user_3'
			fi
			((status == 3 || size < 2000000))
		fi
		assert_equal "$(cursor "$app")" event_3
	done
}

# ---------------------------------------------------------- what is nobody's fault

@test "d1: a limit, a quota or a text that nobody knows parks nobody" {
	local status message

	ready 1 40
	dump "$app" >empty
	while IFS='|' read -r status wanted message; do
		d1_faults "$app" "{\"times\":1000,\"skip\":1,\"status\":$status,\"message\":\"$message\"}"
		run "-$wanted" wos-apply "$app" in.sql
		assert_output --partial "${message:0:40}"
		d1_faults "$app"
		same empty
	done <<-END
		400|75|Your account has exceeded D1's free tier daily row write limit. Upgrade to a paid plan, or wait until midnight UTC.
		400|1|Exceeded maximum DB size
		400|1|something that nobody has heard of
		400|1|not authorized: SQLITE_AUTH
		400|1|database disk image is malformed: SQLITE_CORRUPT
		400|1|database or disk is full: SQLITE_FULL
		400|1|no such table: main.user: SQLITE_ERROR
		403|1|The account is suspended
		404|1|The database could not be found
	END
	wos-apply "$app" in.sql
	assert_equal "$(sql "$app" 'SELECT count(*) FROM parked_event')" 0
	assert_equal "$(cursor "$app")" event_40
}

@test "d1: too many requests: a short wait is waited for, a long one is 75" {
	ready 1 20
	d1_faults "$app" '{"skip":2,"status":429,"headers":{"retry-after":"1"},"message":"Rate limited"}'
	wos-apply "$app" in.sql
	assert_equal "$(cursor "$app")" event_20
	d1_faults "$app" '{"status":429,"headers":{"retry-after":"300"},"message":"Rate limited","times":1000}'
	users 21 30 | wos-decode >in.sql
	run -75 wos-apply --after event_20 "$app" in.sql
	d1_faults "$app"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM parked_event')" 0
}

@test "d1: a batch that takes too long is made smaller" {
	ready 1 400
	d1_faults "$app" '{"skip":2,"times":3,"status":400,"message":"D1 DB exceeded its CPU time limit and was reset."}'
	wos-apply "$app" in.sql 2>err
	assert_equal "$(sql "$app" 'SELECT count(*) FROM user')" 400
	assert_equal "$(sql "$app" 'SELECT count(*) FROM parked_event')" 0
}

# ---------------------------------------------------------------- what is hostile

@test "d1: a server that commits half of a batch is refused at once" {
	users 1 4 | wos-decode >in.sql
	d1_faults "$app" '{"apart":true,"times":1000}'
	run -1 wos-apply "$app" in.sql
	assert_output --partial atomic
	d1_faults "$app"
	assert_equal "$(sql "$app" "SELECT count(*) FROM sqlite_master WHERE name = 'user'")" 0 ||
		assert_equal "$(ids "$app")" ''
}

@test "d1: answers that are none end the run, and nothing is believed" {
	local body

	ready 1 20
	dump "$app" >empty
	for body in '"body":"<html>"' '"body":"{}"' '"body":"{\"success\":true}"' \
	    '"body":"{\"success\":true,\"result\":[]}"' '"body":"[","repeat":100000' \
	    '"body":"{\"success\":true,\"result\":[{\"meta\":{\"changes\":99}}]}"' \
	    '"body":"{\"success\":true,\"result\":[{\"results\":{\"rows\":[[[[1]]]]}}]}"' \
	    '"body":"x","repeat":30000000' '"body":"{\"success\":false,\"errors\":[]}"'; do
		for n in 0 1 2; do
			d1_faults "$app" "{\"times\":1000,\"skip\":$n,$body}"
			run wos-apply "$app" in.sql
			echo "$body $n: $status: $output"
			((status == 1 || status == 75))
			assert_output --regexp '^wos-apply: '
			d1_faults "$app"
			same empty
		done
	done
}

@test "d1: a commit's answer has a result for each statement, and no other" {
	local n results

	ready 1 20
	for n in 1 1000; do
		results=$(printf '{},%.0s' $(seq "$n"))
		d1_faults "$app" "{\"statements\":2,\"body\":\"{\\\"success\\\":true,\\\"result\\\":[${results%,}]}\"}"
		run -1 wos-apply "$app" in.sql
		assert_output --regexp "about $n statements of [0-9]+$"
	done
	assert_equal "$(wos-apply --cursor "$app")" ''
}

@test "d1: what an error says is shown as text" {
	wos-apply "$app" </dev/null
	d1_faults "$app" '{"times":1000,"status":400,"message":"bad \u001b[31m \u202e things"}'
	run -1 wos-apply --cursor "$app"
	refute_output --partial $'\e'
	refute_output --partial $'\u202e'
}

@test "d1: the file that D1's engine has open is an end, too" {
	users 1 3 | apply "$(d1_file "$app")"
	d1_of "$app" /raw -d '{"sql":"UPDATE user SET email = ?1 WHERE id = ?2","params":["changed","user_1"]}'
	users 4 300 | apply --after event_3 "$(d1_file "$app")"
	assert_equal "$(d1_of "$app" /raw -d '{"sql":"SELECT count(*), min(email), max(email) FROM user"}' |
		jq -c '.[].results.rows')" '[[300,"100@example.com","changed"]]'
	assert_equal "$(sql "$app" 'PRAGMA integrity_check')" ok
	# And either way goes on from the other.
	users 301 302 | apply --after event_300 "$app"
	assert_equal "$(wos-apply --cursor "$(d1_file "$app")")" event_302
}
