# SPDX-License-Identifier: MIT
# Traces: what wos-sync and its programs tell a collector, and that it makes no
# difference to anything else.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2153,SC2154	# trace.bash sets OUTER; stderr is run's
# shellcheck disable=SC2016	# what a command of wos-otlp is to expand

load helper
load fetch
load trace

setup() {
	wos_setup
	export XDG_RUNTIME_DIR=$PWD
}

# The trace of a run.

# bats test_tags=slow
@test "trace: a run is one trace: a root, three programs, requests, batches" {
	newdb app
	collector
	api "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-sync "$app" --page-size 6
	assert_output ''
	[ -z "$stderr" ]
	traced
	# A page that takes its time comes in a batch of its own.
	diff - <(tree | sed 's/^[23]x wos-apply/1x wos-apply/') <<-'END'
	1x - > wos-sync
	1x wos-apply > batch
	3x wos-fetch > GET /events
	1x wos-sync > wos-apply
	1x wos-sync > wos-decode
	1x wos-sync > wos-fetch
	END
	[ -z "$(spans 'select(.failed)')" ]
}

# bats test_tags=slow
@test "trace: what the programs' spans have" {
	newdb app
	collector
	api "$DATA/sample.jsonl"
	wos-sync "$app" --page-size 6
	traced
	[ "$(span wos-sync '.attributes["process.exit.code"]')" = 0 ]
	has wos-fetch '."wos.events" == 15 and ."wos.pages" == 3
	    and ."wos.requests" == 3 and ."wos.retries" == 0
	    and ."wos.bytes_out" == $size and ."process.exit.code" == 0' \
	    --argjson size "$(wc -c <"$DATA/sample.jsonl")"
	has wos-decode '."wos.lines" == 15 and ."wos.parked" == 0
	    and ."wos.bytes_in" == $in and ."wos.bytes_out" == $out' \
	    --argjson in "$(wc -c <"$DATA/sample.jsonl")" \
	    --argjson out "$(wos-decode "$DATA/sample.jsonl" | wc -c)"
	has wos-apply '."wos.events" == 15 and ."wos.parked" == 0
	    and (."wos.batches" | 1 <= . and . <= 3) and ."db.system.name" == $kind' --arg kind \
	    "$([[ $DBKIND == sqlite ]] && echo sqlite || echo postgresql)"
}

@test "trace: what a request's span has" {
	collector
	api "$DATA/sample.jsonl"
	wos-sync app.db
	traced
	has 'GET /events' '."http.request.method" == "GET" and ."server.address" == "127.0.0.1"
	    and ."server.port" == $port and ."http.response.status_code" == 200
	    and ."wos.events" == 15 and ."http.response.body.size" > 500
	    and ."wos.request_id" == $id
	    and (has("http.request.resend_count") | not)' \
	    --argjson port "${API_URL##*:}" --arg id "$(asked .request_id)"
	[ "$(span 'GET /events' .kind)" = 3 ]
}

# bats test_tags=slow
@test "trace: what a batch's span has" {
	newdb app
	collector
	head -n 9 "$DATA/sample.jsonl" >events
	api events
	wos-sync "$app"
	traced
	has batch '."wos.events" == 9 and ."wos.parked" == 0 and ."wos.rows_changed" >= 18
	    and (has("wos.cursor.before") | not)
	    and ."wos.cursor.after" == $last' --arg last "$(id 9)"
	tail -n +10 "$DATA/sample.jsonl" >>events
	: >"$SENT"
	wos-sync "$app"
	traced
	has batch '."wos.events" == 6 and ."wos.cursor.before" == $before
	    and ."wos.cursor.after" == $after' \
	    --arg before "$(id 9)" --arg after "$(id 15)"
	# Nothing new, no batch.
	: >"$SENT"
	wos-sync "$app"
	traced
	[ -z "$(span batch .)" ]
}

# bats test_tags=slow
@test "trace: with OTEL_TRACES_EVENTS=1 a span an event, named after its type" {
	newdb app
	collector
	api "$DATA/sample.jsonl"
	OTEL_TRACES_EVENTS=1 wos-sync "$app"
	traced
	[ "$(spans 'select(.parent == "batch").name' | sort)" = \
	    "$(jq -r .event "$DATA/sample.jsonl" | sort)" ]
	[ "$(spans 'select(.parent == "batch").attributes["wos.event_id"]' | sort)" = \
	    "$(jq -r .id "$DATA/sample.jsonl" | sort)" ]
	spans 'select(.parent == "batch").attributes["wos.rows_changed"]' >rows
	[ "$(jq -s add rows)" = "$(span batch '.attributes["wos.rows_changed"]')" ]
	[ "$(jq -s min rows)" -ge 1 ]
}

