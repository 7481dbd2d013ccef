# SPDX-License-Identifier: MIT
# wos-fetch --known: is it the environment of these users and organizations?

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2016,SC2154	# quoted for another shell; set by run

load helper
load fetch

# known [options]: in a hurry, and without the API's time.  What hangs is a
# failure, not a wait.
known() {
	local status

	timeout 300 wos-fetch --known --retry-pause 1 "$@" >answers
	status=$?
	sed '/^date [0-9]*$/d' answers
	return "$status"
}

NONE='the key looks like one of another environment'

@test "known: the first object that the API knows is enough" {
	api --objects events "$DATA/sample.jsonl"
	user=$(jq -r 'select(.event == "user.updated").data.id' \
	    "$DATA/sample.jsonl" | tail -n 1)
	run -0 --separate-stderr known <<-END
		user user_gone
		organization org_gone
		user $user
		user user_later
	END
	assert_output "unknown user user_gone
unknown organization org_gone
known user $user"
	[ -z "$stderr" ]
	diff - <(asked '.method + " " + .path') <<-END
		GET /user_management/users/user_gone
		GET /organizations/org_gone
		GET /user_management/users/$user
	END
	[ "$(asked '.headers.authorization, (.query | length)' | sort -u | xargs)" = '0 matched' ]
	[ "$(asked .connection | sort -u)" = 1 ]
}

@test "known: a key that knows none of them is another environment's" {
	for how in --objects=none --objects=events\ --old-not-found; do
		# shellcheck disable=SC2086 # two options
		api $how "$DATA/sample.jsonl"
		run -1 --separate-stderr known <<-END
			user user_1
			organization org_1
		END
		assert_output $'unknown user user_1\nunknown organization org_1'
		[ "$stderr" = "wos-fetch: the API knows none of 2 users and organizations of the database: $NONE" ]
		api_stop
	done
}

@test "known: what the API does not tell is no proof" {
	api --fault 1:403:Not\ yours --fault 2:422:id --fault 3:400:No "$DATA/sample.jsonl"
	run -0 --separate-stderr known <<-END
		user user_1
		organization org_1
		user user_2
	END
	assert_output $'untold user user_1\nuntold organization org_1\nuntold user user_2'
	[ -z "$stderr" ]
	# One of them is unknown, and none known.
	api --objects none --fault 1:403 "$DATA/sample.jsonl"
	run -1 --separate-stderr known < <(printf 'user user_1\nuser user_2\n')
	assert_output $'untold user user_1\nunknown user user_2'
	[[ $stderr == *'none of 1 users'*"$NONE" ]]
}

# bats test_tags=slow
@test "known: it is the status that counts, whatever the body" {
	for body in html empty nul long:5 wrong:body-null; do
		api --fault "every:$body" "$DATA/sample.jsonl"
		run -0 known <<<'user user_1'
		assert_output 'known user user_1'
		api_stop
	done
	head -c 1000 /dev/urandom >noise
	api --fault every:body:404:noise "$DATA/sample.jsonl"
	run -1 --separate-stderr known <<<'user user_1'
	assert_output 'unknown user user_1'
}

@test "known: without objects it asks for the API's time" {
	api --date -86400 "$DATA/sample.jsonl"
	run -0 wos-fetch --known </dev/null
	[[ $output =~ ^date\ ([0-9]{10})000$ ]]
	age=$(($(date +%s) - BASH_REMATCH[1]))
	((age >= 86400 && age < 86500))
	[ "$(requests)" = 1 ]
	WORKOS_API_KEY=sk_test_other run -1 known </dev/null
	assert_output --partial Unauthorized
}

