# SPDX-License-Identifier: MIT
# For the tests of traces, after helper:  load trace

# A place in a trace of others, for TRACEPARENT.
# shellcheck disable=SC2034 # the tests use it
OUTER=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01

# collector [options]: a stand-in for a collector, for all that is started from
# now on.  Sets COLLECTOR, its URL, and SENT, its log.
collector() {
	local fd

	SENT=$BATS_TEST_TMPDIR/sent.${#STARTED[@]}
	: >"$SENT"
	exec {fd}< <(exec "$ROOT/test/observe/collector" --log "$SENT" "$@" 3>&-)
	STARTED+=("$!")
	if ! IFS= read -r -t 100 COLLECTOR <&"$fd"; then
		echo "collector: it did not start" >&2
		return 1
	fi
	export OTEL_EXPORTER_OTLP_ENDPOINT=$COLLECTOR
	# It is killed as it answers, and says nothing of it.
	exec {fd}<&-
}

# sent FILTER: what of the requests so far: sent .headers
sent() {
	jq -r "$1" "$SENT"
}

# traced [TRACEPARENT]: all that was sent is good OTLP, and one whole trace.
# Its spans are what the functions below ask about.
traced() {
	"$ROOT/test/observe/spans" "$SENT" "$@" >spans
}

# spans FILTER: of each span: spans .name
spans() {
	jq -r "$1" spans
}

# span NAME FILTER: of the spans of this name.
span() {
	jq -r --arg name "$1" "select(.name == \$name) | $2" spans
}

# has NAME FILTER [jq options]: there are spans of this name, and of all of their
# attributes the filter holds.
has() {
	local name=$1 filter=$2

	shift 2
	jq -es --arg name "$name" "$@" "map(select(.name == \$name).attributes) |
	    length > 0 and all(.[]; $filter)" spans >/dev/null || {
		span "$name" .attributes
		return 1
	}
}

# tree: the spans' names, each under its parent's, how often.
tree() {
	jq -r '"\(.parent // "-") > \(.name)"' spans | sort | uniq -c |
		awk '{ $1 = $1 "x"; print }'
}
