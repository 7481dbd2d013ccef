# SPDX-License-Identifier: MIT
# Erasing people, and pruning, where a commit is one request: what a batch did not
# know of is in a request that was on its way.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load ../helper
load ../stream

setup() {
	# shellcheck disable=SC2034 # newdb reads it
	DBKIND=d1
	wos_setup
	newdb app
}

# addresses: how many users have one.
addresses() {
	sql "$app" 'SELECT count(email) FROM user'
}

@test "d1: a batch that is on its way while someone is erased is sent again" {
	users 1 3 | wos-decode >in.sql
	feed stream wos-apply "$app"
	user 1 | wos-decode >&"$FEED"
	until_sql "$app" 1 'SELECT count(*) FROM events_cursor'
	wos-erase user_2 "$app"
	cat in.sql >&"$FEED"
	ended
	assert_equal "$(ids "$app") $(addresses)" 'user_1 user_2 user_3 2'
	grep -q 'meanwhile someone was erased, or facts were pruned' stream.err
}

@test "d1: so is one that has facts which are pruned meanwhile" {
	fact() {
		event "event_$1" authentication.password_failed "2026-01-0$1T00:00:00Z" \
		    '{"email":"a@example.com"}' | wos-decode
	}

	feed stream wos-apply "$app"
	fact 1 >&"$FEED"
	until_sql "$app" 1 'SELECT count(*) FROM authentication'
	wos-apply --prune 1d --facts 1d --now 4100000000000 "$app"
	fact 2 >&"$FEED"
	ended
	assert_equal "$(sql "$app" 'SELECT count(*) FROM authentication')" 0
	assert_equal "$(cursor "$app")" event_2
}

@test "d1: an erasure of many is in few requests" {
	local before many

	users 1 72 | wos-decode | wos-apply "$app"
	# As many as texts are looked for by, with their addresses.
	wos-erase user_{61..72} "$app"
	assert_equal "$(addresses)" 60
	before=$(d1_number "$app" true)
	printf 'user_%s\n' {1..59} >who
	wos-erase --from who "$app"
	many=$(($(d1_number "$app" true) - before))
	assert_equal "$(addresses)" 1
	((many < 59 * 4)) || fail "$many requests"
}

# bats test_tags=slow
@test "d1: an erasure of texts that are together too large for an answer or a request" {
	local n long

	printf -v long '%01600000d' 0
	for n in {1..12}; do
		event "event_$n" user.updated "2026-01-01T00:00:0$((n % 10))Z" \
		    "{\"id\":\"user_1\",\"email\":\"a@example.com\",\"x\":\"$long\"}"
	done | wos-decode | wos-apply "$app"
	wos-erase user_1 "$app"
	assert_equal "$(addresses)" 0
	assert_equal "$(sql "$app" 'SELECT max(length(event_payload)) < 200 FROM events_cursor')" 1
}
