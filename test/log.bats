# SPDX-License-Identifier: MIT
# --log-format: messages as text and as lines of JSON, for all the programs.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's

load helper
load fetch
load stream
load sync

PROGRAMS=(wos-fetch wos-decode wos-apply wos-otlp wos-sync wos-rebuild wos-status
	wos-verify)

# told FILTER: what the messages in the file err say: told .message
told() {
	jq -r "$1" err
}

# all_json FILE: nothing in it but messages, each whole and on a line of its own.
all_json() {
	[ "$(grep -c '' "$1")" -gt 0 ]
	jq -es 'all(.time | test("^2[0-9]{3}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}\\.[0-9]{3}Z$"))
	    and all(.level | IN("error", "warning", "info"))
	    and all(.program | startswith("wos-"))
	    and all(.message | type == "string" and . != "")
	    and all(.[]; keys_unsorted[:4] == ["time", "level", "program", "message"])' \
	    "$1" >/dev/null || fail "$(cat "$1")"
	[ "$(jq -c . "$1" | grep -c '')" = "$(grep -c '' "$1")" ]
}

# What a line is.

@test "log: a message has time, level, program, text, and then its fields" {
	before=$(date -u +%s)
	printf 'no JSON\n%s\n' "$(user 1)" >lines
	run -3 --separate-stderr wos-decode --log-format=json lines
	echo "$stderr" >err
	all_json err
	assert_equal "$(told 'del(.time) | tojson')" \
	    '{"level":"warning","program":"wos-decode","message":"lines: line 1: not JSON: byte 1: expected a value","file":"lines","line":1}'
	at=$(told '.time | sub("\\.[0-9]+"; "") | fromdate')
	((at >= before && at <= $(date -u +%s)))
}

# bats test_tags=slow
@test "log: any byte of a name comes through as JSON, from C and from bash" {
	local bytes name

	export WOS_LOG_FORMAT=json
	for bytes in $'a"b\\c/d' $'\x01\x1f\x7f\t\n\r' $'\xC2\x80\xC2\x9F\xC2\xA0' \
	    $'\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xEE\x80\x80\xED\x9F\xBF' \
	    $'\xC0\x80\xE0\x80\xAF\xED\xA0\x80\xF4\x90\x80\x80\xF8' \
	    $'\xC3' $'x\xE2\x82' $'\xF0\x9F\x98' $'\x80\xBF\xFE\xFF' '*[a-z]?' '%s%n'; do
		wos-decode "$bytes" 2>err || :
		all_json err
		run ! grep -P '[\x00-\x09\x0B-\x1F\x7F]|\xC2[\x80-\x9F]' err
		iconv -f UTF-8 -t UTF-8 err >/dev/null
		name=$(jq '.message | rtrimstr(": No such file or directory")' err)
		if iconv -f UTF-8 -t UTF-8 <<<"$bytes" >/dev/null 2>&1; then
			assert_equal "$name" "$(printf %s "$bytes" | jq -Rs .)"
		else
			[[ $name == *$'\xEF\xBF\xBD'* ]]
		fi
		wos-status "/nowhere/$bytes" 2>err || :
		all_json err
		run ! grep -P '[\x00-\x09\x0B-\x1F\x7F]|\xC2[\x80-\x9F]' err
		assert_equal "$(jq '.database | ltrimstr("/nowhere/")' err)" "$name"
	done
}

