#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command line, of programs and scripts.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's

load helper
load fetch

# bats test_tags=slow
@test "options: -h is --help, in programs and in scripts" {
	local name

	for name in wos-{fetch,otlp,decode,apply,sync,status,verify,rebuild,doctor,completion}; do
		run -0 --separate-stderr "$name" -h
		assert_equal "$output" "$("$name" --help)"
		assert_equal "$stderr" ''
		assert_equal "${output%% *}" usage:
		run ! grep -E '^.{81}' <<<"$output"
	done
}

# bats test_tags=sqlite
@test "options: exit 1, or 3 of wos-status: what they print can't be written" {
	local name status

	[ -c /dev/full ] || skip 'there is no /dev/full'
	for name in wos-{fetch,otlp,decode,apply,sync,status,verify,rebuild,erase,doctor,completion}; do
		status=1
		[[ $name != wos-status ]] || status=3
		for option in --help --version; do
			run "-$status" bash -c '"$@" >/dev/full' - "$name" "$option"
			assert_output "$name: write error${output#"$name: write error"}"
		done
	done
	run -1 bash -c 'wos-doctor >/dev/full'
	assert_output --partial 'wos-doctor: write error'
}

@test "options: wrong usage fits a terminal of 80 columns" {
	local name status

	for name in wos-{fetch,otlp,decode,apply,sync,status,verify,rebuild,doctor,completion}; do
		status=2
		[[ $name != wos-status ]] || status=3
		run "-$status" --separate-stderr "$name" --no-such-option
		assert_equal "$output" ''
		run ! grep -E '^.{81}' <<<"$stderr"
		[[ $stderr == "$name: --no-such-option: not an option"*$'\n'usage:* ]]
	done
}

@test "options: --options prints what --help does, for programs" {
	local name

	for name in wos-{fetch,otlp,decode,apply,sync,status,verify,rebuild,doctor,completion}; do
		"$name" --options >rows
		diff <(cut -f 1 rows) \
		    <("$name" --help | sed -nE 's/^  (-[a-z], )?(--[a-z-]+).*/\2/p') ||
			fail "$name"
		awk -F '\t' 'NF != 4 || $2 !~ /^[-a-z]$/ || $3 == "" || $4 == "" {
			print; bad = 1 } END { exit bad }' rows || fail "$name"
	done
	wos-sync --options >rows
	grep -q $'^--archive\t-\tDIR\talso keep what comes, in DIR/.*\\.lists\\.jsonl$' rows
	grep -q $'^--follow\t-\t\\[=SECONDS\\]\tstay' rows
	grep -q $'^--verbose\tv\t-\tat the end' rows
}

@test "options: did you mean" {
	local name wrong right

	while read -r name wrong right; do
		run --separate-stderr "$name" "$wrong" app.db
		((status == 2 || status == 3)) || fail "$name $wrong: $status"
		[[ ${stderr_lines[0]} == *"; did you mean $right?" ]] ||
			fail "$name $wrong: $stderr"
	done <<-'END'
	wos-fetch --sinse --since
	wos-fetch --origanization=org_1 --organization
	wos-decode --jp --jq
	wos-apply --dryrun --dry-run
	wos-sync --achive --archive
	wos-sync --sinse --since
	wos-sync --ARCHIVE --archive
	wos-fetch --Page_size --page-size
	wos-status --jason --json
	wos-verify --repiar --repair
	wos-rebuild --verbsoe --verbose
	END
	# Behind DATABASE it is no other.
	for wrong in --achive --sinse; do
		run -2 --separate-stderr wos-sync app.db "$wrong" x
		[[ ${stderr_lines[0]} == "wos-sync: $wrong: not an option; did you mean"* ]]
	done
	for wrong in resum dry metric; do
		run -2 --separate-stderr wos-sync app.db "--$wrong"
		[[ ${stderr_lines[0]} == "wos-sync: --$wrong: not an option; did you mean --$wrong"* ]]
	done
	run -2 --separate-stderr wos-sync app.db --api-key sk_x
	[[ $stderr == *'a key does not belong on a command line'* ]]
	run -2 --separate-stderr wos-sync --unlike-any app.db
	[[ $stderr != *'did you mean'* ]]
	run -2 wos-fetch --events 'usr.*'
	assert_output 'wos-fetch: --events: usr.*: no event type matches; did you mean user.*?'
	run -2 wos-fetch --list=users
	assert_output 'wos-fetch: --list: users: the API has no list of that; did you mean user?'
}

@test "options: an event type that the API does not take, and what was meant" {
	api "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-fetch --events user.create,user.deleted
	[[ $stderr == *'user.create: '*'left out; did you mean user.created?' ]]
}

