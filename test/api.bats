# SPDX-License-Identifier: MIT
# The stand-in for the Events API answers as the live one is known to, or the
# tests of wos-fetch prove nothing.

load helper

# get PATH [curl options]: asks the stand-in, as a client that knows the key.
get() {
	curl --silent --show-error -H "Authorization: Bearer $API_KEY" \
	    "${@:2}" "$API_URL$1"
}

USERS=events=user.created,user.updated,user.deleted

@test "api: a page is a list of events, oldest first, with a cursor" {
	api_start "$DATA/sample.jsonl"
	get "/events?$USERS&limit=2" >page
	diff <(jq -c .data[] page) \
	    <(jq -c 'select(.event | startswith("user."))' "$DATA/sample.jsonl" |
		head -n 2)
	[ "$(jq -r .object page)" = list ]
	[ "$(jq .list_metadata.after page)" = "$(jq .data[1].id page)" ]
}

@test "api: order changes nothing" {
	api_start "$DATA/sample.jsonl"
	get "/events?$USERS" >as-it-is
	for order in asc desc normal; do
		get "/events?$USERS&order=$order" >"$order"
		cmp as-it-is "$order"
	done
}

@test "api: after continues behind any event, to a tail without a cursor" {
	api_start "$DATA/sample.jsonl"
	after=$(jq -r 'select(.event == "organization.updated").id' \
	    "$DATA/sample.jsonl")
	get "/events?$USERS&after=$after" >page
	[ "$(jq -c '[.data[].event], .list_metadata' page | tr '\n' ' ')" = \
	    '["user.updated","user.deleted"] {"after":null} ' ]

	last=$(tail -n 1 "$DATA/sample.jsonl" | jq -r .id)
	[ "$(get "/events?$USERS&after=$last")" = \
	    '{"object":"list","data":[],"list_metadata":{"after":null}}' ]
}

@test "api: ten events a page unless the limit says otherwise, up to 100" {
	"$ROOT/test/api/make-events" 150 >events
	api_start events
	[ "$(get "/events?$USERS" | jq '.data | length')" = 10 ]
	[ "$(get "/events?$USERS&limit=100" | jq '.data | length')" = 100 ]
	for limit in 0 101 -1 x ''; do
		run get "/events?$USERS&limit=$limit" -w '%{http_code}'
		assert_output '{"message":"Validation failed.","errors":[{"code":"invalid_limit","field":"limit"}]}422'
	done
}

@test "api: each encoding of the names that an official client sends" {
	api_start "$DATA/sample.jsonl"
	get '/events?events=user.created,user.deleted' >want
	for query in 'events=user.created&events=user.deleted' \
	    'events=user.created%2Cuser.deleted' \
	    'events[]=user.created&events[]=user.deleted' \
	    'events[0]=user.created&events[1]=user.deleted'; do
		get "/events?$query" -g >got
		cmp want got
	done
}

@test "api: the recorded errors, word for word" {
	api_start --refuse authentication.passkey_succeeded "$DATA/sample.jsonl"
	run get /events -w ' %{http_code}'
	assert_output '{"message":"One or more event names (e.g. dsync.user.created) must be provided using the events parameter.","code":"invalid_events_request"} 400'
	for name in authentication.passkey_succeeded user.invented dsync.deactivated; do
		run get "/events?events=user.created,$name" -w ' %{http_code}'
		assert_output "{\"message\":\"Invalid name parameter, received: '$name'. You must pass in valid event names\",\"code\":\"invalid_events_request\"} 400"
	done
	run curl -s -w ' %{http_code}' "$API_URL/events?$USERS"
	assert_output '{"message":"Unauthorized"} 401'
	run curl -s -w ' %{http_code}' -H 'Authorization: Bearer sk_wrong' "$API_URL/events?$USERS"
	assert_output '{"message":"Unauthorized"} 401'
	run get "/elsewhere" -w ' %{http_code}'
	assert_output '{"message":"Not Found"} 404'
	run get "/events?$USERS&organization_id=org_none" -w ' %{http_code}'
	assert_output "{\"message\":\"Organization not found: 'org_none'.\"} 400"
}

@test "api: after and range_start exclude each other" {
	api_start "$DATA/sample.jsonl"
	after=$(head -n 1 "$DATA/sample.jsonl" | jq -r .id)
	run get "/events?$USERS&after=$after&range_start=2026-11-02" -o body -w '%{http_code}'
	assert_output 400
}

@test "api: an unknown after answers as the switch says" {
	for how in 400 404; do
		api_start --after-unknown="$how" "$DATA/sample.jsonl"
		run get "/events?$USERS&after=event_none" -o body -w '%{http_code}'
		assert_output "$how"
		api_stop
	done
	api_start --after-unknown=first "$DATA/sample.jsonl"
	diff <(get "/events?$USERS&after=event_none") <(get "/events?$USERS")
}

