#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos: one word for all programs.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's

load helper
load fetch

@test "wos: a command is the program of that name" {
	local name

	api "$DATA/sample.jsonl"
	wos sync app.db --max 15
	[ "$(wos apply --cursor app.db)" = "$(id 15)" ]
	[ "$(wos fetch --max 3 | wos decode | grep -c ^RELEASE)" = 3 ]
	run -3 wos status no.db
	for name in fetch otlp decode apply sync status verify rebuild erase doctor; do
		run -0 wos "$name" --help
		assert_line --partial "usage: wos-$name"
		run -0 wos --commands
		assert_line "$name"
	done
	run -0 wos --version
	assert_output --regexp '^wos [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "wos: exit 2: no such command, and which one was meant" {
	run -2 --separate-stderr wos synk app.db
	assert_equal "${stderr_lines[0]}" 'wos: synk: not a command; did you mean sync?'
	run -2 --separate-stderr wos SYNC app.db
	assert_equal "${stderr_lines[0]}" 'wos: SYNC: not a command; did you mean sync?'
	run -2 --separate-stderr wos version
	assert_equal "${stderr_lines[0]}" 'wos: version: not a command; did you mean --version?'
	run -2 --separate-stderr wos help stat
	assert_equal "${stderr_lines[0]}" 'wos: stat: not a command; did you mean status?'
	run -2 --separate-stderr wos ../wos-sync
	assert_equal "${stderr_lines[0]}" 'wos: ../wos-sync: not a command'
	run -2 --separate-stderr wos wos-sync app.db
	assert_equal "${stderr_lines[0]}" 'wos: wos-sync: not a command; did you mean sync?'
	run -2 --separate-stderr wos --verison
	assert_equal "${stderr_lines[0]}" 'wos: --verison: not an option; did you mean --version?'
	run -2 --separate-stderr wos --sync
	assert_equal "$output" ''
	[[ $stderr == *'options go after the command'* ]]
	run -2 --separate-stderr wos
	assert_equal "$output" ''
	assert_equal "$stderr" "$(wos help)"
}

@test "wos: help is one page of 80 columns, from nothing to a timer" {
	run -0 --separate-stderr wos help
	assert_equal "$stderr" ''
	((${#lines[@]} < 60))
	assert_equal "$output" "$(wos -h)"
	assert_equal "$output" "$(wos --help)"
	for word in help -h --help; do
		assert_equal "$output" "$(wos help "$word")"
	done
	cd /
	run ! grep -E '^.{81}' <(wos help)
}

@test "wos: in a source tree that PATH lacks, help begins with that" {
	run ! grep 'export PATH' <(wos help)
	run -0 env PATH=/usr/bin:/bin "$ROOT/scripts/wos" help
	assert_line "        export PATH=$ROOT/scripts:\$PATH"
	((${#lines[@]} < 60))
}

# bats test_tags=slow
@test "wos: what the page of help says works, as it stands there" {
	local line path step=''

	api "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	wos help | sed -n 's/^        //p' >steps
	# The key: pasted, and Enter.
	line=$(grep workos.key steps | head -n 1)
	bash -c "$line" <<<"$API_KEY"
	[ "$(stat -c %a workos.key 2>/dev/null || stat -f %Lp workos.key)" = 600 ]
	path=$(grep ^PATH= steps)
	while read -r line; do
		case $line in
		'wos '* | sqlite3*)
			run -0 env "WORKOS_BASE_URL=$API_URL" bash -c "$line"
			step+="${line%% app.db*};"
			;;
		'*/5 '*)
			# With the environment that cron gives it.
			run -0 env -i WORKOS_BASE_URL="$API_URL" WOS_LIST=no \
			    "$path" sh -c "${line#'*/5 * * * * '}"
			step+='cron;'
			;;
		esac
	done <steps
	assert_equal "$step" 'wos doctor;wos sync -v;sqlite3;cron;wos status;'
	[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
}

@test "wos: help COMMAND is its manual, or else its summary" {
	type -P mandoc >/dev/null || skip 'there is no mandoc'
	run -0 wos help sync
	assert_line --partial 'WOS-SYNC(1)'
	run -0 wos help wos-fetch
	assert_line --partial 'WOS-FETCH(1)'
	run -0 wos help wos
	assert_line --partial 'WOS(1)'
	# Installed without manuals.
	mkdir -p root/bin root/share/wos
	cp "$ROOT"/scripts/wos{,-sync} root/bin
	cp "$ROOT"/scripts/*.sh root/share/wos
	run -0 root/bin/wos help sync
	assert_line --index 0 'usage: wos-sync [options] DATABASE [wos-fetch options]'
	run -0 root/bin/wos help wos
	assert_line --index 0 'usage: wos COMMAND [ARGUMENT...]'
}

@test "wos: through a link, and a command of one's own" {
	mkdir links own
	ln -s "$ROOT/scripts/wos" links/wos
	# shellcheck disable=SC2016 # the script expands it
	printf '#!/bin/sh\necho "hello $1"\n' >own/wos-hello
	chmod +x own/wos-hello
	export PATH=$PWD/own:/usr/bin:/bin
	run -0 links/wos hello world
	assert_output 'hello world'
	run -0 links/wos --commands
	assert_line hello
	assert_line sync
}

@test "wos: where PATH has nothing, it is not what the current folder has" {
	printf '#!/bin/sh\necho not mine\n' >wos-apply
	chmod +x wos-apply
	PATH='' run -0 "$ROOT/scripts/wos" apply --version
	assert_output --regexp '^wos-apply [0-9.]+$'
	PATH=/bin:/usr/bin run -0 sh -c "cd '$ROOT/scripts' && sh wos apply --version"
	assert_output --regexp '^wos-apply [0-9.]+$'
}

@test "wos: what it asks others gets no key and no database" {
	local name

	mkdir bin
	for name in sort readlink dirname man mandoc wos-apply; do
		printf '#!/bin/sh\nenv >>"%s/environment"\nexec "%s" "$@"\n' "$PWD" \
		    "$(type -P "$name" || echo false)" >"bin/$name"
		chmod +x "bin/$name"
	done
	ln -s "$ROOT/scripts/wos" link
	export WORKOS_API_KEY=$API_KEY DATABASE_URL=open-sesame PATH=$PWD/bin:$PATH
	run -2 ./link synk
	run -0 ./link help sync
	run -0 ./link --commands
	[ -s environment ]
	run ! grep -e "$API_KEY" -e open-sesame environment
}