@test "options: an event type in capitals, or with its object cut short" {
	local wrong right types

	mapfile -t types < <(wos-decode --events | cut -f 1)
	while read -r wrong right; do
		run -0 wos-apply --nearest "$wrong" -- "${types[@]}"
		assert_equal "$wrong: $output" "$wrong: $right"
	done <<-'END'
	USER.CREATED user.created
	Organization.Deleted organization.deleted
	org.created organization.created
	org.update organization.updated
	membership.created organization_membership.created
	memberships.deleted organization_membership.deleted
	domain.verified organization_domain.verified
	users.create user.created
	session.ceated session.created
	created
	END
}

@test "options: what is short for an option is none of a script, and none has a value too many" {
	local name status

	for name in wos-{sync,status,verify,rebuild,doctor}; do
		status=2
		[[ $name != wos-status ]] || status=3
		run "-$status" --separate-stderr "$name" app.db --quiet=1
		assert_equal "${stderr_lines[0]}" "$name: --quiet: takes no argument"
		run "-$status" --separate-stderr "$name" --quiet=1 app.db
		assert_equal "${stderr_lines[0]}" "$name: --quiet: takes no argument"
	done
	run -2 wos-sync --dry-run=no app.db
	assert_line --index 0 'wos-sync: --dry-run: takes no argument'
	run -3 wos-status app.db --che
	assert_line --index 0 'wos-status: --che: not an option; did you mean --check?'
	run -2 wos-rebuild app.db --unt=7d
	assert_line --index 0 'wos-rebuild: --unt: not an option; did you mean --until?'
}

@test "options: a wrong letter is named, wherever it stands" {
	run -2 wos-fetch --rare -xv
	assert_line --index 0 'wos-fetch: -x: not an option'
	run -2 wos-fetch --rare -vx
	assert_line --index 0 'wos-fetch: -x: not an option'
	# With a dash too few.
	run -2 wos-fetch -since 7d
	assert_line --index 0 'wos-fetch: -s: not an option; did you mean --since?'
	run -2 wos-fetch --rare -max=3
	assert_line --index 0 'wos-fetch: -m: not an option; did you mean --max?'
	run -2 wos-apply app.db -cursor
	assert_line --index 0 'wos-apply: -c: not an option; did you mean --cursor?'
	run -2 wos-apply --no-cursor -vxq app.db
	assert_line --index 0 'wos-apply: -x: not an option'
}

