# SPDX-License-Identifier: MIT
# Nothing that comes from elsewhere, or is a file's name, does anything to a
# terminal: no control character, be it C0, C1 or one that turns the direction
# of text, in any program's messages, or in its data on a terminal.

# shellcheck disable=SC2154	# stderr is run's

load helper
load fetch
load stream

# ESC and BEL, DEL, C1's CSI, as a character and as a byte, and right-to-left
# override, isolate and mark, the Arabic one, and an end of a line.
BAD=$'\e]0;x\a\x7F\xC2\x9B\x9B\xE2\x80\xAE\xE2\x81\xA7\xE2\x80\x8F\xD8\x9C\xE2\x80\xA8'
# The same where it has to be UTF-8, and what JSON may have in a string as it is.
BAD_TEXT=$'\e\a\x7F\xC2\x9B\xE2\x80\xAE\xE2\x81\xA7\xE2\x80\x8F\xD8\x9C\xE2\x80\xA8'
BAD_JSON=${BAD_TEXT#??}

# plain FILE...: nothing in them does anything.
plain() {
	LC_ALL=C run ! grep -aP '[\x00-\x08\x0B-\x1F\x7F]|\xC2[\x80-\x9F]|\xD8\x9C|\xE2\x80[\x8E\x8F\xA8-\xAE]|\xE2\x81[\xA6-\xA9]|(^|[\x00-\x7F])[\x80-\xBF]' "$@"
}

# said COMMAND...: it says something, in text and in JSON, and all of it is plain.
said() {
	local format

	for format in text json; do
		WOS_LOG_FORMAT=$format "$@" </dev/null >out 2>err || :
		[ -s err ] || fail "$*: says nothing"
		plain err
	done
}

# seen COMMAND...: what it shows on a terminal is plain, and not nothing.
seen() {
	"$ROOT/test/terminal" "$@" >out || (($? == 3))
	[ -s out ] || fail "$*: shows nothing"
	plain out
}

# bats test_tags=sqlite
@test "visible: the test can tell" {
	for byte in $'\e' $'\x7F' $'\xC2\x9B' $'\xE2\x80\xAE' $'\xD8\x9C' $'x\x9B'; do
		printf 'a%s' "$byte" >file
		run ! plain file
	done
	printf 'a\tb\n\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\n' >file
	plain file
	"$ROOT/test/terminal" printf 'a\e[31m' >file
	run ! plain file
	run -3 "$ROOT/test/terminal" sh -c 'exit 3'
}

# bats test_tags=slow
@test "visible: names of files, in every program and mode" {
	local mode

	newdb app
	wos-apply "$app" </dev/null
	mkdir "$BAD"
	for mode in -v --cursor --cursor-info --export --parked --status \
	    --dry-run --parked-retry --parked-drop=x --gap=1:2 --tail-seen=1; do
		said wos-apply "$mode" "$BAD"
	done
	said wos-apply "$app" "no/$BAD"
	said wos-apply "$app" "$BAD"
	said wos-apply --dry-run "$app" "no/$BAD"
	said wos-decode "no/$BAD"
	said wos-decode "$BAD"
	printf 'x\n' >"$BAD/file"
	said wos-decode "$BAD/file"
	said wos-decode --strict "$BAD/file"
	said wos-apply "$app" "$BAD/file"
	said wos-fetch --from "no/$BAD"
	said wos-fetch --from "$BAD/file"
	said wos-fetch --api-key-file "no/$BAD"
	said wos-otlp "no/$BAD"
}

# bats test_tags=sqlite,slow
@test "visible: options, their arguments and the environment" {
	local program option

	for program in wos-fetch wos-decode wos-apply wos-otlp; do
		said "$program" "--$BAD"
		said "$program" "-$BAD"
		said "$program" --log-format "$BAD"
		said env WOS_LOG_FORMAT="$BAD" "$program"
		ln -sf "$(type -P "$program")" "$BAD"
		said "./$BAD" --nonsense
		said "./$BAD" --log-format
	done
	for option in batch busy-timeout gap tail-seen schema days now name; do
		said wos-apply "--$option" "$BAD" app.db
	done
	said wos-apply "mysql://$BAD"
	said wos-apply "postgresql://u@127.0.0.1:1/${BAD_TEXT}"
	said wos-apply "service='$BAD_TEXT'"
	export WORKOS_API_KEY=x WORKOS_BASE_URL=http://127.0.0.1:1 WOS_FETCH_RETRY_PAUSE=1
	for option in after since until max jobs rate page-size events tail-file \
	    organization from; do
		said wos-fetch --retries 0 "--$option" "$BAD"
	done
	said env WORKOS_BASE_URL="http://$BAD" wos-fetch --retries 0
	said env WORKOS_API_KEY="$BAD" wos-fetch --retries 0
	said env EVENTS_RANGE_START="$BAD" wos-fetch --retries 0
	said env OTEL_EXPORTER_OTLP_ENDPOINT="http://$BAD" wos-otlp false
	said env OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_TRACES_SAMPLER="$BAD" wos-otlp false
}

# bats test_tags=slow
@test "visible: what a database says of itself, and what is in it" {
	newdb app
	wos-apply "$app" </dev/null
	forbid "$app" organization "not ${BAD_TEXT}"
	{
		users 1 1 "$BAD_JSON"
		event "event_2" "x.$BAD_JSON" 2026-01-01T00:00:00Z "{\"$BAD_JSON\":\"$BAD_JSON\"}"
		event "event_$BAD_JSON" user.created 2026-01-01T00:00:00Z '{}'
		printf 'no JSON %s\n' "$BAD"
		event event_3 organization.created 2026-01-01T00:00:00Z \
		    '{"object":"organization","id":"org_1","name":"x"}'
	} >lines
	wos-decode lines >in.sql 2>err || (($? == 3))
	plain err
	run ! plain in.sql
	said wos-decode lines
	said wos-apply "$app" in.sql
	said wos-apply "$app" lines

	# What goes to a program or a file is exact.
	wos-apply --export "$app" >out
	grep -qF "$BAD_JSON" out
	for mode in --parked --status --cursor --cursor-info; do
		wos-apply "$mode" "$app" >out
		plain out
	done
	for mode in --export --parked --status --cursor --cursor-info; do
		seen wos-apply "$mode" "$app"
	done
	wos-decode lines >again.sql 2>/dev/null || :
	newdb other
	wos-apply "$other" </dev/null
	seen wos-apply --dry-run "$other" again.sql
	seen wos-apply --dry-run --json "$other" again.sql
	seen wos-decode lines
	seen wos-fetch --from <(sed 2q lines)
	id=$(sql "$app" "SELECT id FROM parked_event WHERE kind = 'line' LIMIT 1")
	seen wos-apply --parked-drop "$id" "$app"
	[ "$(sql "$app" "SELECT count(*) FROM parked_event WHERE id = '$id'")" = 0 ]
}

# bats test_tags=sqlite
@test "visible: what the API answers" {
	users 1 2 "$BAD_JSON" >live
	api live
	wos-fetch >out
	diff live out
	seen wos-fetch
	printf '{"message":"%s"' "$BAD_JSON" >page
	said wos-fetch --from page
	printf '{"message":"%s"}' "$BAD" >page
	said wos-fetch --from page
	printf '{"object":"list","data":[%s]}' "$(head -n 1 live)" >page
	seen wos-fetch --from page
}
