#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-sync --changes, and the loop that welcomes new users.

# shellcheck disable=SC2016	# other shells expand

load helper
load stream
load sync

# api FROM TO: an API that has these users' events.  Later ones are appended.
api() {
	users "$1" "$2" >events.jsonl
	api_start events.jsonl
}

@test "changes: wos-sync prints them, and nothing when nothing is new" {
	api 1 7
	wos-sync --changes app.db >out
	assert_equal "$(jq -r '"\(.op) \(.new.email)"' out | paste -sd ' ')" \
	    "$(printf 'insert %s@example.com\n' {1..7} | paste -sd ' ')"
	run -0 --separate-stderr wos-sync --changes app.db
	assert_output ''
}

@test "changes: wos-sync --list tells of what it finds" {
	users 1 1 >before.jsonl
	users 2 2 >events.jsonl
	api_start --before before.jsonl events.jsonl
	wos-sync --list=user --changes app.db >out
	assert_equal "$(jq -c '[.op, .event_id, .new.email]' out | sort | paste -sd ' ')" \
	    '["insert",null,"1@example.com"] ["insert",null,"2@example.com"]'
}

# bats test_tags=slow
@test "changes: with --follow they come while wos-sync stays" {
	api 1 2
	wos-sync --changes --follow=0.1 app.db >out 2>err &
	STARTED+=("$!")
	until_true grep -q '"user_2"' out
	users 3 3 >>events.jsonl
	until_true grep -q '"user_3"' out
	kill "${STARTED[-1]}"
	wait "${STARTED[-1]}"
}

@test "changes: what does not go with them, exit 2" {
	for option in --changes --notify --notify=channel; do
		run -2 wos-sync --dry-run "$option" app.db
		assert_output --partial "--dry-run: it does not go with --archive, --changes,"
	done
}

# mail: what the example has in its place, with what it was given in mails.
mails() {
	mkdir -p bin
	printf '#!/bin/sh\ncat >/dev/null\n[ ! -e full ] || exit 1\necho "$4" >>mails\n' >bin/mail
	chmod +x bin/mail
	PATH=$PWD/bin:$PATH
}

# newcomers FROM TO: these users are created now.
newcomers() {
	users "$1" "$2" | jq -c --arg now "$(date -u +%FT%T.000Z)" \
	    '.created_at = $now | .data.created_at = $now' >>events.jsonl
}

@test "changes: the example of the manual" {
	api 1 2
	mails
	: >welcome.txt
	sed -n '/^Welcome new users/,/^\.Ed/p' "$ROOT/scripts/wos-sync.1" |
		sed '1,/^\.Bd/d; /^\.Ed/d' >loop
	bash -euo pipefail loop
	assert_equal "$(xargs <mails)" "1@example.com 2@example.com"
}

# bats test_tags=slow
@test "changes: the example welcomes each new user once, whatever happens" {
	local welcome=$ROOT/packaging/examples/welcome

	mails
	api 1 2
	"$welcome" app.db
	[ ! -e mails ] # who was there before
	newcomers 3 4
	"$welcome" app.db
	assert_equal "$(xargs <mails)" "3@example.com 4@example.com"
	# A run whose mails do not go out, after which the sync has gone on.
	newcomers 5 6
	touch full
	run "$welcome" app.db
	[ "$status" -ne 0 ]
	rm full
	wos-sync app.db
	assert_equal "$(wos-apply --cursor app.db)" event_6
	newcomers 7 8
	"$welcome" app.db
	assert_equal "$(xargs <mails)" "$(echo {3..8}@example.com)"
	"$welcome" app.db
	assert_equal "$(wc -l <mails)" 6
}

@test "changes: the example does not welcome whose creation was pruned" {
	mails
	api 1 2
	"$ROOT/packaging/examples/welcome" app.db
	newcomers 3 3
	users 1 1 | jq -c --arg now "$(date -u +%FT%T.000Z)" '.event = "user.updated" |
		.id = "event_4" | .created_at = $now | .data.updated_at = $now' >>events.jsonl
	wos-sync app.db
	assert_equal "$(wos-apply --cursor app.db)" event_4
	: >app.db.welcoming
	wos-apply --prune 30d --now 4100000000000 app.db
	"$ROOT/packaging/examples/welcome" app.db
	assert_equal "$(xargs <mails)" 3@example.com
}