@test "options: those of a script stand before DATABASE or after it" {
	api "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-sync app.db --archive raw --max 3 -v
	[[ $stderr == '3 events'* || $stderr == *': 3 events'* ]]
	[ "$(cat raw/*.jsonl | wc -l)" = 3 ]
	wos-sync --page-size 4 --archive=raw app.db --jobs 1
	[ "$(asked .query.limit | tail -n 1)" = 4 ]
	diff "$DATA/sample.jsonl" <(cat raw/*.jsonl)
	# What both have is the script's, unless it stands behind --.
	run -0 --separate-stderr wos-sync app.db -- -v
	[[ $stderr == *'/events?'*': 200, '* ]]
	run -0 wos-status app.db --json --behind 1h
	run -0 jq -r .verdict <<<"$output"
	assert_output fresh
	run -0 --separate-stderr wos-rebuild app.db -v
	[[ $stderr == *'15 events'* ]]
}

@test "options: letters of a script stand together, as those of a program" {
	api "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-sync -qv app.db
	assert_equal "$output$stderr" ''
	run -0 wos-status -qh
	assert_line --index 0 'usage: wos-status [options] DATABASE'
	run -2 wos-sync -vx app.db
	assert_line --index 0 'wos-sync: -x: not an option'
}

# bats test_tags=sqlite
@test "options: wos-apply says what is wrong in lines that stay on the screen" {
	run -2 wos-apply
	assert_output 'wos-apply: no DATABASE: name it, or set WOS_DATABASE or DATABASE_URL'
	run -2 wos-apply --status app.db other.db
	assert_output 'wos-apply: there is a word too many for --status'
	run -2 wos-apply --no-such app.db
	((${#lines[@]} == 3))
	run -2 wos-decode --events events.jsonl
	assert_output 'wos-decode: --events: no file goes with it'
}

@test "options: -q says nothing but failures" {
	api "$DATA/sample.jsonl"
	wos-sync -q app.db
	run -0 --separate-stderr wos-sync app.db --since 2026-11-01 --max 2
	[[ $stderr == *'the cursor stays'* ]]
	run -0 --separate-stderr wos-sync --quiet app.db --since 2026-11-01 --max 2
	assert_equal "$stderr" ''
	run -0 "$ROOT/test/terminal" wos-fetch -q --max 1
	run -0 grep -c '' <<<"$output"
	assert_output 1
	run -2 wos-sync -q app.db --until x
	assert_output --partial 'wos-fetch: '
}

@test "options: a filter on a terminal says what it waits for" {
	export WORKOS_API_KEY=$API_KEY
	printf '\4' >end
	run -0 "$ROOT/test/terminal" wos-decode <end
	assert_output --partial 'wos-decode: standard input is this terminal: waiting for events'
	run -0 "$ROOT/test/terminal" wos-apply app.db <end
	assert_output --partial 'wos-apply: standard input is this terminal: waiting for SQL'
	printf '\4\4' >ends
	run -0 "$ROOT/test/terminal" wos-fetch --from - <ends
	assert_output --partial 'waiting for events'
	run -75 "$ROOT/test/terminal" wos-fetch --known --retries 0 \
	    --base-url http://127.0.0.1:9 <end
	assert_output --partial 'waiting for users'
	run -0 "$ROOT/test/terminal" wos-decode - <end
	assert_output --partial 'waiting for events'
	run -0 "$ROOT/test/terminal" wos-apply app.db - <end
	assert_output --partial 'waiting for SQL'
	run -2 "$ROOT/test/terminal" wos-erase --from - app.db <end
	assert_output --partial 'waiting for people'
	run -2 "$ROOT/test/terminal" wos-apply --erase - app.db <end
	assert_output --partial 'waiting for people'
	run -0 "$ROOT/test/terminal" wos-apply --forgotten-add app.db <end
	assert_output --partial 'waiting for what'
	echo ada@example.com >people
	run -0 "$ROOT/test/terminal" wos-decode --erase people <end
	assert_output --partial 'waiting for events'
	run -0 "$ROOT/test/terminal" wos-decode -q <end
	refute_output --partial waiting
	run -0 wos-decode </dev/null
	refute_output
}

# DATABASE of the environment.

@test "database: without an operand it is WOS_DATABASE, or DATABASE_URL" {
	api "$DATA/sample.jsonl"
	export DATABASE_URL=url.db
	wos-sync --max 3
	[ -s url.db ]
	export WOS_DATABASE=own.db
	wos-sync --archive raw --api-key-file <(echo "$API_KEY")
	[ "$(wos-apply --cursor)" = "$(id 15)" ]
	[ "$(wos-apply --cursor url.db)" = "$(id 3)" ]
	run -0 wos-status
	assert_line --partial own.db
	wos-rebuild
	[ "$(wos-apply --export | wc -l)" = 15 ]
	wos-decode "$DATA/sample.jsonl" | wos-apply --no-cursor -v
	# An argument wins.
	wos-sync other.db
	[ "$(wos-apply --cursor other.db)" = "$(id 15)" ]
	unset WOS_DATABASE DATABASE_URL
	for name in wos-apply wos-sync wos-status wos-verify wos-rebuild; do
		run "$name"
		((status == 2 || status == 3)) || fail "$name: $status"
		assert_output --partial DATABASE
	done
}

@test "database: its password is in no program's arguments, and in wos-apply's environment alone" {
	local name

	mkdir bin
	for name in wos-fetch wos-decode wos-apply tee mkdir mktemp tail date dd; do
		cat >"bin/$name" <<-END
		#!/bin/bash
		printf '%s\n' "$name \$*" >>"$PWD/arguments"
		env >>"$PWD/environment.$name"
		exec "$(type -P "$name")" "\$@"
		END
		chmod +x "bin/$name"
	done
	cp "$ROOT"/scripts/wos-{sync,status,rebuild,verify} bin
	mkdir -p share/wos
	cp "$ROOT"/scripts/wos*.sh "$ROOT"/scripts/wos*.awk share/wos
	export XDG_RUNTIME_DIR=$PWD
	api "$DATA/sample.jsonl"
	export DATABASE_URL=postgresql://me:open-sesame@127.0.0.1:9/app
	run -75 bin/wos-sync --archive raw
	refute_output --partial open-sesame
	run -3 bin/wos-status
	refute_output --partial open-sesame
	run -75 bin/wos-rebuild
	refute_output --partial open-sesame
	run -75 bin/wos-verify
	refute_output --partial open-sesame
	run ! grep open-sesame arguments
	run -0 grep -l open-sesame environment.*
	assert_output environment.wos-apply
	run ! grep -F "$API_KEY" environment.wos-apply arguments
}
