#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What became of the last run: on record in the database, told by wos-status, and
# in the metrics.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's, app is newdb's

load helper
load fetch

setup() {
	wos_setup
	export XDG_RUNTIME_DIR=$PWD
	newdb app
}

# last: the first line of wos-status, without times.
last() {
	wos-status "$app" | sed -e 1q |
		sed -E 's/(done|failed|began) [^;:]*( ago| now)/\1 T/; s/, in [0-9.]+ m?s//; s/since .*/since T/'
}

# run_is STATE STATUS REASON: in JSON.
run_is() {
	assert_equal "$(wos-status --json "$app" |
		jq -r '.runs[] | "\(.state) \(.exit_status) \(.reason)"')" "$*"
}

@test "last run: done, and it leads what wos-status says" {
	api "$DATA/sample.jsonl"
	wos-sync "$app"
	assert_equal "$(last)" 'last run: done T'
	run_is "done" 0 null
	run -0 wos-status "$app"
	assert_line --index 1 --partial fresh:
	run -0 wos-status --check "$app"
	refute_output --partial 'last run'
	run -0 wos-status --html - "$app"
	assert_line --partial '<p class="run">Last run: done'
	run -0 sql "$app" 'SELECT ended_at >= began_at AND message IS NULL FROM sync_run'
	assert_output --regexp '^(1|t)$'
}

@test "last run: done, but some events were parked" {
	jq -c 'if .event == "user.created" then del(.data.id) else . end' "$DATA/sample.jsonl" >events
	api events
	run -3 wos-sync "$app"
	run_is parked 3 null
	assert_equal "$(last)" 'last run: done T; events were parked'
}

# bats test_tags=slow
@test "last run: failed, with its status, the reason in a word, and the message" {
	local fault status reason

	api "$DATA/sample.jsonl"
	wos-sync "$app"
	while read -r fault status reason; do
		api_stop
		api --fault "every:$fault" "$DATA/sample.jsonl"
		run "-$status" wos-sync --metrics wos.prom "$app" --retries 0
		run_is failed "$status" "$reason"
		[[ $(last) == "last run: failed T, with status $status ($reason): wos-fetch: "* ]]
		grep -q "^wos_last_run_failure{database=.*,cursor=\"default\",reason=\"$reason\"} 1\$" wos.prom
	done <<-'END'
	401 1 key
	403 1 key
	429:0 75 limit
	503 75 api
	422 1 api
	END
	run wos-status --check "$app"
	assert_output --partial '; last run: status 1 (api): wos-fetch: '
	run wos-status --html - "$app"
	assert_line --partial '<p class="run bad">Last run: failed'
	# A port of which another test can't have made use by now.
	WORKOS_BASE_URL=http://127.0.0.1:1 \
	    run -75 wos-sync --metrics wos.prom "$app" --retries 0
	run_is failed 75 network
	run -1 wos-sync "$app" --api-key-file nowhere
	run_is failed 1 fetch
	[[ $(last) == *'wos-fetch: nowhere: No such file or directory' ]]
	api "$DATA/sample.jsonl"
	wos-sync --metrics wos.prom "$app"
	run_is "done" 0 null
	run ! grep failure wos.prom
	no_key <(sql "$app" 'SELECT message FROM sync_run')
}

@test "last run: each cursor has its own" {
	api "$DATA/sample.jsonl"
	wos-sync "$app"
	run -1 wos-sync --cursor-name other "$app" --api-key-file nowhere
	run wos-status "$app"
	assert_line --index 0 --partial 'last run of default: done'
	assert_line --index 1 --partial 'last run of other: failed'
	assert_equal "$(wos-status --json --cursor-name other "$app" | jq -r '.runs[].cursor')" other
}

@test "last run: the forgotten cursor, and a stream that is refused" {
	head -n 9 "$DATA/sample.jsonl" | wos-decode | wos-apply "$app"
	tail -n 6 "$DATA/sample.jsonl" >events
	api events
	run -4 wos-sync "$app"
	run_is failed 4 forgotten
	printf 'no line' >half
	run -1 wos-sync "$app" --from half
	run_is failed 1 fetch
}

@test "last run: a run that another one keeps out leaves its record alone" {
	api "$DATA/sample.jsonl"
	wos-sync "$app"
	exec 8>"$(wos-apply --lock-file "$app")"
	flock 8
	run -75 wos-sync --metrics wos.prom "$app"
	grep -q 'reason="locked"} 1$' wos.prom
	run_is "done" 0 null
}

