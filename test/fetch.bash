# SPDX-License-Identifier: MIT
# For the tests of wos-fetch, after helper:  load fetch

LINES_ALL=$DATA/sample.jsonl

# api [options] FILE: a stand-in whose requests `asked` tells of.
api() {
	LOG=$BATS_TEST_TMPDIR/requests
	: >"$LOG"
	api_start --log "$LOG" "$@"
}

# make_world N FIRST: the events of an environment of N organizations, all.jsonl.
# The first of them, of which the API tells no more, are also in before.jsonl, and
# the others in events.jsonl.
make_world() {
	"$ROOT/test/api/make-world" "$1" >all.jsonl
	head -n "$2" all.jsonl >before.jsonl
	tail -n +$(($2 + 1)) all.jsonl >events.jsonl
}

# world N [workos-api options]: such an environment, whose first 100 events are
# listed no more.
world() {
	make_world "$1" 100
	api "${@:2}" --before before.jsonl events.jsonl
}

# asked FILTER: what was asked so far, a line a request: asked .query.limit
asked() {
	jq -r "$1" "$LOG"
}

# requests: how many there were.
requests() {
	grep -c '' "$LOG" || :
}

# id N: the id of the Nth event of the sample.
id() {
	sed -n "$1p" "$LINES_ALL" | jq -r .id
}

# recent FILE: its events, as if they had happened within the last hours.
recent() {
	local now

	now=$(date +%s)
	jq -c --argjson to "$now" '. as $e | (.created_at[:19] + "Z" | fromdate) as $at
	    | .created_at = ($at - 1793613489 + $to - 60 | todate)' "$1"
}

# fetched FILE: the file holds the sample's events, all of them once.
fetched() {
	diff "$LINES_ALL" "$1"
}

# no_key FILE...: the API key is in none of them, nor is half of it.
no_key() {
	run ! grep -F -e "$API_KEY" -e "${API_KEY#*_*_}" "$@"
}

# lines_are_events FILE: nothing in it but whole lines of JSON objects.
lines_are_events() {
	[ ! -s "$1" ] || [ "$(tail -c 1 "$1" | od -An -c | tr -d ' ')" = '\n' ]
	jq 'if type == "object" then empty else error("no event") end' "$1"
}

# ends_with STATUS PID: a process in the background ends, and with that.  It is
# not for `run`: only the shell that started a process can wait for it.
ends_with() {
	local got=0

	wait "$2" || got=$?
	[ "$got" = "$1" ] || {
		echo "it ended with $got, not $1"
		return 1
	}
}

# api_tells [options] FILE: a stand-in whose requests come on fd 9, a line each.
api_tells() {
	mkfifo requests
	exec 9<>requests
	api_start --log requests "$@"
}

# piped COMMAND...: it is in the background; pid is its pid, fd 8 its output.
piped() {
	[ -p out ] || mkfifo out
	"$@" >out 3>&- &
	pid=$!
	STARTED+=("$pid")
	exec 8<out
}

# comes FILE: the next lines of its output are those of the file.
comes() {
	local want line

	while IFS= read -r want; do
		IFS= read -r -t 100 line <&8
		[ "$line" = "$want" ]
	done <"$1"
}

# at TIME COMMAND...: the command, on a machine whose clocks say that.
at() {
	command -v faketime >/dev/null || skip 'there is no faketime'
	# A sanitizer would refuse to come second.
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 \
	    faketime "$@"
}
