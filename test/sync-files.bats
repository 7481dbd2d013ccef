#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What wos-sync leaves where, who may read it, and who has the key.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's

load helper
load fetch
load sync

# descendants PID: all processes that it has started, and theirs.
descendants() {
	local pid

	for pid in $(ps -A -o pid= -o ppid= | awk -v p="$1" '$2 == p { print $1 }'); do
		echo "$pid"
		descendants "$pid"
	done
}

# follow [OPTION...]: a wos-sync that stays, once it has come to the end.
follow() {
	wos-sync --follow=0.1 "$@" 3>&- &
	SYNC_PID=$!
	STARTED+=("$SYNC_PID")
	# shellcheck disable=SC2016 # until_true has it expanded
	until_true eval '[[ -s app.db && $(wos-apply --cursor-info app.db) == *tail_seen_at* ]]'
}

# bats test_tags=linux,slow
@test "files: the key is in the environment of wos-fetch alone" {
	local pid name fetch=0

	[ -r /proc/self/environ ] || skip "there is no /proc"
	api "$DATA/sample.jsonl"
	follow --archive raw --metrics wos.prom app.db
	for pid in $(descendants "$SYNC_PID"); do
		name=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
		if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -q "$API_KEY"; then
			fail "$name has the key in its environment"
		fi
		# It has wiped its own by now.
		[[ $name != wos-fetch ]] || fetch=1
		run ! grep -F "$API_KEY" "/proc/$pid/cmdline"
	done
	[ "$fetch" = 1 ]
	kill "$SYNC_PID"
	wait "$SYNC_PID"
}

@test "files: a key from a file, and one that is empty, are nobody's either" {
	api "$DATA/sample.jsonl"
	printf '%s\n' "$API_KEY" >key
	WORKOS_API_KEY='' run -0 wos-sync app.db --api-key-file key
	WORKOS_API_KEY=sk_wrong run -0 wos-sync app.db --api-key-file key
}

@test "files: --follow makes no temporary file" {
	api "$DATA/sample.jsonl"
	mkdir tmp
	export TMPDIR=$PWD/tmp
	follow app.db
	assert_equal "$(ls tmp)" ''
	kill "$SYNC_PID"
	wait "$SYNC_PID"
	assert_equal "$(ls tmp)" ''
}

# bats test_tags=slow
@test "files: the pipe of --follow ends with a script that was killed" {
	local pids pid

	api "$DATA/sample.jsonl"
	follow --metrics wos.prom app.db
	pids=$(descendants "$SYNC_PID")
	[ "$(wc -w <<<"$pids")" -ge 3 ]
	kill -KILL "$SYNC_PID"
	for pid in $pids; do
		until_true eval "! kill -0 $pid 2>/dev/null"
	done
	# And the next run takes up where it was.
	wos-sync app.db
}

