# SPDX-License-Identifier: MIT
# D1 without its engine: what its name, its token and its API's answers may be.
# test/d1 has the tests with the engine.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's

load helper
load stream

TOKEN=d1_secret_token_0123456789
DB=d1:acc0/00000000-0000-4000-8000-000000000000

# answers: starts a server that answers each request with the next line of its
# standard input, STATUS [HEADER: VALUE] BODY with tabs between, and any further
# one with the last; it writes what it was asked to the file asked.
answers() {
	local fd

	cat >answers.txt
	: >asked
	exec {fd}< <(exec python3 - answers.txt asked 3>&- <<-'END'
		import http.server, json, sys
		answers = open(sys.argv[1], encoding="utf-8").read().split("\n")[:-1]
		class Handler(http.server.BaseHTTPRequestHandler):
		    protocol_version = "HTTP/1.1"
		    def do_GET(self):
		        size = int(self.headers.get("content-length", 0))
		        with open(sys.argv[2], "a") as log:
		            log.write(json.dumps({"method": self.command, "path": self.path,
		                "token": self.headers.get("authorization"),
		                "body": self.rfile.read(size).decode()}) + "\n")
		        status, *headers, body = (answers.pop(0) if len(answers) > 1
		            else answers[0]).split("\t")
		        body = b"x" * int(body[1:]) if body[:1] == "x" else body.encode()
		        self.send_response(int(status))
		        for header in headers:
		            self.send_header(*header.split(": "))
		        self.send_header("content-length", str(len(body)))
		        self.end_headers()
		        try:
		            self.wfile.write(body)
		        except OSError:
		            pass
		    do_POST = do_GET
		    def log_message(self, *args):
		        pass
		server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		print("http://127.0.0.1:%d" % server.server_port, flush=True)
		server.serve_forever()
	END
	)
	STARTED+=("$!")
	IFS= read -r -t 100 CLOUDFLARE_API_BASE_URL <&"$fd"
	exec {fd}<&-
	export CLOUDFLARE_API_BASE_URL CLOUDFLARE_API_TOKEN=$TOKEN
}

# rows JSON: an answer with these rows.
rows() {
	printf '{"success":true,"errors":[],"result":[{"success":true,"meta":{"changes":0},"results":{"columns":["a"],"rows":%s}}]}' "$1"
}

@test "d1: account and database are named, and nothing else" {
	local name

	for name in d1:acc0/app "$DB" d1:a-_Z9/b-_9; do
		run -0 wos-apply --name "$name"
		assert_line 'kind server'
		assert_line "shown $name"
		assert_line "label $name"
	done
	for name in d1: d1:app d1:/app d1:acc0/ d1:acc0/a/b d1:acc0/a.b 'd1:acc0/a b' \
	    d1:acc0/a?b d1:../app "d1:acc0/$(printf 'x%.0s' {1..129})"; do
		run -2 --separate-stderr wos-apply --cursor "$name"
		[[ $stderr == 'wos-apply: d1:...: '* ]]
	done
	run -0 wos-apply ./d1:app </dev/null
	[ -e d1:app ]
}

@test "d1: the token is in the environment or in a file, else it is wrong usage" {
	run -2 wos-apply --cursor "$DB"
	assert_output "wos-apply: no API token: set CLOUDFLARE_API_TOKEN or use CLOUDFLARE_API_TOKEN_FILE, which names a file with it"
	: >empty
	run -1 wos-apply --api-token-file empty --cursor "$DB"
	run -1 wos-apply --api-token-file none --cursor "$DB"
	answers < <(printf '200\t%s\n' "$(rows '[[1]]')" "$(rows '[["event_7"]]')")
	unset CLOUDFLARE_API_TOKEN
	printf '%s\n' "$TOKEN" >token
	run -0 wos-apply --api-token-file token --cursor "$DB"
	assert_output event_7
	CLOUDFLARE_API_TOKEN_FILE=token wos-apply --cursor "$DB"
	run jq -r .token asked
	assert_line --index 0 "Bearer $TOKEN"
	assert_line --index 2 "Bearer $TOKEN"
}

@test "d1: the token goes nowhere but to the API, and not there in the clear" {
	export CLOUDFLARE_API_TOKEN=$TOKEN
	CLOUDFLARE_API_BASE_URL=http://example.com run -2 wos-apply --cursor "$DB"
	assert_output --partial 'CLOUDFLARE_API_BASE_URL: plain http'
	answers <<<$'403\t'"{\"success\":false,\"errors\":[{\"code\":10000,\"message\":\"no: $TOKEN\"}]}"
	for format in text json; do
		run -1 wos-apply --log-format "$format" --cursor "$DB"
		assert_output --partial 'no: [key]'
		refute_output --partial "$TOKEN"
	done
	WOS_TRACE_FILE=$PWD/trace run -1 wos-apply "$DB" </dev/null
	run ! grep -F "$TOKEN" trace
}