# bats test_tags=slow
@test "trace: no key, no address, no payload in it" {
	newdb app
	collector
	jq -c '.data.email = "someone@example.org" | .data.name = "Secret Name"' \
	    "$DATA/sample.jsonl" >events
	echo '{"id":"x someone@example.org","event":"user.created"}' >>events
	api events --fault 1:400:someone@example.org --refuse nothing
	run wos-sync "$app"
	OTEL_TRACES_EVENTS=1 run wos-sync "$app"
	[ "$(sent .path | wc -l)" -ge 2 ]
	no_key "$SENT"
	# What calls itself a request's id may be anything.
	: >"$SENT"
	api_stop
	api events --fault every:odd-headers
	run -1 wos-sync "$app"
	[ "$(sent .path | wc -l)" -ge 1 ]
	run ! grep -e 'wos.request_id' -e x1B "$SENT"
}

# What goes wrong.

# bats test_tags=slow
@test "trace: a request that was repeated is a span each time" {
	collector
	api --fault 1:503 --fault 2:reset "$DATA/sample.jsonl"
	WOS_FETCH_RETRY_PAUSE=1 wos-sync app.db 2>/dev/null
	traced
	[ "$(tree | grep GET)" = '3x wos-fetch > GET /events' ]
	[ "$(span 'GET /events' '.attributes["http.request.resend_count"]' |
		xargs)" = 'null 1 2' ]
	[ "$(span 'GET /events' .failed | xargs)" = 'true true false' ]
	[ "$(span 'GET /events' '.attributes["error.type"]' | head -n 1)" = 503 ]
	[ "$(span 'GET /events' '.events[0].name' | xargs)" = \
	    'exception exception null' ]
	[ "$(span wos-fetch '.attributes["wos.retries"]')" = 2 ]
	[ "$(span wos-fetch .failed)" = false ]
}

# bats test_tags=slow
@test "trace: exit statuses are the spans' statuses" {
	collector
	api --fault every:401 "$DATA/sample.jsonl"
	run -1 wos-sync app.db
	traced
	[ "$(span wos-sync .failed) $(span wos-fetch .failed)" = 'true true' ]
	[ "$(span wos-decode .failed) $(span wos-apply .failed)" = 'false false' ]
	[ "$(span wos-sync '.attributes["process.exit.code"]')" = 1 ]
	[ "$(span 'GET /events' .why)" = 'the answer is 401' ]
	: >"$SENT"
	api --fault every:503 "$DATA/sample.jsonl"
	run -75 wos-sync app.db --retries 0
	traced
	[ "$(span wos-fetch '.attributes["error.type"]')" = try_again ]
	[ "$(span wos-sync '.attributes["process.exit.code"]')" = 75 ]
	: >"$SENT"
	api "$DATA/sample.jsonl"
	run -4 wos-sync app.db --after event_01ARZ3NDEKTSV4RRFFQ69G5FAV
	traced
	[ "$(span wos-fetch .why)" = "the cursor can't be continued" ]
}

# bats test_tags=slow
@test "trace: parked events are no error, and events of the span" {
	newdb app
	collector
	{
		head -n 2 "$DATA/sample.jsonl"
		echo '{"id":"x","event":"user.created"}'
		tail -n 3 "$DATA/sample.jsonl"
	} >events
	api events
	run -3 wos-sync "$app"
	traced
	[ -z "$(spans 'select(.failed)')" ]
	[ "$(span wos-sync '.attributes["process.exit.code"]')" = 3 ]
	[ "$(span wos-decode '.events | tojson')" = \
	    '[{"name":"parked","attributes":{"wos.line":3}}]' ]
	[ "$(span wos-decode '.attributes["wos.parked"]')" = 1 ]
	[ "$(span wos-apply '.attributes["wos.parked"]')" = 1 ]
}

