# SPDX-License-Identifier: MIT
# wos-fetch: where it asks and with which key, and what nobody else may know: the key,
# and passwords in URLs.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2016,SC2154	# quoted for another shell; set by run

load helper
load fetch

setup() {
	wos_setup
	KEY=sk_test_Q7rJ2mXw9ZkT4vB8nC6pL3sD5fG1hY0aRuEiOqWtMzNxKvPbSdFgHjUy
}

teardown() {
	rm -rf "${REACHED:-}"
	wos_teardown
}

# nobody: in `as`, what runs a command as nobody does, where root runs the tests.
# There is a wos-fetch that nobody reaches, too, wherever this tree may be.
nobody() {
	as=()
	((EUID == 0)) || return 0
	command -v setpriv >/dev/null || skip 'there is no setpriv'
	as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	REACHED=$(mktemp -d /tmp/wos-key.XXXXXX)
	chmod 755 "$REACHED"
	cp "$ROOT/fetch/wos-fetch" "$REACHED"
	PATH=$REACHED:$PATH
}

# keyed [options] FILE: a stand-in that takes this key, and its user.
keyed() {
	api --key "$KEY" "$@"
	export WORKOS_API_KEY=$KEY
}

# no_part FILE...: no eight characters of the key in a row are in them, nor does
# a URL or a string of JSON with its escapes say as much.
no_part() {
	python3 - "$KEY" "$@" <<-'END'
		import re, sys, urllib.parse
		key = sys.argv[1]
		for name in sys.argv[2:]:
		    text = open(name, errors="replace").read()
		    plain = re.sub(r"\\u([0-9a-fA-F]{4})",
		                   lambda m: chr(int(m.group(1), 16)), text)
		    for said in text, plain, urllib.parse.unquote(text):
		        for i in range(len(key) - 7):
		            if key[i:i + 8] in said:
		                sys.exit("%s: %s: %s" % (name, key[i:i + 8], text))
	END
}

# escaped FORMAT: the key with each of its characters written so.
escaped() {
	python3 -c 'import sys
print("".join(sys.argv[1] % ord(c) for c in sys.argv[2]), end="")' "$1" "$KEY"
}

# bats test_tags=slow
@test "key: no part of it is in a message, however often the answer repeats it" {
	local n=0 faults=() repeated

	repeated=$(printf "$KEY%.0s" {1..30})
	# Wherever the message is cut, it is not in the middle of a key.
	for pad in '' x {1..9} {300..420..7}; do
		[[ $pad != [0-9]* ]] || printf -v pad "%*s" "$pad" ''
		for body in "{\"message\":\"${pad}$repeated\",\"code\":\"$KEY$KEY\"}" \
		    "<html>$pad$repeated" "\"$pad${repeated:5}\"" \
		    "{\"message\":\"$pad${KEY:0:40}${KEY:20}${KEY:9}$repeated\"}"; do
			printf %s "$body" >"body.$n"
			faults+=(--fault "$((n + 1)):body:$((n % 2 ? 403 : 500)):body.$n")
			n=$((n + 1))
		done
	done
	keyed "${faults[@]}" "$DATA/sample.jsonl"
	for ((; n > 0; n--)); do
		run ! --separate-stderr wos-fetch -v --retries 0
		printf '%s\n' "$output" "$stderr" >said
		cat said >>all
		no_part said
	done
	grep -q '\[key\]' all
}

# bats test_tags=slow
@test "key: however it is written" {
	local n=0 faults=() escapes

	escapes=$(escaped '\u%04x')
	for body in "{\"message\":\"$escapes\"}" "<html>$escapes" \
	    "<html>$(escaped '\u%04X')" "<html>$(escaped '%%%02x') $(escaped '%%%02X')" \
	    "<html>sk%5Ftest%5f${KEY#sk_test_}" "<html>$(escaped '\%c')" \
	    "{\"errors\":[{\"field\":\"$KEY\",\"code\":\"${KEY:3:30}\"}],\"message\":\"x\"}"; do
		printf %s "$body" >"body.$n"
		faults+=(--fault "$((n + 1)):body:403:body.$n")
		n=$((n + 1))
	done
	keyed "${faults[@]}" "$DATA/sample.jsonl"
	for ((; n > 0; n--)); do
		run -1 --separate-stderr wos-fetch -v --retries 0
		grep -q '\[key\]' <<<"$stderr"
		printf '%s\n' "$output" "$stderr" >said
		no_part said
	done
}

# bats test_tags=slow
@test "key: nor in what is said of headers, retries and names, in text or JSON" {
	local long=${KEY}$KEY$KEY$KEY$KEY$KEY$KEY$KEY pad

	printf -v pad '%*s' 480 ''
	for format in text json; do
		keyed --fault "1:header:503:X-Request-Id:x$long" \
		    --fault "2:header:429:Retry-After:$KEY" \
		    --fault "3:header:500:X-Request-Id:${pad// /y}$KEY" \
		    --fault "4:echo-key:500" \
		    --fault "5:400:Invalid name parameter, received: '$KEY'. You must" \
		    --fault "6:header:302:Location:https://user:$KEY@h.example/$KEY?k=$KEY#$KEY" \
		    "$DATA/sample.jsonl"
		run -1 --separate-stderr wos-fetch -v --retries 4 --retry-pause 1 \
		    --log-format "$format" --events "user.created,$KEY"
		printf '%s\n' "$output" "$stderr" >said
		no_part said
		[ "$(requests)" = 6 ]
		grep -q '302: a redirect to h.example is not followed' said
		run ! grep -e user: -e 'k=' said
		api_stop
	done
}