@test "d1: of a script's programs only wos-apply has the token" {
	# shellcheck disable=SC2016 # it is for the script made here
	printf '#!/bin/sh\nenv >environ\nexec awk "$@"\n' >spy
	chmod +x spy
	wos-apply app.db </dev/null
	export CLOUDFLARE_API_TOKEN=$TOKEN secret=1 wos_token=1
	AWK=$PWD/spy run wos-status app.db
	[ -s environ ]
	run ! grep -F "$TOKEN" environ
	answers < <(printf '200\t%s\n' "$(rows '[]')")
	run wos-status "$DB"
	run jq -r .token asked
	assert_line --index 0 "Bearer $TOKEN"
}

@test "d1: a dry run can't be had, and says so" {
	run -1 wos-apply --dry-run "$DB" </dev/null
	assert_output "wos-apply: $DB: D1 has no transaction that can be taken back: there is no dry run"
}

@test "d1: a name is looked up, and has to be there exactly" {
	answers < <(
		printf '200\t{"success":true,"errors":[],"result":[{"name":"app2","uuid":"00000000-0000-4000-8000-000000000002"},{"name":"app","uuid":"00000000-0000-4000-8000-000000000001"}]}\n'
		printf '200\t%s\n' "$(rows '[[1]]')" "$(rows '[["event_1"]]')"
	)
	run -0 wos-apply --cursor d1:acc0/app
	assert_output event_1
	run jq -r '.method + " " + .path' asked
	assert_line --index 0 'GET /accounts/acc0/d1/database?name=app'
	assert_line --index 1 'POST /accounts/acc0/d1/database/00000000-0000-4000-8000-000000000001/raw'
	for result in '[]' '{}' '[{"name":"app2","uuid":"00000000-0000-4000-8000-000000000002"}]' \
	    '[{"name":"app","uuid":"../../x"}]' '[{"name":"app"}]'; do
		answers <<<$'200\t{"success":true,"errors":[],"result":'"$result}"
		run -1 wos-apply --cursor d1:acc0/app
		assert_output --partial 'no D1 database of this name'
	done
}

# bats test_tags=slow
@test "d1: what is refused is a failure with its text; what may pass is 75" {
	local status code message

	while IFS='|' read -r status code message; do
		answers < <(printf '%s\tretry-after: 1000\t{"success":false,"errors":[{"code":%s,"message":"%s"}],"result":[]}\n' \
		    "$code" 7500 "$message")
		run "-$status" wos-apply --cursor "$DB"
		assert_output --partial "$message"
	done <<-'END'
		1|401|Authentication error
		1|403|not authorized
		1|404|no such database
		1|400|nobody knows what
		75|429|too many requests
		75|503|try later
		75|400|exceeded its free tier daily row read limit
	END
}

# bats test_tags=slow
@test "d1: an answer that is none fails, and no event is blamed" {
	local answer

	for answer in '' '{' '[]' 'null' '{"success":true}' '{"success":true,"result":null}' \
	    '{"success":true,"result":[]}' '{"success":1,"result":[{}]}' "$(rows 1)" \
	    "$(rows '[1]')" "$(rows '[[1],{}]')" '{"success":false}' \
	    "$(rows '[]' | sed 's/{"success":true,"meta"/{"success":false,"meta"/')" \
	    '{"success":false,"errors":[{"message":1}]}' \
	    "{\"success\":true,\"result\":$(printf '[%.0s' {1..300})" x40000000 \
	    "$(rows "[[$(printf '1,%.0s' {1..64})1]]")"; do
		answers <<<$'200\t'"$answer"
		run -1 wos-apply --cursor "$DB"
		run -1 wos-apply "$DB" < <(users 1 2 | wos-decode)
		refute_output --partial parked
	done
}

@test "d1: a row that is too short has nothing of another" {
	answers <<-END
		200	$(rows '[[1]]')
		200	$(rows '[["a","b",1,"first",1,"a"],["c","d",1,"second",1,"c"],[1,"e"]]')
	END
	run wos-apply --parked "$DB"
	assert_equal "$(grep -c first <<<"$output")" 1
}

@test "d1: rows that are too many at once are asked for in smaller pages" {
	answers <<-END
		200	$(rows '[[1]]')
		400	{"success":false,"errors":[{"code":7500,"message":"D1 DB's isolate exceeded its memory limit and was reset."}]}
		200	$(rows '[]')
	END
	run -0 --separate-stderr wos-apply --parked "$DB"
	[[ $stderr == '' ]]
	assert_equal "$(grep -o 'LIMIT [0-9]*' asked | head -2 | xargs)" 'LIMIT 256 LIMIT 128'
}

@test "d1: the budget of requests is kept" {
	answers < <(printf '200\t%s\n' "$(rows '[]')")
	WOS_D1_RATE=nonsense run -2 wos-apply --cursor "$DB"
	assert_output "wos-apply: WOS_D1_RATE: nonsense: not a rate: 4, or 1000/300"
	before=${EPOCHREALTIME/./}
	# Each run asks twice: it has one request at first, and half a second later another.
	answers < <(printf '200\t%s\n' "$(rows '[["event_1"]]')")
	for _ in 1 2; do
		WOS_D1_RATE=2 run -0 wos-apply --cursor "$DB"
	done
	(($(wc -l <asked) == 4))
	((${EPOCHREALTIME/./} - before > 500000))
}