@test "trace: more events than a span takes are counted" {
	collector
	for ((i = 0; i < 200; i++)); do
		echo "no JSON $i"
	done >lines
	run -3 wos-otlp sh -c 'wos-decode lines'
	traced
	[ "$(span wos-decode '.events | length')" = 128 ]
	[ "$(span wos-decode .dropped_events)" = 72 ]
}

# bats test_tags=slow
@test "trace: a batch that is taken back is an error, and what is run after it" {
	newdb app
	collector
	wos-apply "$app" </dev/null
	forbid "$app" user 'no more someone@example.org' \
	    "new.id = '$(jq -r 'select(.event == "user.created") | .data.id' \
		"$DATA/sample.jsonl" | head -n 1)'"
	api "$DATA/sample.jsonl"
	run -3 wos-sync "$app"
	traced
	[ "$(span batch .failed | head -n 1)" = true ]
	[ "$(span batch '.attributes["error.type"]' | head -n 1)" = refused ]
	[ "$(span batch 'select(.failed | not).attributes["wos.parked"]' |
		jq -s add)" -ge 1 ]
	[ "$(span batch 'select(.failed | not).attributes["wos.events"]' |
		jq -s add)" = 15 ]
	run ! grep someone@ "$SENT"
}

@test "trace: a program that a signal ends tells so" {
	collector
	run -143 wos-otlp sh -c 'kill -TERM $$'
	traced
	[ "$(span sh '[.failed, .why] | tojson')" = '[true,"ended by signal 15"]' ]
	[ "$(span sh '.attributes["error.type"]')" = signal ]
	: >"$SENT"
	run -0 wos-otlp bash -c "wos-decode '$DATA/sample.jsonl' | true"
	traced
	[ "$(tree | head -n 1)" = '1x - > bash' ]
}

# Which trace, and whether.

# bats test_tags=slow
@test "trace: TRACEPARENT joins an outer trace" {
	collector
	api "$DATA/sample.jsonl"
	TRACEPARENT=$OUTER wos-sync app.db
	traced "$OUTER"
	# One that is none begins a new trace.
	for outer in 00-0 "${OUTER%-*}" "00-${OUTER:3:32}-0000000000000000-01" \
	    "ff${OUTER:2}" "${OUTER}-x" "${OUTER^^}"; do
		: >"$SENT"
		TRACEPARENT=$outer wos-otlp true
		traced
	done
	# One of a future version may have more in it.
	: >"$SENT"
	TRACEPARENT=cc${OUTER:2}-more wos-otlp true
	traced "$OUTER"
}

# bats test_tags=slow
@test "trace: the samplers" {
	local sampler arg parent want

	collector
	while read -r sampler arg parent want; do
		: >"$SENT"
		run -0 --separate-stderr env OTEL_TRACES_SAMPLER="$sampler" \
		    OTEL_TRACES_SAMPLER_ARG="${arg#-}" \
		    TRACEPARENT="${parent/-/${OUTER%-*}-}" wos-otlp true
		[ -z "$stderr" ]
		[ "$sampler $arg $parent $(sent .path | grep -c '' || :)" = \
		    "$sampler $arg $parent $want" ]
	done <<-'END'
	always_on - x 1
	always_on - -00 1
	always_off - x 0
	always_off - -01 0
	traceidratio 1 x 1
	traceidratio 0 x 0
	traceidratio - x 1
	traceidratio 0 -01 0
	traceidratio 0.2 -01 0
	traceidratio 0.6 -01 1
	parentbased_always_on - x 1
	parentbased_always_on - -00 0
	parentbased_always_on - -03 1
	parentbased_always_off - x 0
	parentbased_always_off - -01 1
	parentbased_traceidratio 0 x 0
	parentbased_traceidratio 1 x 1
	parentbased_traceidratio 0 -01 1
	END
	: >"$SENT"
	TRACEPARENT=${OUTER%-*}-00 run -0 wos-otlp true
	[ ! -s "$SENT" ]
	run -0 --separate-stderr env OTEL_TRACES_SAMPLER=$'some\e[times' wos-otlp true
	[[ $stderr == *'OTEL_TRACES_SAMPLER: some\x1B[times: not a sampler'* ]]
	[ -s "$SENT" ]
	run -0 --separate-stderr env OTEL_TRACES_SAMPLER=traceidratio \
	    OTEL_TRACES_SAMPLER_ARG=2 wos-otlp true
	[[ $stderr == *'OTEL_TRACES_SAMPLER_ARG: 2: not a number from 0 to 1'* ]]
}