# bats test_tags=slow
@test "api: a range, with its edges out or in, and no longer than 30 days" {
	for edges in '()' '[)' '(]' '[]'; do
		api_start --edges="$edges" "$DATA/sample.jsonl"
		# From the first user to the third, all three there to the millisecond.
		run get "/events?$USERS&range_start=2026-11-02T09:11:00.450Z&range_end=2026-11-02T09:18:59.871Z"
		case $edges in
		'()') want='["Grace"]' ;;
		'[)') want='["Ada","Grace"]' ;;
		'(]') want='["Grace","Linus"]' ;;
		'[]') want='["Ada","Grace","Linus"]' ;;
		esac
		[ "$(jq -c '[.data[].data.first_name]' <<<"$output")" = "$want" ]
		api_stop
	done
	api_start "$DATA/sample.jsonl"
	run get "/events?$USERS&range_start=2026-10-01T00:00:00Z&range_end=2026-10-31T00:00:00Z" -o body -w '%{http_code}'
	assert_output 200
	run get "/events?$USERS&range_start=2026-10-01T00:00:00Z&range_end=2026-10-31T00:00:00.001Z" -o body -w '%{http_code}'
	assert_output 400
}

@test "api: an organization's events, which no user's are" {
	api_start "$DATA/sample.jsonl"
	globex=$(jq -r 'select(.data.name == "Globex").data.id' "$DATA/sample.jsonl")
	get "/events?$USERS,organization.created,organization_membership.created&organization_id=$globex" >page
	[ "$(jq -c '[.data[].event]' page)" = \
	    '["organization.created","organization_membership.created"]' ]
}

@test "api: an appended event happens, where its time says" {
	head -n 1 "$DATA/sample.jsonl" >events
	api_start events
	[ "$(get '/events?events=organization.created' | jq '.data | length')" = 1 ]
	sed -n 3p "$DATA/sample.jsonl" >>events
	sed -n 2p "$DATA/sample.jsonl" | tr -d '\n' >>events	# still being written
	[ "$(get '/events?events=organization.created' | jq -c '[.data[].data.name]')" = \
	    '["Acme Corp","Initech"]' ]
	echo >>events
	[ "$(get '/events?events=organization.created' | jq -c '[.data[].data.name]')" = \
	    '["Acme Corp","Globex","Initech"]' ]
}

@test "api: the bytes of a line are served as they are" {
	printf '%s\n' '{"id": "event_1", "event":"user.created","n":12345678901234567890.10, "e":1E400,"s":"\u0000\/", "created_at":"2026-11-02T09:11:00.450Z"}' >events
	api_start events
	get "/events?$USERS" >page
	grep -qF "$(cat events)" page
}

@test "api: gzip for who asks, a request id for all, one connection for many" {
	api_start --log log "$DATA/sample.jsonl"
	get "/events?$USERS" >plain
	get "/events?$USERS" --compressed >unpacked -D head
	cmp plain unpacked
	grep -qi '^content-encoding: gzip' head
	[ "$(sed -n 's/^[Xx]-[Rr]equest-[Ii]d: \(.*\).$/\1/p' head)" = \
	    "$(jq -r 'select(.n == 2).request_id' log)" ]
	curl -s -H "Authorization: Bearer $API_KEY" "$API_URL/events?[1-3]" >bodies
	[ "$(jq -s -c 'map(.connection)' log)" = '[1,2,3,3,3]' ]
}

@test "api: the log tells whether the key was right, not what it was" {
	api_start --log log "$DATA/sample.jsonl"
	get "/events?$USERS" >page
	curl -s -H 'Authorization: Bearer sk_secret' "$API_URL/events" >page
	[ "$(jq -r .headers.authorization log | tr '\n' ' ')" = 'matched wrong ' ]
	run ! grep -e sk_secret -e "$API_KEY" log
}

@test "api: beyond its rate it answers 429 and says when to come back" {
	api_start --rate 2/600 "$DATA/sample.jsonl"
	for want in 200 200 429; do
		run get "/events?$USERS" -o body -D head -w '%{http_code}'
		assert_output "$want"
	done
	grep -qiE '^retry-after: [56][0-9][0-9]' head
	[ "$(jq -r .code body)" = rate_limit_exceeded ]
}

@test "api: faults strike where they are told to" {
	api_start --fault 2:500 --fault 3-4:html --fault 6+:503:7 "$DATA/sample.jsonl"
	for want in '200 application/json; charset=utf-8' \
	    '500 application/json; charset=utf-8' '200 text/html' '200 text/html' \
	    '200 application/json; charset=utf-8' '503 text/html' '503 text/html'; do
		run get "/events?$USERS" -o body -w '%{http_code} %{content_type}'
		assert_output "$want"
	done
}