# bats test_tags=slow
@test "files: archives and metrics are for the owner and the group, as umask has it" {
	on_day 2026-11-28
	api "$DATA/sample.jsonl"
	wos-sync --archive raw --metrics wos.prom app.db
	assert_equal "$(stat -c %a raw/*.jsonl wos.prom app.db | sort -u)" 640
	(
		umask 077
		wos-sync --archive own --metrics own.prom own.db
	)
	assert_equal "$(stat -c %a own/*.jsonl own.prom own.db | sort -u)" 600
	# What is there already keeps the mode that somebody gave it.
	chmod 644 wos.prom raw/*.jsonl
	wos-sync --archive raw --metrics wos.prom app.db
	assert_equal "$(stat -c %a raw/*.jsonl wos.prom | sort -u)" 644
}

@test "files: two databases of one name in two folders have labels of their own" {
	api "$DATA/sample.jsonl"
	for folder in one two; do
		mkdir "$folder"
		(cd "$folder" && wos-sync --metrics "../$folder.prom" app.db)
	done
	[ "$(grep -ho 'database="[^"]*"' one.prom two.prom | sort -u | wc -l)" = 2 ]
	grep -q "database=\"$PWD/one/app.db\"" one.prom
}

# as USER COMMAND...: as a user without a name.
as() {
	if ((EUID != 0)) || ! type -P setpriv >/dev/null; then
		skip "needs root and setpriv, to be somebody else"
	fi
	setpriv --reuid="$1" --regid="$1" --clear-groups env HOME=/tmp \
	    PATH="$PWD/reached/bin:$PATH" "${@:2}"
}

# reached: the programs, as they are installed, where another user reaches them.
reached() {
	open_folder reached/bin
	mkdir -p reached/share/wos
	cp "$ROOT"/{fetch/wos-fetch,decode/wos-decode,apply/wos-apply,scripts/wos-sync} \
	    reached/bin
	cp "$ROOT"/scripts/wos*.sh reached/share/wos
}

# open_folder NAME [USER]: a folder that others reach.
open_folder() {
	local dir=$PWD

	while [[ $dir != / && $dir != /tmp ]]; do
		chmod o+x "$dir"
		dir=${dir%/*}
	done
	mkdir -p "$1"
	[[ ! ${2-} ]] || chown "$2:$2" "$1"
}

@test "files: the lock that another user has left stops nobody" {
	api "$DATA/sample.jsonl"
	as 4001 true
	reached
	open_folder d 4001
	# Root has tried it first, and then given it away.
	(
		umask 077
		wos-sync d/app.db
	)
	chown 4001:4001 d/app.db
	as 4001 wos-sync d/app.db
	# One that can only be read is as good.
	chown 0:0 d/app.db.sync.lock
	chmod 644 d/app.db.sync.lock
	as 4001 wos-sync d/app.db
	# Nor does it stop those whose run it is.
	exec 8<d/app.db.sync.lock
	flock 8
	as 4001 wos-sync d/app.db || status=$?
	assert_equal "$status" 75
}

@test "files: what another user has put in the lock's place is not followed" {
	api "$DATA/sample.jsonl"
	echo precious >victim
	ln -s victim app.db.sync.lock
	run -1 --separate-stderr wos-sync app.db
	[[ $stderr == *"app.db.sync.lock: can't be opened"* ]]
	assert_equal "$(cat victim)" precious
}

@test "files: a lock is one file, by whatever link the database is called" {
	mkdir folder
	: >folder/app.db
	ln -s "$PWD/folder" other
	ln -s app.db folder/link.db
	for name in folder/app.db folder/link.db other/link.db; do
		run -0 wos-apply --lock-file "$name"
		assert_output "$PWD/folder/app.db.sync.lock"
		rm folder/app.db.sync.lock # it is made each time
	done
	run -0 wos-apply --lock-file other
	assert_output "$PWD/folder/.wos-sync.lock"
	run -1 wos-apply --lock-file nowhere/app.db
	exec 8<folder/.wos-sync.lock 7<folder/.wos-sync.lock
	run -0 wos-apply --lock 8
	run -0 wos-apply --lock 8 # it is the caller's, who has it
	run -75 wos-apply --lock 7
	assert_output ''
	exec 7>&-
	run -2 wos-apply --lock 7
	assert_output 'wos-apply: --lock: 7: no such descriptor'
}

@test "files: an XDG_RUNTIME_DIR that is not there is named and passed over" {
	export WORKOS_API_KEY=x WORKOS_BASE_URL=http://127.0.0.1:9
	export XDG_RUNTIME_DIR=$PWD/not-there
	run ! --separate-stderr wos-sync postgresql://x@127.0.0.1:1/x --retries 0
	[[ $stderr == *"XDG_RUNTIME_DIR: $PWD/not-there"* ]]
	[[ $stderr != *'not a directory of this user'*$'\n'* || $stderr == *127.0.0.1* ]]
}

@test "files: standard input is what --from - reads" {
	wos-sync app.db --from - < <(cat "$DATA/sample.jsonl")
	assert_equal "$(sql app.db 'SELECT count(*) FROM events_cursor')" 15
	jq -s '{object: "list", data: ., list_metadata: {after: null}}' \
	    "$DATA/sample.jsonl" | wos-sync page.db --from -
	diff <(dump app.db) <(dump page.db)
}

# bats test_tags=slow
@test "files: what the database says is never run, nor what a stream says" {
	# shellcheck disable=SC2016 # nobody is to expand it
	local value='BASH_VERSINFO[$(touch ran)]'

	export WORKOS_API_KEY=x WORKOS_BASE_URL=http://127.0.0.1:9
	for column in event_at moved_at tail_seen_at gap_from gap_to event_id \
	    scope_event_id scope_organization_id fill_event_id \
	    fill_organization_id; do
		rm -f app.db*
		wos-decode "$DATA/sample.jsonl" | wos-apply app.db
		sql app.db "UPDATE sync_cursor SET $column = '$value'"
		run wos-sync --metrics wos.prom --resume --margin 1m app.db --retries 0
		run wos-status --json app.db
		sql app.db "UPDATE sync_cursor SET $column = 'x' || char(10) || 'start $value'"
		run wos-sync --metrics wos.prom app.db --retries 0
		[ ! -e ran ]
	done
	for column in event_type state since asked_at refused_at refused_by; do
		rm -f app.db*
		wos-decode "$DATA/sample.jsonl" | wos-apply app.db
		sql app.db "UPDATE sync_cursor SET scope_event_id = event_id" \
		    "INSERT INTO cursor_scope (name, event_type, state) VALUES ('default', 'a.b', 'refused')" \
		    "UPDATE cursor_scope SET $column = '$value'"
		run wos-sync --metrics wos.prom app.db --retries 0
		run wos-status app.db
		[ ! -e ran ]
	done
}
