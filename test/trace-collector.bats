# SPDX-License-Identifier: MIT
# Traces: whatever the collector does, and what wos-otlp does around its command.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's
# shellcheck disable=SC2016	# what a command of wos-otlp is to expand

load helper
load fetch
load trace

setup() {
	wos_setup
	export XDG_RUNTIME_DIR=$PWD
}

# A collector that is not as it should be.

# bats test_tags=slow
@test "trace: whatever the collector does, the run is the same" {
	local way

	newdb want
	api "$DATA/sample.jsonl"
	wos-sync "$want"
	for way in silence drip drip-headers endless garbage hang-up redirect 400 \
	    401 404 429 500 503 partial; do
		newdb app
		collector --answer "$way"
		run -0 --separate-stderr timeout 300 wos-sync "$app"
		assert_output ''
		case $way in
		endless) [ -z "$stderr" ] ;;
		partial) [[ $stderr == "wos-otlp: $COLLECTOR/v1/traces: "*': 2 spans lost' ]] ;;
		*) [[ $stderr == "wos-otlp: $COLLECTOR/v1/traces: "*' spans lost' ]] ;;
		esac
		[[ $stderr != *$'\n'* ]]
		# It has got them all the same, and once: nothing was tried again.
		[ "$(sent .path | xargs)" = /v1/traces ]
		traced
		diff <(dump "$want") <(dump "$app")
	done
	# Nobody there, and a name that nobody has.
	for OTEL_EXPORTER_OTLP_ENDPOINT in http://127.0.0.1:1 http://nobody.invalid; do
		newdb app
		run -0 --separate-stderr timeout 300 wos-sync "$app"
		[[ $stderr == "wos-otlp: $OTEL_EXPORTER_OTLP_ENDPOINT/v1/traces: "*' spans lost' ]]
		[[ $stderr != *$'\n'* ]]
	done
	# Nor are other statuses changed.
	api --fault every:401 "$DATA/sample.jsonl"
	newdb app
	run -1 wos-sync "$app"
}

# Leaves some 3 MB of spans, as 200 times wos-decode would that parks much, but
# at once: of a run of more than five seconds some are posted while it runs.
many_spans() {
	printf 'no JSON %s\n' {1..128} | wos-decode >/dev/null 2>&1
	awk '{
		for (i = 1; i < 200; i++) {
			id = sprintf("\"spanId\":\"%016x\"", i)
			line = $0
			sub(/"spanId":"[0-9a-f]*"/, id, line)
			print line
		}
	}' "$WOS_TRACE_FILE" >"$BATS_TEST_TMPDIR/copies"
	cat "$BATS_TEST_TMPDIR/copies" >>"$WOS_TRACE_FILE"
}
export -f many_spans

@test "trace: a dead collector costs its time once, however much there is" {
	collector --answer silence
	# Which are several requests.
	run -3 --separate-stderr timeout 300 wos-otlp bash -c 'many_spans; exit 3'
	[[ $stderr == *': 201 spans lost' ]]
	[ "$(sent .path | wc -l)" = 1 ]
}

# bats test_tags=slow
@test "trace: much goes in several requests" {
	collector
	OTEL_RESOURCE_ATTRIBUTES=x=$(printf 'x%.0s' {1..1000})
	export OTEL_RESOURCE_ATTRIBUTES
	run -0 wos-otlp bash -c many_spans
	traced
	[ "$(spans .name | grep -c wos-decode)" = 200 ]
	[ "$(sent .path | wc -l)" -gt 2 ]
	[ "$(sent .bytes | sort -n | tail -n 1)" -le $((1 << 20)) ]
}

@test "trace: the file of spans: bounded, private, gone in the end" {
	mkdir tmp
	export TMPDIR=$PWD/tmp
	collector
	run -0 wos-otlp bash -c 'stat -c %a "$WOS_TRACE_FILE"; ls tmp | wc -l'
	assert_output $'600\n1'
	[ -z "$(ls tmp)" ]
	# A full one takes the program's own span, and its count of what is lost.
	: >"$SENT"
	api "$DATA/sample.jsonl"
	wos-otlp bash -c 'truncate -s 16M "$WOS_TRACE_FILE"; wos-fetch >/dev/null'
	traced
	[ "$(span wos-fetch '.attributes["wos.spans_dropped"]')" = 1 ]
	# Where there is none to be had, the command runs all the same.
	TMPDIR=/nowhere run -3 --separate-stderr wos-otlp sh -c 'echo hi; exit 3'
	assert_output hi
	[[ $stderr == 'wos-otlp: /nowhere/wos-otlp.'*': No such file or directory' ]]
}