@test "known: with --if-known, events come if the API knows one of the objects" {
	user=$(jq -r 'select(.event == "user.updated").data.id' \
	    "$DATA/sample.jsonl" | tail -n 1)
	api --objects events "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-fetch --since 2026-01-01 --if-known organization=org_gone \
	    --if-known "user=$user" --if-known user=user_later
	assert_equal "$output" "$(<"$DATA/sample.jsonl")"
	assert_equal "$(asked .path | head -n 3)" \
	    $'/organizations/org_gone\n/user_management/users/'"$user"$'\n/events'
	api_stop
	api --objects none "$DATA/sample.jsonl"
	run -1 --separate-stderr wos-fetch --since 2026-01-01 --if-known user=a --if-known user=b=c
	assert_output ''
	assert_equal "$stderr" \
	    "wos-fetch: the API knows none of 2 users and organizations of the database: $NONE"
	assert_equal "$(asked .path)" $'/user_management/users/a\n/user_management/users/b%3Dc'
	for wrong in user user= =a group=a user=.. $'user=a\tb' \
	    "user=$(head -c 513 /dev/zero | tr '\0' x)"; do
		run -2 wos-fetch --if-known "$wrong"
	done
	# shellcheck disable=SC2046 # many options
	run -2 wos-fetch $(seq -f '--if-known user=user_%g' 21)
	assert_output --partial "--if-known: user=user_21: there are too many of them"
}