# bats test_tags=slow
@test "trace: variables that turn it off" {
	collector
	api "$DATA/sample.jsonl"
	OTEL_SDK_DISABLED=True wos-sync app.db
	OTEL_SDK_DISABLED=true wos-otlp true
	OTEL_TRACES_EXPORTER=none wos-sync app.db
	OTEL_TRACES_EXPORTER=console wos-otlp true
	OTEL_TRACES_SAMPLER=always_off wos-sync app.db
	OTEL_EXPORTER_OTLP_ENDPOINT='' wos-otlp true
	run -0 --separate-stderr env OTEL_EXPORTER_OTLP_PROTOCOL=grpc wos-otlp true
	[[ $stderr == *'only http/json is spoken: no traces'* ]]
	[ ! -s "$SENT" ]
	OTEL_SDK_DISABLED=1 OTEL_TRACES_EXPORTER=console,otlp \
	    OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf wos-otlp true
	traced
}

@test "trace: off, nothing of it happens" {
	api "$DATA/sample.jsonl"
	mkdir tmp
	TMPDIR=$PWD/tmp wos-sync -v app.db
	[ -z "$(ls tmp)" ]
	# Help and wrong usage are no runs.
	collector
	wos-sync --help >/dev/null
	wos-sync --version >/dev/null
	run -2 wos-sync
	run -2 env -u WORKOS_API_KEY wos-sync app.db
	[ ! -s "$SENT" ]
}

# What it is of, and where it goes.

# bats test_tags=slow
@test "trace: resource attributes, percent-encoded, of any bytes" {
	collector
	export OTEL_RESOURCE_ATTRIBUTES
	OTEL_RESOURCE_ATTRIBUTES='a=b%20%22c%22%5C, deployment.environment.name = prod ,'
	OTEL_RESOURCE_ATTRIBUTES+='empty=,k%3D=%2C%0A%1B,x=%FF%C3%A9%ED%A0%80,a=2'
	wos-otlp true
	traced
	[ "$(spans '.resource | [.a, .["deployment.environment.name"], .empty,
	    .["k="], .x, .["service.name"], .["telemetry.sdk.name"]] | tojson' |
	    head -n 1)" = \
	    '["2","prod","",",\n\u001b","\ufffdé\ufffd\ufffd\ufffd","wos","wos"]' ] ||
	    [ "$(spans '.resource | .x')" = $'\xEF\xBF\xBDé\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD' ]
	[ "$(spans '.resource.a')" = 2 ]
	[ "$(spans '.resource["deployment.environment.name"]')" = prod ]
	[ "$(spans '.resource["k="] | tojson')" = '",\n\u001b"' ]
	# The service's name may be there, too, and its own variable wins.
	: >"$SENT"
	OTEL_RESOURCE_ATTRIBUTES=service.name=one wos-otlp true
	OTEL_RESOURCE_ATTRIBUTES=service.name=one OTEL_SERVICE_NAME=two wos-otlp true
	[ "$(sent '.request.resourceSpans[0].resource.attributes[] |
	    select(.key == "service.name").value.stringValue' | xargs)" = 'one two' ]
	# What is no list is left out as a whole, and said once.
	: >"$SENT"
	for OTEL_RESOURCE_ATTRIBUTES in 'a=1,b' 'a=1,b=%2' 'a=1,=2' 'a=%00'; do
		: >"$SENT"
		run -0 --separate-stderr wos-otlp wos-decode /dev/null
		[ "$stderr" = "wos-otlp: OTEL_RESOURCE_ATTRIBUTES: what is in it is no list of attributes: left out" ]
		traced
		[ "$(spans '.resource.a' | xargs)" = 'null null' ]
	done
	# A long one is cut, and not within a character.
	: >"$SENT"
	OTEL_RESOURCE_ATTRIBUTES=long=$(printf 'x%.0s' {1..1023})ééé wos-otlp true
	traced
	[ "$(spans '.resource.long | length')" = 1023 ]
}