# bats test_tags=slow
@test "log: a line is no longer than a pipe takes at once, and still JSON" {
	local long

	export WOS_LOG_FORMAT=json
	for long in "$(printf '%5000s' x)" "$(printf '\001%.0s' {1..5000})" \
	    "$(printf 'a\303\251%.0s' {1..2000})"; do
		wos-decode "$long" 2>err || :
		all_json err
		[ "$(wc -c <err)" -le 4096 ]
		[ "$(wc -c <err)" -gt 4000 ]
		[[ $(told .message) == *... ]]
		[[ $(told .message) != *$'\xEF\xBF\xBD'* ]]
	done
	for long in "$(printf '\001%.0s' {1..5000})" \
	    "$(printf '\377%.0s' {1..5000})" "$(printf 'a\303\251%.0s' {1..2000})"; do
		wos-status "/nowhere/$long" 2>err || :
		all_json err
		[ "$(wc -c <err)" -le 4096 ]
		[ "$(wc -c <err)" -gt 3000 ]
		[[ $(told .message) == *... ]]
		[[ $(told .database) == /nowhere/*... ]]
	done
	wos-apply "$(printf '/nowhere/%0400d' 0)" </dev/null 2>err || :
	all_json err
	[[ $(told .database) == /nowhere/*... ]]
}

@test "log: --say is how a script says something" {
	run -0 wos-apply --say warning -- '-x y'
	assert_output 'wos-apply: -x y'
	run -0 wos-apply --log-format=json --say warning 'x "y"' exit_status 3 \
	    gap_from 007 database 5 name ''
	echo "$output" >err
	all_json err
	assert_equal "$(told 'del(.time) | tojson')" \
	    '{"level":"warning","program":"wos-apply","message":"x \"y\"","exit_status":3,"gap_from":"007","database":"5"}'
	run -2 wos-apply --say info
}

@test "log: each line is one write" {
	printf '1\n2\n' >lines
	# Of such a socket each read gives what one write has put there.
	python3 - >err <<-'END'
		import socket, subprocess, sys
		ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
		subprocess.run(["wos-decode", "--log-format=json", "lines"],
		               stdout=subprocess.DEVNULL, stderr=its)
		its.close()
		ours.setblocking(False)
		for n in range(2):
		    line = ours.recv(65536)
		    assert line.startswith(b"{") and line.endswith(b"}\n"), line
		    sys.stdout.buffer.write(line)
	END
	all_json err
}

# Which programs, and how they are told.

@test "log: text is the default, and what it says is what it said" {
	printf 'no JSON\n' >lines
	run -3 --separate-stderr wos-decode lines
	assert_equal "$stderr" 'wos-decode: lines: line 1: not JSON: byte 1: expected a value'
	WOS_LOG_FORMAT='' run -3 --separate-stderr wos-decode lines
	[[ $stderr == wos-decode:* ]]
	WOS_LOG_FORMAT=json run -3 --separate-stderr wos-decode --log-format text lines
	[[ $stderr == wos-decode:* ]]
	WOS_LOG_FORMAT=text run -3 --separate-stderr wos-decode --log-format json lines
	[[ $stderr == '{'* ]]
}

@test "log: all programs take the option and the variable, and nothing else" {
	local program usage

	for program in "${PROGRAMS[@]}"; do
		usage=2
		[[ $program != wos-status ]] || usage=3
		run -"$usage" --separate-stderr "$program" --log-format yaml
		assert_equal "$stderr" "$program: --log-format: yaml: neither text nor json"
		WOS_LOG_FORMAT=JSON run -"$usage" --separate-stderr "$program" app.db
		assert_equal "$stderr" "$program: WOS_LOG_FORMAT: JSON: neither text nor json"
		run -"$usage" --separate-stderr "$program" --log-format
		[ -n "$stderr" ]
	done
	[ ! -e app.db ]
}

# bats test_tags=slow
@test "log: wrong usage is told as JSON, too" {
	local program usage

	for program in "${PROGRAMS[@]}"; do
		usage=2
		[[ $program != wos-status ]] || usage=3
		for arguments in --no-such-option --no-such=postgres://u:secret@h -Z; do
			run -"$usage" --separate-stderr "$program" --log-format=json "$arguments"
			echo "$stderr" >err
			all_json err
			assert_equal "$(jq -s '.[-1].exit_status' err)" "$usage"
			told .message | grep -q "^usage: $program"
			run ! grep secret err
		done
	done
	wos-apply --log-format=json --after 2>err || :
	[[ $(jq -rs '.[0].message' err) == '--after: '* ]]
	wos-fetch --log-format json --max 0 2>err || :
	assert_equal "$(told '[.level, .exit_status, .message] | tojson')" \
	    '["error",2,"--max: 0: not a number from 1 to 18446744073709551614"]'
}

@test "log: nothing is said of what goes well, without -v" {
	api "$DATA/sample.jsonl"
	export WOS_LOG_FORMAT=json
	run -0 --separate-stderr wos-sync --archive raw app.db
	assert_output ''
	[ -z "$stderr" ]
	run -0 --separate-stderr wos-rebuild app.db
	[ -z "$stderr" ]
	run -0 --separate-stderr wos-fetch --progress
	[ -z "$stderr" ]
	wos-status app.db 2>err >/dev/null || :
	[ ! -s err ]
}

@test "log: -v is told at level info" {
	newdb app
	api "$DATA/sample.jsonl"
	wos-fetch -v --log-format=json 2>err | wos-decode |
		wos-apply -v --log-format=json "$app" 2>>err
	all_json err
	assert_equal "$(jq -rs 'map(.program + " " + .level) | unique | join(",")' err)" \
	    'wos-apply info,wos-fetch info'
	assert_equal "$(jq -c 'select(.program == "wos-apply" and .events)
	    | [.events, .parked, .batches >= 1, .cursor, .rows.user, .rows.tombstone]' err)" \
	    "[15,0,true,\"$(id 15)\",5,3]"
	jq -es '.[1] | .http_status == 200 and .bytes > 1000 and .duration_ms >= 0' err
}

# What the fields are.

@test "log: what is parked has its place and its event" {
	newdb app
	wos-apply "$app" </dev/null
	forbid "$app" user 'not here'
	users 1 3 >lines
	wos-decode lines >sql.txt
	run -3 --separate-stderr wos-apply --log-format=json "$app" sql.txt
	echo "$stderr" >err
	all_json err
	assert_equal "$(jq -r '[.level, .file, .event_id, .line > 0] | join(" ")' err)" \
	    "$(printf 'warning sql.txt event_%d true\n' 1 2 3)"
	[ "$(jq -rs 'map(.database) | unique | join(" ")' err)" = "$app" ]
}

@test "log: a stream that is cut short" {
	newdb app
	printf '%s' "$(user 1)" | wos-decode --log-format=json 2>err >out || :
	assert_equal "$(told '[.level, .line, .exit_status] | join(" ")')" 'error 1 1'
	user 1 | wos-decode | head -n 2 |
		wos-apply --log-format=json "$app" 2>err || :
	assert_equal "$(told '[.level, .file, .exit_status] | join(" ")')" \
	    'error stdin 1'
}

@test "log: what the API answered, and what wos-fetch made of it" {
	api --fault 1:503 --fault 2:401 "$DATA/sample.jsonl"
	export WOS_FETCH_RETRY_PAUSE=1
	run -1 --separate-stderr wos-fetch --log-format=json
	echo "$stderr" >err
	all_json err
	assert_equal "$(jq -r '[.level, .http_status, .tries, .exit_status] | join(" ")' err)" \
	    'warning 503 1 
error 401  1'
	jq -es 'all(.request_id | length > 4)' err
	run -4 --separate-stderr wos-fetch --log-format=json --after event_x
	echo "$stderr" >err
	assert_equal "$(told '[.event_id, .exit_status] | join(" ")')" 'event_x 4'
}

@test "log: the key is in no field, whatever the server echoes" {
	api --fault every:echo-key:401 "$DATA/sample.jsonl"
	run -1 --separate-stderr wos-fetch --log-format=json
	echo "$stderr" >err
	all_json err
	no_key err
}

@test "log: no password is in a field" {
	type -P initdb >/dev/null || pg_path
	run ! wos-apply --log-format=json --cursor \
	    'postgresql://u:secret@127.0.0.1:1/app' 2>err
	wos-sync --log-format=json --no-such 'postgresql://u:secret@127.0.0.1:1/app' 2>>err || :
	WORKOS_API_KEY=x XDG_RUNTIME_DIR=$PWD wos-sync --log-format=json \
	    'postgresql://u:secret@127.0.0.1:1/app' 2>>err || :
	run ! wos-status --log-format=json 'host=127.0.0.1 port=1 password=secret' 2>>err
	run ! grep secret err
	[ ! -s err ] || all_json err
}

# The pipe.

# bats test_tags=slow
@test "log: the lines of a pipe's programs do not mix" {
	local n

	newdb app
	wos-apply "$app" </dev/null
	forbid "$app" user 'not here'
	# Half of the lines is refused by wos-decode, the other by the database.
	for n in {1..50}; do
		printf '{"n":%d}\n' "$n"
	done >bad
	users 1 50 | paste -d '\n' - bad >lines
	(wos-decode --log-format=json lines |
		wos-apply --log-format=json --batch 10 "$app") 2>err || :
	all_json err
	assert_equal "$(jq -s 'map(select(.program == "wos-apply")) | length' err)" 21
	assert_equal "$(jq -s 'map(select(.program == "wos-decode")) | length' err)" 21
	assert_equal "$(jq -c 'select(.message | endswith(" were parked"))
	    | [.program, .parked, .message]' err | sort)" \
	    '["wos-apply",100,"30 more events were parked"]
["wos-decode",50,"30 more lines were parked"]'
	# Many of them at once, into one pipe.
	(
		for n in {1..20}; do
			wos-decode --log-format=json bad 3>&- &
		done
		wait
	) 2>&1 >/dev/null | cat >err
	all_json err
	assert_equal "$(grep -c '' err)" $((20 * 21))
}

# bats test_tags=slow
@test "log: wos-sync passes it on, and speaks so itself" {
	api "$DATA/sample.jsonl"
	wos-sync app.db
	sql app.db "UPDATE sync_cursor SET event_id =
	    'event_00000000000000000000000000', event_at = 1, tail_seen_at = NULL"
	run -4 --separate-stderr wos-sync --log-format=json app.db
	echo "$stderr" >err
	all_json err
	assert_equal "$(jq -rs 'map(.program) | unique | join(" ")' err)" 'wos-apply wos-fetch wos-sync'
	jq -es 'any(.cursor_age_days > 10000)' err
	run -0 --separate-stderr wos-sync --log-format json -v --resume app.db
	echo "$stderr" >err
	all_json err
	jq -es 'any(.gap_from >= 0 and .gap_to > 0 and .database == "app.db")' err
	jq -es 'any(.program == "wos-apply" and .level == "info"
	    and .database == "app.db")' err
}

# bats test_tags=slow
@test "log: what mkdir and tee complain of is JSON as well" {
	api "$DATA/sample.jsonl"
	: >file
	run -1 --separate-stderr wos-sync --log-format=json --archive file/raw app.db
	echo "$stderr" >err
	all_json err
	grep -q 'mkdir: ' err
	on_day 2026-11-28
	mkdir raw
	ln -s /dev/full raw/2026-11-28.jsonl
	run -1 --separate-stderr wos-sync --log-format=json --archive raw app.db
	echo "$stderr" >err
	all_json err
	grep -q 'tee: ' err
	grep -q 'lines are missing' err
	[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
	mkdir raw/2000-01-01.jsonl
	rm raw/2026-11-28.jsonl
	run -1 --separate-stderr wos-sync --log-format=json --archive raw app.db
	echo "$stderr" >err
	all_json err
	grep -q "can't cut off" err
	TMPDIR=/nowhere run -0 --separate-stderr wos-sync --log-format=json \
	    --metrics wos.prom app.db
	echo "$stderr" >err
	all_json err
	grep -q 'mktemp: ' err
}

@test "log: --parked-retry's wos-decode says it in the same format" {
	newdb app
	printf '{"id":"event_1"}\n' >lines
	wos-decode lines 2>/dev/null | wos-apply "$app" || :
	run -3 --separate-stderr wos-apply --log-format=json --parked-retry "$app"
	echo "$stderr" >err
	all_json err
	jq -es 'any(.program == "wos-decode" and .event_id == "event_1")' err
}