@test "trace: a span file that can't be written makes no difference" {
	mkfifo fifo
	for file in /dev/full fifo . /nowhere/spans; do
		WOS_TRACE_FILE=$file run -0 --separate-stderr wos-decode "$DATA/sample.jsonl"
		[ "$output" = "$(wos-decode "$DATA/sample.jsonl")" ]
		[ -z "$stderr" ]
	done
	(
		ulimit -f 0
		WOS_TRACE_FILE=spans wos-decode "$DATA/sample.jsonl" | cat >/dev/null
	)
	[ ! -s spans ]
	collector
	run -3 --separate-stderr sh -c 'ulimit -f 0
		wos-otlp sh -c "exit 3" 2>&1 | cat
		exit 3'
	[[ $output == wos-otlp:*': there was no room for all spans' ]]
	unset OTEL_EXPORTER_OTLP_ENDPOINT
	# By hand it is a file of lines, which any number of programs append to.
	for _ in 1 2 3; do
		WOS_TRACE_FILE=lines.jsonl wos-decode "$DATA/sample.jsonl" >/dev/null
	done
	[ "$(jq -r '.resourceSpans[0].scopeSpans[0].spans[0].name' lines.jsonl |
		xargs)" = 'wos-decode wos-decode wos-decode' ]
	TRACEPARENT=${OUTER%-*}-00 WOS_TRACE_FILE=none wos-decode "$DATA/sample.jsonl" >/dev/null
	[ ! -e none ]
}

@test "trace: lines that are none are left out" {
	collector
	wos-otlp bash -c 'wos-decode /dev/null
		printf "%s\n" "{\"resourceSpans\":[garbage]}" "{}" "" >>"$WOS_TRACE_FILE"
		wos-decode /dev/null
		printf "{\"resourceSpans\":[{" >>"$WOS_TRACE_FILE"'
	traced
	[ "$(tree)" = $'1x - > bash\n2x bash > wos-decode' ]
}

# bats test_tags=slow
@test "trace: the examples of the manual" {
	collector
	api "$DATA/sample.jsonl"
	wos-otlp sh -c 'wos-fetch | wos-decode | wos-apply app.db'
	traced
	diff - <(tree) <<-'END'
	1x - > sh
	1x sh > wos-apply
	1x sh > wos-decode
	1x sh > wos-fetch
	1x wos-apply > batch
	1x wos-fetch > GET /events
	END
	: >"$SENT"
	OTEL_TRACES_SAMPLER=parentbased_traceidratio \
	    OTEL_TRACES_SAMPLER_ARG=1 wos-otlp wos-rebuild app.db
	traced
	[ "$(tree | grep -c 'wos-rebuild > wos-')" -ge 2 ]
}

# The command.

@test "otlp: it ends as its command does" {
	collector
	for status in 0 1 2 3 75 255; do
		run "-$status" wos-otlp sh -c "exit $status"
	done
	run -137 wos-otlp sh -c 'kill -KILL $$'
	run -141 wos-otlp sh -c 'kill -PIPE $$'
	run -127 wos-otlp ./nowhere
	mkdir dir
	run -126 wos-otlp ./dir
	run -127 env -u OTEL_EXPORTER_OTLP_ENDPOINT wos-otlp ./nowhere
	run -0 wos-otlp -- printf "%s" --help
	assert_output -- --help
	[ "$(echo in | wos-otlp cat)" = in ]
	run -2 wos-otlp
	run -2 wos-otlp --nonsense
	run -0 wos-otlp --version
	wos-otlp --help | grep -q OTEL_EXPORTER_OTLP_ENDPOINT
	run -1 bash -c 'wos-otlp --help >/dev/full'
}

@test "otlp: nobody to tell is no end of the run" {
	local headers

	export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9
	mkfifo gone
	for headers in none a=b; do
		export OTEL_EXPORTER_OTLP_HEADERS=$headers
		exec 5<>gone
		exec 6>gone 5>&-
		run -3 sh -c 'wos-otlp sh -c "echo ran; exit 3" 2>&6'
		assert_output ran
		run -127 sh -c 'wos-otlp ./nowhere 2>&6'
		# It ends the command as ever.
		run -141 sh -c 'wos-otlp sh -c "echo >&6" 2>&6'
		exec 6>&-
	done
}