# bats test_tags=slow
@test "trace: the endpoints" {
	collector
	OTEL_EXPORTER_OTLP_ENDPOINT=$COLLECTOR/ wos-otlp true
	OTEL_EXPORTER_OTLP_ENDPOINT=$COLLECTOR/otel// wos-otlp true
	OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="$COLLECTOR/my/own?q=1" wos-otlp true
	OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=$COLLECTOR \
	    OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 wos-otlp true
	[ "$(sent .path | xargs)" = '/v1/traces /otel/v1/traces /my/own?q=1 /' ]
	api "$DATA/sample.jsonl"
	unset OTEL_EXPORTER_OTLP_ENDPOINT
	OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=$COLLECTOR/sync wos-sync app.db
	[ "$(sent .path | tail -n 1)" = /sync ]
	for url in 'ftp://127.0.0.1/' 'no URL' file:///etc/passwd 'http://:secret@'; do
		OTEL_EXPORTER_OTLP_ENDPOINT=$url run -0 --separate-stderr wos-otlp echo hi
		assert_output hi
		[ "$stderr" = 'wos-otlp: OTEL_EXPORTER_OTLP_ENDPOINT: not an http or https URL: no traces' ]
	done
	[ "$(sent .path | grep -c '')" = 5 ]
}

# bats test_tags=slow
@test "trace: headers, and no word of them" {
	collector
	export OTEL_EXPORTER_OTLP_HEADERS='authorization=Bearer%20hush,x-a = b ,x-empty='
	wos-otlp true
	[ "$(sent '.headers | [.authorization, .["x-a"], .["x-empty"]] | tojson')" = \
	    '["Bearer hush","b",""]' ]
	# Those for traces take their place.
	: >"$SENT"
	OTEL_EXPORTER_OTLP_TRACES_HEADERS=x-b=c wos-otlp true
	[ "$(sent '.headers | [.authorization, .["x-b"]] | tojson')" = '[null,"c"]' ]
	# What would be two headers is none.
	for OTEL_EXPORTER_OTLP_HEADERS in 'x-a=hush%0d%0ax-evil: 1' 'x-a=hush%0A1' \
	    'x%0Ax-evil=hush' 'hush' 'x evil=hush' 'content-type=text/hush'; do
		: >"$SENT"
		run -0 --separate-stderr wos-otlp true
		[ "$stderr" = 'wos-otlp: OTEL_EXPORTER_OTLP_HEADERS: what is in it is no list of headers: one is left out' ]
		traced
		[ "$(sent '.headers | [.["x-a"], .["x-evil"]] | tojson')" = '[null,null]' ]
	done
	# Nor in what is said of a collector that is not there.
	api_stop "${STARTED[-1]}"
	export OTEL_EXPORTER_OTLP_HEADERS=x-a=hush
	OTEL_EXPORTER_OTLP_ENDPOINT=http://me:hush@${COLLECTOR#http://} \
	    run -0 --separate-stderr wos-otlp true
	[[ $stderr == "wos-otlp: $COLLECTOR/v1/traces: "*': 1 span lost' ]]
	[[ $stderr != *hush* ]]
}

@test "trace: https, with a certificate of one's own" {
	"$ROOT/test/api/make-cert" .
	collector --tls good.pem good.key
	run -0 --separate-stderr wos-otlp true
	[[ $stderr == *': 1 span lost' ]]
	OTEL_EXPORTER_OTLP_CERTIFICATE=ca.pem run -0 --separate-stderr wos-otlp true
	[ -z "$stderr" ]
	traced
}

# bats test_tags=slow
@test "trace: a comparison is one trace: what is asked for, and the pipe" {
	newdb app
	make_world 4 100
	api --objects events --before before.jsonl events.jsonl
	wos-decode <all.jsonl | wos-apply "$app"
	sql "$app" "INSERT INTO \"user\" (id, event_id, event_at)
	    VALUES ('user_0', 'event_0', 5)"
	collector
	run -5 --separate-stderr wos-verify --tables user,role "$app" --rate 1000
	[ -z "$stderr" ]
	traced
	diff - <(tree) <<-'END'
	1x - > wos-verify
	1x wos-apply > batch
	1x wos-fetch > GET /authorization/roles
	1x wos-fetch > GET /user_management/users
	2x wos-fetch > GET /user_management/users/{id}
	1x wos-verify > wos-apply
	1x wos-verify > wos-decode
	3x wos-verify > wos-fetch
	END
	[ "$(span wos-verify '.attributes["error.type"]')" = differences ]
	[ "$(span wos-fetch '.attributes["wos.pages"]' | xargs)" = 'null 2 null' ]
	no_key "$SENT"
	run ! grep user_0 "$SENT"
}
