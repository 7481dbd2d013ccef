# SPDX-License-Identifier: MIT
# wos-fetch and TLS: the key goes to a host that proves who it is.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2016,SC2154	# quoted for another shell; set by run

load helper
load fetch

setup_file() {
	"$BATS_TEST_DIRNAME/api/make-cert" "$BATS_FILE_TMPDIR"
}

# tls_api NAME: a stand-in that shows this certificate.
tls_api() {
	api --tls "$BATS_FILE_TMPDIR/$1.pem" "$BATS_FILE_TMPDIR/$1.key" \
	    "$DATA/sample.jsonl"
}

# trust: what an administrator would do for an authority of their own.
trust() {
	export SSL_CERT_FILE=$BATS_FILE_TMPDIR/ca.pem
}

@test "fetch: https, with an authority that is trusted" {
	tls_api good
	[[ $WORKOS_BASE_URL == https:* ]]
	trust
	wos-fetch --page-size 4 >got
	fetched got
	[ "$(asked .connection | sort -u)" = 1 ]
	unset SSL_CERT_FILE
	CURL_CA_BUNDLE=$BATS_FILE_TMPDIR/ca.pem wos-fetch >got
	fetched got
}

@test "fetch: authorities may be links out of SSL_CERT_DIR" {
	local hash

	tls_api good
	hash=$(openssl x509 -hash -noout -in "$BATS_FILE_TMPDIR/ca.pem")
	mkdir authorities others
	export SSL_CERT_DIR=$PWD/authorities
	ln -s "$BATS_FILE_TMPDIR/ca.pem" "authorities/$hash.0"
	wos-fetch >got
	fetched got
	# By way of one beside it, and by others.
	mv "authorities/$hash.0" others/ca.pem
	ln -s ../others/ca.pem authorities/other.pem
	ln -s other.pem "authorities/$hash.0"
	wos-fetch >got
	fetched got
	ln -sf "$PWD/others/ca.pem" authorities/other.pem
	wos-fetch >got
	fetched got
}

@test "fetch: an expired certificate is refused, without a retry" {
	tls_api expired
	trust
	run -1 --separate-stderr wos-fetch
	[ -z "$output" ]
	[[ $stderr == *expired* ]]
	[ "${#stderr_lines[@]}" = 1 ]
	[ "$(requests)" = 0 ]
}

@test "fetch: a certificate for another host is refused" {
	tls_api other
	trust
	run -1 --separate-stderr wos-fetch
	[ -z "$output" ]
	[[ $stderr == *certificate* ]]
	[ "$(requests)" = 0 ]
}

@test "fetch: an authority that nobody trusts is refused" {
	tls_api good
	run -1 --separate-stderr wos-fetch
	[ -z "$output" ]
	[[ $stderr == *certificate* ]]
	[ "$(requests)" = 0 ]
}

@test "fetch: a bundle of authorities that is not there is a failure" {
	tls_api good
	SSL_CERT_FILE=missing run -1 wos-fetch
	assert_output --partial missing
}

@test "fetch: a server without TLS under https gets no request" {
	api "$DATA/sample.jsonl"
	run ! wos-fetch --retry-pause 1 --base-url "https://${API_URL#http://}"
	[[ $status == 1 || $status == 75 ]]
	[ "$(requests)" = 0 ]
}

@test "fetch: a redirect from https to http is not followed" {
	api "$DATA/sample.jsonl"
	other=$LOG
	target=$API_URL
	LOG=$BATS_TEST_TMPDIR/front
	api_start --log "$LOG" --fault "every:redirect:$target/events" \
	    --tls "$BATS_FILE_TMPDIR/good.pem" "$BATS_FILE_TMPDIR/good.key" \
	    "$DATA/sample.jsonl"
	trust
	run -1 wos-fetch
	[ ! -s "$other" ]
}

@test "fetch: faults heal over TLS as without" {
	api --tls "$BATS_FILE_TMPDIR/good.pem" "$BATS_FILE_TMPDIR/good.key" \
	    --fault 2:cut --fault 4:reset --fault 6:503 "$DATA/sample.jsonl"
	trust
	wos-fetch --retry-pause 1 --page-size 3 >got 2>err
	fetched got
}
