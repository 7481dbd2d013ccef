#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-completion, in the shells themselves.

# shellcheck disable=SC2154	# stderr is run's

load helper

# completed WORD...: what bash completes the last of these words to.
completed() {
	bash -c 'source wos.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_wos
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

@test "completion: bash completes commands, options and values" {
	wos completion bash >wos.bash
	run -0 completed wos st
	assert_output status
	run -0 completed wos ''
	assert_line sync
	assert_line doctor
	run -0 completed wos help ver
	assert_output verify
	run -0 completed wos sync --arch
	assert_output --archive
	# What wos-sync passes on, too; and a program by itself.
	run -0 completed wos sync --organ
	assert_output --organization
	run -0 completed wos-fetch --ver
	assert_output $'--verbose\n--version'
	run -0 completed /usr/bin/wos-status --js
	assert_output --json
	run -0 completed wos fetch --log-format j
	assert_output json
	run -0 completed wos fetch --log-format = j
	assert_output json
	run -0 completed wos fetch --events user.cr
	assert_output user.created
	run -0 completed wos fetch --events user.created,organization.cr
	assert_output user.created,organization.created
	mkdir raw
	touch app.db raw.jsonl
	run -0 completed wos sync app
	assert_output app.db
	run -0 completed wos sync --archive ra
	assert_output raw
	run -0 completed wos apply --schema sqli
	assert_output sqlite
}

@test "completion: a command is a word in bash, a folder of that name a folder" {
	wos completion bash >wos.bash
	mkdir fetch raw
	# As bash itself does it at a terminal.
	cat >type.py <<-'END'
	import os, pty, sys
	pid, fd = pty.fork()
	if pid == 0:
	    os.environ.update(TERM="dumb", PS1="> ")
	    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
	# Tab completes the line; with this at its front, it prints itself.
	os.write(fd, b"source wos.bash; echo rea''dy\n")
	seen = b""
	while b"ready" not in seen:
	    seen += os.read(fd, 4096)
	os.write(fd, sys.argv[1].encode() + b"\t\x01echo is: \x05\n")
	seen = b""
	while b"\nis:" not in seen:
	    seen += os.read(fd, 4096)
	print(seen.split(b"\nis:")[1].split(b"\r")[0].decode())
	END
	run -0 timeout 300 python3 type.py 'wos fet'
	assert_output ' wos fetch'
	run -0 timeout 300 python3 type.py 'wos sync --archive r'
	assert_output ' wos sync --archive raw/'
}

@test "completion: what follows completion is a shell" {
	wos completion bash >wos.bash
	run -0 completed wos completion ''
	assert_output $'bash\nzsh\nfish'
	run -0 completed wos-completion z
	assert_output zsh
}

@test "completion: exit 2: no shell, or another" {
	DATABASE_URL=app.db run -2 wos completion
	assert_line --index 0 'wos-completion: no shell: bash, zsh or fish'
	run -2 wos completion bsh
	assert_line --index 0 'wos-completion: bsh: neither bash, zsh nor fish'
}

# bats test_tags=slow
@test "completion: every option of every program is there, in each shell" {
	local name shell

	for shell in bash zsh fish; do
		wos completion "$shell" >"script.$shell"
	done
	for name in sync status doctor verify rebuild erase fetch decode apply otlp; do
		while IFS=$'\t' read -r option _; do
			grep -q -e "wos-$name) options=.*${option}[ ']" script.bash ||
				fail "bash: $name $option"
			grep -q -e "'${option}[=[]" script.zsh || fail "zsh: $option"
			grep -q -e "complete -c wos-$name -l ${option#--} " script.fish ||
				fail "fish: $name $option"
		done < <("wos-$name" --options)
	done
}

@test "completion: fish" {
	type -P fish >/dev/null || skip 'there is no fish'
	wos completion fish >wos.fish
	export HOME=$PWD
	run -0 fish --no-config -c 'source wos.fish; complete -C "wos stat"'
	assert_output --partial $'status\tsay in one word'
	run -0 fish --no-config -c 'source wos.fish; complete -C "wos sync --arch"'
	assert_output --partial $'--archive\talso keep'
	run -0 fish --no-config -c 'source wos.fish; complete -C "wos-fetch --log-format j"'
	assert_output --partial json
	run -0 fish --no-config -c 'source wos.fish; complete -C "wos fetch --events user.cr"'
	assert_output --partial user.created
}

@test "completion: zsh" {
	local line want

	type -P zsh >/dev/null || skip 'there is no zsh'
	wos completion zsh >_wos
	zsh -n _wos
	export HOME=$PWD TERM=dumb
	# A shell at a terminal of its own; what is completed there is not run.
	cat >terminal <<-'END'
	zmodload zsh/zpty
	zpty shell zsh -f -i
	zpty -w shell "PS1=; fpath=($PWD \$fpath); autoload -Uz compinit
	    compinit -u -D; print ready-\$((1+1))"
	zpty -r -m shell seen "*ready-2*" || exit 1
	zpty -w -n shell "false && $1"$'\t'
	zpty -w shell "; print done-\$((1+2))"
	zpty -r -m shell seen "*done-3*" || exit 1
	print -r -- "$seen"
	zpty -d shell
	END
	while IFS=: read -r line want; do
		run -0 timeout 300 zsh -f terminal "$line"
		assert_output --partial "$want"
	done <<-'END'
	wos statu:wos status
	wos sync --archi:wos sync --archive
	wos-fetch --organ:wos-fetch --organization
	wos fetch --log-format js:--log-format json
	END
}

@test "completion: wrong usage" {
	run -2 wos completion
	run -2 wos completion tcsh
	assert_line 'wos-completion: tcsh: neither bash, zsh nor fish'
	run -0 wos completion --help
}