@test "key: nor in a trace" {
	export WOS_TRACE_FILE=$PWD/spans
	keyed --fault "1:header:503:X-Request-Id:$KEY" --fault "2:echo-key:500" \
	    --fault "3:header:403:X-Request-Id:${KEY:8:20}" "$DATA/sample.jsonl"
	run -1 wos-fetch -v --retry-pause 1
	[ -s spans ]
	no_part spans
}

@test "key: a short one is said nowhere, a long one only in parts too short to know it by" {
	KEY=k1
	keyed --fault 'every:403:k1 for k1, k 1' "$DATA/sample.jsonl"
	run -1 --separate-stderr wos-fetch
	[[ $stderr == *'403: [key] for [key], k 1'* ]]
	api_stop
	KEY=$(head -c 4096 /dev/zero | tr '\0' a)
	keyed --fault "every:403:aaaaaaa ${KEY:0:2000} b" "$DATA/sample.jsonl"
	run -1 --separate-stderr timeout 300 wos-fetch
	[[ $stderr == *'403: aaaaaaa [key] b'* ]]
}

@test "key: --api-key is no option, and no abbreviation of one" {
	api "$DATA/sample.jsonl"
	for option in --api-key="$KEY" --api-key; do
		run -2 --separate-stderr wos-fetch "$option" "$KEY"
		[ -z "$output" ]
		[[ $stderr == 'wos-fetch: --api-key: a key does not belong on a command line,'*WORKOS_API_KEY*--api-key-file ]]
		printf %s "$stderr" >said
		no_part said
	done
	run -2 wos-fetch --api-k key # one that could be both is neither
	[ "$(requests)" = 0 ]
	echo "$API_KEY" >key
	wos-fetch --api-key-f key >got
	fetched got
}

# bats test_tags=slow
@test "key: passwords in URLs are not said" {
	keyed "$DATA/sample.jsonl"
	export no_proxy=
	for url in https://me:hush@api.example https://me:hush/x@api.example \
	    https://me:hush 'https://api.example/?token=hush' me:hush@api.example \
	    https://me:hush%40api.example http://hush.example 'https://h/#hush'; do
		run -2 --separate-stderr wos-fetch --base-url "$url"
		[[ $stderr == 'wos-fetch: --base-url: '* && $stderr != *hush* ]]
		WORKOS_BASE_URL=$url run -2 --separate-stderr wos-fetch
		[[ $stderr == 'wos-fetch: WORKOS_BASE_URL: '* && $stderr != *hush* ]]
	done
	for url in http://me:hush@127.0.0.1:9 http://me:hush/x@proxy.invalid \
	    http://me:hush odd://me:hush@127.0.0.1:9 http://me:hush@proxy.invalid \
	    me:hush@@ https://me:hush@127.0.0.1:9 socks5://me:hush@127.0.0.1:9 \
	    'http://me:hush@[::1' http://hush:1/x@proxy.invalid; do
		for name in https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do
			run ! --separate-stderr env "$name=$url" timeout 300 \
			    wos-fetch --retries 0 -v --base-url https://127.0.0.1:9
			[ "$status" != 124 ]
			[[ $stderr == *'https://127.0.0.1:9/events: '* && $stderr != *hush* ]]
		done
	done
}

# Who else could read it.

# running [options]: a wos-fetch that is there and waits, as this user; pid.
running() {
	keyed --fault 2:hang "$DATA/sample.jsonl"
	piped "$@" wos-fetch --page-size 10
	IFS= read -r -t 100 <&8
}

@test "key: it is gone from the environment once it is read" {
	[[ -r /proc/self/environ ]] || skip 'there is no /proc'
	running env
	tr '\0' '\n' >environ </proc/"$pid"/environ || : # or it may not be read
	no_part environ
	run ! grep '^WORKOS_API_KEY=.' environ
	kill "$pid"
	rm out
	# A key that was not used, too.
	echo "$KEY" >key
	export WORKOS_API_KEY=$KEY
	piped wos-fetch --page-size 10 --api-key-file key
	IFS= read -r -t 100 <&8
	tr '\0' '\n' >environ </proc/"$pid"/environ || :
	no_part environ
}

@test "key: a crash leaves no core with it" {
	ulimit -c unlimited || skip 'cores are limited here'
	running env
	[ ! -r /proc/self/limits ] ||
		grep -q '^Max core file size *0 *0 ' /proc/"$pid"/limits
	kill -ABRT "$pid"
	ends_with 134 "$pid"
	run ! grep -rlF "$KEY" .
	[ -z "$(find . -name '*core*')" ]
}