@test "last run: one that was killed does not leave the record of the one before" {
	api "$DATA/sample.jsonl"
	wos-sync "$app"
	wos-apply --run-begin "$app"
	run_is 'at work' null null
	assert_equal "$(last)" 'last run: at work since T'
	# Without a sign for longer than --behind, it is no more.
	wos-apply --run-begin --now 1000 "$app"
	sql "$app" 'UPDATE sync_cursor SET moved_at = 1000, tail_seen_at = 1000'
	run_is lost null null
	assert_equal "$(last)" 'last run: began T and never ended: it was killed, or the machine stopped'
	run wos-status --check "$app"
	assert_output --partial '; last run: killed'
	wos-sync "$app"
	run_is "done" 0 null
}

# piped EVENTS END: the pipe of a run that began now applies these, and wos-fetch
# has reported this.
piped() {
	: >errors
	printf '%s\n' 'begins oldest' "$2" >report
	wos-decode "$1" | wos-apply --began "$(date +%s)000" --report 5 "$app" \
	    5<report 9>>errors
}

@test "last run: the pipe notes its beginning, and its end if all is there" {
	export WOS_ERRORS_FD=9
	head -n 3 "$DATA/sample.jsonl" >events
	piped events 'end 3'
	run_is "done" 0 null
	assert_equal "$(<errors)" $'\t0\t0\tdone'
	piped events 'key file'
	run_is 'at work' null null
	[ ! -s errors ]
	piped events 'end 4'
	run_is 'at work' null null
	piped events $'follow 5000\nend 3'
	run_is 'at work' null null
	jq -c 'del(.data.id)' "$DATA/sample.jsonl" >parked
	run -3 piped parked "end $(grep -c '' parked)"
	run_is 'at work' null null
	run -2 wos-apply --dry-run --began 1 "$app"
	assert_output --partial '--began: it does not go with --dry-run'
}

@test "last run: no end of a run before is taken for this one's" {
	api "$DATA/sample.jsonl"
	wos-sync "$app"
	grep -q "done$" "$(wos-apply --lock-file "$app")"
	run -1 wos-sync "$app" --api-key-file nowhere
	run_is failed 1 fetch
	wos-sync "$app" --max 1
	run_is "done" 0 null
}

# bats test_tags=slow
@test "last run: stopped by a signal" {
	local status=0

	api --fault every:hang "$DATA/sample.jsonl"
	wos-apply "$app" </dev/null
	wos-sync "$app" 3>&- &
	STARTED+=($!)
	until_true [ -s "$LOG" ]
	kill -TERM $!
	wait $! || status=$?
	assert_equal "$status" 143
	run_is failed 143 signal
}

@test "last run: a database that can't be written to: a message, and the status is the run's" {
	api "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-apply --run-begin "$app"
	began=$output
	if [[ $DBKIND == sqlite ]]; then
		[ ! -e app.db ]
	fi
	wos-sync "$app"
	sql "$app" 'DROP TABLE sync_run' 'CREATE VIEW sync_run AS SELECT 1 AS name'
	run -0 --separate-stderr wos-apply --run-end 1 --began "$began" "$app" </dev/null
	assert_output sync
	[[ $stderr == *"how the run ended can't be noted"* ]]
}

@test "last run: errors of all programs meet in the file of the lock, bounded" {
	exec 9>>errors
	export WOS_ERRORS_FD=9
	run -1 wos-decode nowhere
	run -1 wos-apply nowhere/app.db </dev/null
	assert_equal "$(cut -f 1-3 errors | xargs)" 'wos-decode 1 0 wos-apply 1 0'
	run -0 wos-apply --run-end 1 --began 1 "$app" <errors
	assert_output database
	head -c 70000 /dev/zero >>errors
	run -1 wos-decode nowhere
	[ "$(wc -c <errors)" -lt 71000 ]
	# A descriptor that is none, or that is not for this, is left alone.
	exec 9>&-
	run -1 wos-decode nowhere
	exec 9>plain
	run -1 wos-decode nowhere
	[ ! -s plain ]
	run -2 wos-apply --metrics wos.prom --exit-status 1 --reason elsewhere "$app"
}