@test "otlp: signals are for the command" {
	local signal

	collector
	for signal in TERM INT HUP QUIT USR1 USR2; do
		mkfifo "ready.$signal" "wait.$signal"
		exec {hold}<>"wait.$signal"
		# Bash ignores these two in the background; env gives them back.
		env --default-signal=INT,QUIT wos-otlp bash -c "
			trap 'exit 42' $signal
			echo >ready.$signal
			while :; do read -r -t 100 <wait.$signal; done" 3>&- &
		STARTED+=("$!")
		read -r _ <"ready.$signal"
		kill -s "$signal" "$!"
		ends_with 42 "$!"
		exec {hold}>&-
	done
	[ "$(sent '.request.resourceSpans[0].scopeSpans[0].spans[0].attributes[] |
	    select(.key == "process.exit.code").value.intValue' | xargs)" = \
	    '42 42 42 42 42 42' ]
	# What is ignored stays ignored.
	run -129 wos-otlp sh -c 'kill -HUP $$; echo gone'
	run -0 bash -c "trap '' HUP; wos-otlp sh -c 'kill -HUP \$\$; echo here'"
	assert_output here
}

# told PATTERN: waits until a request has spans that match, or was answered so.
told() {
	local line n

	# shellcheck disable=SC2053 # it is a pattern
	for ((n = 0; n < 1000; n++)); do
		read -r -t 100 line <&"$TOLD" || return
		[[ $line != $1 ]] || return 0
	done
	return 1
}

# listens [options]: a collector that `told` is about.
listens() {
	mkfifo told
	exec {TOLD}<>told
	collector --tell told "$@"
}

# bats test_tags=slow
@test "trace: --follow posts as it goes, and the root at its end" {
	newdb app
	listens
	api "$DATA/sample.jsonl"
	wos-sync --follow=0.1 "$app" 3>&- &
	STARTED+=("$!")
	told '*batch*'
	kill "$!"
	ends_with 0 "$!"
	traced
	[ "$(tree | grep -c 'wos-sync > wos-')" = 3 ]
	[ -z "$(spans 'select(.failed)')" ]
}

# bats test_tags=slow
@test "trace: a collector that comes later gets it all" {
	mkfifo hold
	exec {hold}<>hold
	mkdir tmp
	export TMPDIR=$PWD/tmp
	listens --answer 503 --first 1
	# The command waits for us to have seen the second request.
	wos-otlp bash -c 'wos-decode /dev/null; read -r _ <hold; exit 3' 3>&- 2>err &
	STARTED+=("$!")
	told '503*'
	told 'ok wos-decode'
	echo >&"$hold"
	ends_with 3 "$!"
	tail -n +2 "$SENT" >later
	SENT=later
	traced
	[ "$(tree)" = $'1x - > bash\n1x bash > wos-decode' ]
	[ "$(cat err)" = "wos-otlp: $COLLECTOR/v1/traces: the answer is 503: trying again" ]
	[ -z "$(ls tmp)" ]
}

# bats test_tags=slow
@test "trace: the file stays small however long the run, and nothing is lost" {
	mkfifo hold
	exec {hold}<>hold
	collector
	# Nobody writes to hold: it is what a look at the file waits for.
	run -0 timeout 300 wos-otlp bash -c '
		many_spans
		size() { stat -c %s "$WOS_TRACE_FILE"; }
		(($(size) > 1048576)) || exit 1
		while (($(size) > 1048576)); do
			read -r -t 0.1 _ <hold
		done
		wos-apply app.db </dev/null'
	traced
	diff - <(tree) <<-'END'
	1x - > bash
	1x bash > wos-apply
	200x bash > wos-decode
	END
	[ "$(sent .path | wc -l)" -ge 3 ]
}

@test "otlp: what others write into the file spoils no request" {
	local span='{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","flags":1,"name":"x","kind":1,"startTimeUnixNano":"1","endTimeUnixNano":"2"}'
	local open='{"resourceSpans":[{"resource":{"attributes":[]},"scopeSpans":[{"scope":{"name":"x","version":"1"},"spans":['

	collector
	cat >foreign <<-END
		hello

		{"resourceSpans":[]}
		{"resourceSpans":[1]}
		{"resourceSpans":[{}]}
		{"resourceSpans":[{"x":1}]}
		{"resourceSpans":[],"x":[]}
		{"resourceSpans":[{"resource":{}}],"resourceSpans":[]}
		$open${span/b7ad/b7AD}]}]}]}
		$open${span/b7ad6b7169203331/0000000000000000}]}]}]}
		$open${span/\"1\",/\"one\",}]}]}]}
		$open${span/\"kind\":1/\"kind\":\"1\"}]}]}]}
		$open${span/\"kind\":1/\"kind\":1.5}]}]}]}
		$open${span/\"x\"/$'"\xff"'}]}]}]}
		$open${span/\"x\"/\"\\ud800\"}]}]}]}
		$open${span/\"name\":\"x\",/}]}]}]}
		$open${span/\"name\"/\"Name\"}]}]}]}
		$open${span/\"kind\":1/\"kind\":1,\"kind\":1}]}]}]}
		$open${span/\"kind\":1/\"kind\":1,\"attributes\":[{\"key\":\"k\",\"value\":{}}]}]}]}]}
		$open${span/\"kind\":1/\"kind\":1,\"attributes\":{}}]}]}]}
		$open$span]}]}
		$open$span]}]}]}]}
		$(head -c 100000 /dev/zero | tr '\0' '[')
		END
	printf 'no end' >>foreign
	run -3 --separate-stderr wos-otlp bash -c 'wos-decode /dev/null
		while IFS= read -r line || [[ $line ]]; do
			printf "%s\n" "$line" >>"$WOS_TRACE_FILE"
			wos-decode /dev/null
		done <foreign
		printf "no end" >>"$WOS_TRACE_FILE"
		exit 3'
	[ -z "$stderr" ]
	traced
	diff - <(tree) <<-END
	1x - > bash
	$(($(grep -c '' foreign) + 1))x bash > wos-decode
	END
}

@test "otlp: a signal after the command's end is for the posting" {
	listens --answer silence
	wos-otlp sh -c 'exit 3' 3>&- 2>err &
	STARTED+=("$!")
	told 'silence*'
	kill "$!"
	ends_with 3 "$!"
	[ ! -s err ]
}