@test "key: no other process of the user looks into its memory" {
	[[ -r /proc/self/mem ]] || skip 'there is no /proc'
	# root may, so the test is nobody's.
	local as

	nobody
	running "${as[@]}"
	# It could, of another program.
	"${as[@]}" sleep 600 3>&- &
	STARTED+=("$!")
	until_true "${as[@]}" head -c 1 /proc/$!/environ
	run ! "${as[@]}" head -c 1 /proc/"$pid"/environ
	run ! "${as[@]}" head -c 0 /proc/"$pid"/mem
	assert_output --partial 'ermission denied'
	kill "$pid"
}

@test "key: its file may be a pipe, for whoever runs it" {
	local as

	nobody
	keyed "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	"${as[@]}" bash -c 'wos-fetch --api-key-file <(echo "$1")' - "$KEY" >got
	fetched got
}

# Where, and with which key.

@test "fetch: --base-url beats WORKOS_BASE_URL" {
	api "$DATA/sample.jsonl"
	url=$WORKOS_BASE_URL
	WORKOS_BASE_URL=http://127.0.0.1:1 wos-fetch --base-url "$url" >got
	fetched got
	wos-fetch --base-url "$url/" >got # as people write it
	fetched got
}

@test "fetch: plain http is for loopback only" {
	export WORKOS_API_KEY=$API_KEY
	for url in http://api.workos.com http://127.0.0.1.example.com \
	    http://localhost.example.com http://user@example.com \
	    http://127.0.0.1@example.com http://0x7f.1.example.com \
	    http://10.0.0.1 HTTP://example.com 'http://example.com?127.0.0.1' \
	    'http://example.com#@127.0.0.1' 'http://example.com\@127.0.0.1'; do
		run -2 wos-fetch --base-url "$url"
		WORKOS_BASE_URL=$url run -2 wos-fetch
	done
}

@test "fetch: a base URL is http or https" {
	export WORKOS_API_KEY=$API_KEY
	for url in '' file:///etc/passwd ftp://127.0.0.1 127.0.0.1 gopher://localhost \
	    https:// 'https://exa mple.com' $'https://127.0.0.1\n'; do
		run -2 wos-fetch --base-url "$url"
	done
}

@test "fetch: localhost is loopback too" {
	api "$DATA/sample.jsonl"
	wos-fetch --base-url "http://localhost:${API_URL##*:}" >got
	fetched got
}

@test "fetch: the key comes from a file" {
	api "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	echo "$API_KEY" >key
	wos-fetch --api-key-file key >got
	fetched got
	printf %s "$API_KEY" >key # no newline
	wos-fetch --api-key-file key >got
	fetched got
	WORKOS_API_KEY=sk_wrong wos-fetch --api-key-file key >got
	fetched got
}

@test "fetch: of a key file, the first line is the key" {
	api "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	printf '%s\r\nX-Evil: 1\r\n' "$API_KEY" >key
	wos-fetch --api-key-file key >got
	fetched got
	[ "$(asked '.headers["x-evil"]')" = null ]
}

@test "fetch: the key file may be a pipe" {
	api "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	wos-fetch --api-key-file <(echo "$API_KEY") >got
	fetched got
}

@test "fetch: no key, no request" {
	api "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	run -2 wos-fetch
	assert_output --partial WORKOS_API_KEY
	WORKOS_API_KEY='' run -2 wos-fetch
	: >empty
	run ! wos-fetch --api-key-file empty
	assert_output --partial empty
	run ! wos-fetch --api-key-file missing
	assert_output --partial missing
	run ! wos-fetch --api-key-file .
	[ "$(requests)" = 0 ]
}

@test "fetch: a key that is no header value goes nowhere" {
	api "$DATA/sample.jsonl"
	for key in $'sk_one\nX-Evil: 1' $'sk_one\rX-Evil: 1' 'sk one' $'sk_one\e' sk_ä; do
		WORKOS_API_KEY=$key run ! wos-fetch
		refute_output --partial sk_one
	done
	head -c 100000 /dev/zero | tr '\0' k >key
	run ! wos-fetch --api-key-file key
	refute_output --partial kkkk
	[ "$(requests)" = 0 ]
}

@test "fetch: a key file without an end is not read to it" {
	api "$DATA/sample.jsonl"
	run ! timeout 300 wos-fetch --api-key-file /dev/zero
	[ "$status" != 124 ]
}

@test "fetch: -v says what is asked, and not the key" {
	api "$DATA/sample.jsonl"
	wos-fetch -v --page-size 5 >got 2>err
	fetched got
	(($(grep -c '^wos-fetch: ' err) >= 3))
	no_key err
}

@test "fetch: the key is in no argument and no file that others can read" {
	api --fault 2:hang "$DATA/sample.jsonl"
	piped wos-fetch --page-size 10
	read -r -t 100 <&8
	tr '\0' '\n' </proc/"$pid"/cmdline >cmdline
	no_key cmdline
}

@test "fetch: the proxies of the environment are curl's business, loopback is not theirs" {
	api "$DATA/sample.jsonl"
	http_proxy=http://127.0.0.1:1 no_proxy=127.0.0.1 wos-fetch >got
	fetched got
}