# bats test_tags=slow
@test "api: a user or an organization by its id, as the newest event has it" {
	api_start --log log "$DATA/sample.jsonl"
	jq -s -r 'map(select(.event | test("^(user|organization)[.]"))) | .[] |
	    [(.event | split(".")[0]), .data.id] | @tsv' "$DATA/sample.jsonl" |
		sort -u >objects
	[ "$(wc -l <objects)" = 6 ]
	while read -r kind id; do
		jq -s -c --arg kind "$kind" --arg id "$id" 'map(select(.data.id == $id
		    and (.event | startswith($kind + ".")))) | last |
		    if .event | endswith(".deleted") then null else .data end' \
		    "$DATA/sample.jsonl" >want
		path=/organizations/$id
		[ "$kind" = organization ] || path=/user_management/users/$id
		run get "$path" -w '%{http_code}'
		if [ "$(cat want)" = null ]; then
			assert_output "{\"message\":\"${kind^} not found: '$id'.\",\"code\":\"entity_not_found\",\"entity_id\":\"$id\"}404"
		else
			assert_output "$(cat want)200"
		fi
		[ "$(tail -n 1 log | jq -r .path)" = "$path" ]
	done <objects
}

@test "api: which objects there are that no event speaks of" {
	local users=/user_management/users/user_old orgs=/organizations/org_old

	api_start "$DATA/sample.jsonl"
	run get "$users" -w '%{http_code}'
	assert_output '{"object":"user","id":"user_old"}200'
	run get "$orgs" -w '%{http_code}'
	assert_output '{"object":"organization","id":"org_old"}200'
	run get "$orgs/more" -w '%{http_code}'
	assert_output '{"message":"Not Found"}404'
	api_stop
	api_start --objects events --old-not-found "$DATA/sample.jsonl"
	run get "$users" -w '%{http_code}'
	assert_output "{\"message\":\"User not found: 'user_old'.\",\"code\":\"entity_not_found\",\"entity_id\":\"user_old\"}404"
	run get "$orgs" -w '%{http_code}'
	assert_output '{"message":"Not Found"}404'
	api_stop
	api_start --objects none "$DATA/sample.jsonl"
	id=$(jq -r 'select(.data.name == "Globex").data.id' "$DATA/sample.jsonl")
	run get "/organizations/$id" -o body -w '%{http_code}'
	assert_output 404
	[ "$(jq -r .entity_id body)" = "$id" ]
	# An id is one segment, whatever is in it.
	run get "/organizations/a%2Fb%3F%27" -o body -w '%{http_code}'
	assert_output 404
	[ "$(jq -r .entity_id body)" = "a/b?'" ]
}

# bats test_tags=slow
@test "api: the date is that of its clock, which an option sets" {
	api_start "$DATA/sample.jsonl"
	get "/events?$USERS" -o body -D head
	now=$(date +%s)
	(($(date -d "$(sed -n 's/^Date: //p' head | tr -d '\r')" +%s) - now <= 1))
	api_stop
	api_start --date -86400 "$DATA/sample.jsonl"
	get "/events?$USERS" -o body -D head
	then=$(date -d "$(sed -n 's/^Date: //p' head | tr -d '\r')" +%s)
	((now - then > 86300 && now - then < 86500))
	api_stop
	for date in none soon; do
		api_start --date "$date" "$DATA/sample.jsonl"
		get "/events?$USERS" -o body -D head
		[ "$(sed -n 's/^Date: //p' head | tr -d '\r')" = "${date#none}" ]
		api_stop
	done
}

@test "api: ends when told to, and with its parent where asked" {
	api_start "$DATA/sample.jsonl"
	kill "$API_PID"
	wait "$API_PID"
	mkfifo in out
	"$ROOT/test/api/workos-api" --stdin-eof "$DATA/sample.jsonl" <in >out 3>&- &
	exec 8>in
	read -r -t 100 <out
	exec 8>&-
	wait $!
}

@test "api: make-cert makes what it says" {
	"$ROOT/test/api/make-cert" certs
	openssl verify -CAfile certs/ca.pem certs/good.pem certs/other.pem
	run ! openssl verify -CAfile certs/ca.pem certs/expired.pem
	assert_output --partial 'certificate has expired'
	api_start --tls certs/good.pem certs/good.key "$DATA/sample.jsonl"
	get "/events?$USERS" --cacert certs/ca.pem | jq -e '.object == "list"'
	run -60 get "/events?$USERS"
}