@test "known: an id is one segment of the path, whatever is in it" {
	api --objects none "$DATA/sample.jsonl"
	printf 'user %s\n' '../events' 'a/b' '?limit=1' '#x' 'a%2Fb' 'a b' '...' \
	    '%2e%2e' 'ä' '&x=1;$(id)`id`' >ids
	printf 'user \xff\xfe\n' >>ids
	run -1 --separate-stderr known <ids
	sed 's/^/unknown /' ids >want
	diff <(echo "$output") want
	[ "$(requests)" = 11 ]
	asked .path >paths
	run ! grep -v '^/user_management/users/[^/]*$' paths
	diff <(sed 's/^user //' ids) <(python3 -c 'import sys, urllib.parse
for line in sys.stdin.buffer:
    path = line.rstrip(b"\n").rpartition(b"/")[2]
    sys.stdout.buffer.write(urllib.parse.unquote_to_bytes(path) + b"\n")' <paths)
	[ "$(asked '.query | length' | sort -u)" = 0 ]
	long=$(head -c 512 /dev/zero | tr '\0' x)
	run -1 --separate-stderr known <<<"user $long"
	assert_output "unknown user $long"
}

# bats test_tags=slow
@test "known: what can't be an id is refused, and nothing is asked" {
	api "$DATA/sample.jsonl"
	for line in 'user ' 'user .' 'user ..' $'user a\tb' $'user a\eb' $'user a\x7f' \
	    $'user a\r' "user $(head -c 513 /dev/zero | tr '\0' x)" user '' 'group g_1' \
	    'USER u' 'users u' ' user u'; do
		run -2 --separate-stderr known < <(printf 'user user_1\n%s\n' "$line")
		[ -z "$output" ]
		[[ $stderr == 'wos-fetch: standard input: line 2: '* ]]
		[ "${#stderr_lines[@]}" = 1 ]
	done
	run -2 --separate-stderr known < <(printf 'user a\0b\n')
	run -2 --separate-stderr known < <(printf 'user user_1')
	[[ $stderr == *'cut short'* ]]
	run -2 --separate-stderr known < <(seq -f 'user user_%g' 21)
	[[ $stderr == *'line 21: '*20* ]]
	run -2 timeout 300 "$ROOT/test/api/peak" 32768 wos-fetch --known < <(head -c 100000000 /dev/zero)
	run -1 bash -c 'wos-fetch --known <&-'
	[ "$(requests)" = 0 ]
}

@test "known: 20 objects, and no more requests than that" {
	api --objects none "$DATA/sample.jsonl"
	run -1 known < <(seq -f 'organization org_%g' 20)
	[ "$(requests)" = 20 ]
	assert_output --partial 'none of 20 users and organizations'
}

@test "known: a wrong key is refused as for events" {
	api "$DATA/sample.jsonl"
	WORKOS_API_KEY=sk_other run -1 --separate-stderr known <<<'user user_1'
	[ -z "$output" ]
	[[ $stderr == 'wos-fetch: '*'/user_management/users/user_1: 401: Unauthorized'* ]]
	unset WORKOS_API_KEY
	run -2 known <<<'user user_1'
}

# bats test_tags=slow
@test "known: faults heal as for events, or it is 75" {
	api --fault 1:429:0 --fault 2:503 --fault 3:reset --fault 4:drop "$DATA/sample.jsonl"
	run -0 --separate-stderr known <<<'user user_1'
	assert_output 'known user user_1'
	[ "${#stderr_lines[@]}" = 4 ]
	api_stop
	for fault in 500 429 drop hang; do
		api --fault "2+:$fault" --objects events "$DATA/sample.jsonl"
		run -75 --separate-stderr known --retries 2 --timeout 1 \
		    < <(printf 'user user_1\nuser user_2\nuser user_3\n')
		assert_output 'unknown user user_1'
		[[ ${stderr_lines[-1]} == *'/user_management/users/user_2: '*': given up after 3 tries' ]]
		# libcurl itself may notice a dead connection.
		until_true eval '(($(requests) >= 4))'
		api_stop
	done
	api --fault every:429:86400 "$DATA/sample.jsonl"
	run -75 known <<<'user user_1'
	WORKOS_BASE_URL=http://127.0.0.1:1 run -75 known <<<'user user_1'
}

@test "known: a redirect tells nothing, and is not followed" {
	api --fault every:redirect "$DATA/sample.jsonl"
	run -1 --separate-stderr known <<<'user user_1'
	[ -z "$output" ]
	[[ $stderr == *302* && $stderr != *"$NONE"* ]]
}

@test "known: keeps to --rate" {
	api --objects none "$DATA/sample.jsonl"
	run -1 known --rate 5/0.5 < <(seq -f 'user user_%g' 12)
	jq -s -e '.[11].start - .[0].start >= 900' "$LOG"
}

@test "known: the API's time comes last" {
	api "$DATA/sample.jsonl"
	run -0 wos-fetch --known <<<'user user_1'
	assert_line --index 0 'known user user_1'
	[[ ${lines[1]} =~ ^date\ [0-9]{10}000$ ]]
	at=${lines[1]#date }
	(($(date +%s) - at / 1000 < 100))
	assert_equal "${#lines[@]}" 2
}

@test "known: the key is in no message" {
	api --fault 1:echo-key:403 --fault 2:echo-key:404 --fault 3:echo-key:401 "$DATA/sample.jsonl"
	run -1 --separate-stderr known -v < <(seq -f 'user user_%g' 3)
	no_key <(echo "$output$stderr")
	[ "$(grep -c 'users/user_[123]: 40[134], ' <<<"$stderr")" = 3 ]
}

@test "known: takes the options of a run for events, and is not moved by them" {
	api "$DATA/sample.jsonl"
	EVENTS_RANGE_START=soon run -0 known --after event_1 --events user.created \
	    --organization org_1 --max 1 --margin 1m --tail-file tail --follow \
	    --jobs 8 --progress <<<'user user_1'
	assert_output 'known user user_1'
	[ "$(requests)" = 1 ]
	[ ! -e tail ]
	echo "$API_KEY" >key
	WORKOS_BASE_URL=http://127.0.0.1:1 WORKOS_API_KEY=sk_wrong run -0 known \
	    --api-key-file key --base-url "$API_URL/" --log-format json \
	    --timeout 10 --retries 1 <<<'user user_1'
	assert_output 'known user user_1'
	# It is another thing than to read files.
	run -2 known ids <<<'user user_1'
	run -2 known --from ids <<<'user user_1'
	[ "$(requests)" = 2 ]
}

@test "known: standard output that can't be written is a failure" {
	api "$DATA/sample.jsonl"
	run -1 bash -c 'echo user u | wos-fetch --known >/dev/full'
	run -1 bash -c 'echo user u | wos-fetch --known >&-'
}

@test "known: a signal ends it" {
	api --fault every:503:100 "$DATA/sample.jsonl"
	mkfifo err
	echo user user_1 >ids
	wos-fetch --known <ids >out 2>err 3>&- &
	pid=$!
	STARTED+=("$pid")
	exec 8<err
	IFS= read -r -t 100 <&8 # trying again in 100 s
	kill -TERM "$pid"
	ends_with 143 "$pid"
}
