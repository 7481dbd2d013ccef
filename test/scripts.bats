# SPDX-License-Identifier: MIT
# The scripts around the programs: quickstart, check, bootstrap, make install,
# the suite's own runner; and what README.md says, done.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's

load helper

# README.md.

@test "README: its pipes do what it says" {
	api_start "$DATA/sample.jsonl"
	awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on' \
	    "$ROOT/README.md" >commands
	[ "$(grep -c wos- commands)" -ge 6 ]
	bash -euo pipefail commands >printed
	grep -q grace@example.com printed
	diff "$DATA/sample.jsonl" raw.jsonl
	diff <(dump app.db) <(dump rebuilt.db)
	diff <(dump again.db) <(dump app.db)
	run -0 sql other.db 'SELECT count(*) FROM user'
	assert_output 2
}

@test "README: the line for cron works" {
	local line

	api_start "$DATA/sample.jsonl"
	line=$(awk '/^```crontab$/ { on = 1; next } /^```/ { on = 0 } on' \
	    "$ROOT/README.md")
	# cron's own PATH is too short for what make install brings.
	[[ $line == PATH=/usr/local/bin:* ]]
	line=${line#*$'\n'}
	[[ $line == '*/5 * * * * '* ]]
	echo "$API_KEY" >workos.key
	unset WORKOS_API_KEY
	line=${line#'*/5 * * * * '}
	line=${line//\/etc\/wos\/}
	run -0 --separate-stderr sh -c "${line/\/var\/lib\/wos/.}"
	assert_output ''
	[ -z "$stderr" ]
	diff "$DATA/sample.jsonl" raw/*.jsonl
}

@test "manuals: their lines for cron work" {
	local page lines

	api_start "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	echo "$API_KEY" >workos.key
	for page in scripts/wos-status.1 scripts/wos-sync.1 packaging/wos-service.7; do
		rm -rf app.db* raw wos.html
		# Variables, and what follows the five fields, with this folder for others.
		lines=$(awk '/^PATH=/ { on = 1; next } /^\.Ed/ { on = 0 } on' "$ROOT/$page" |
			sed -e 's,/etc/wos/\|/srv/\|/var/lib/,./,g' -e 's,cd ./wos &&,,')
		[[ $lines == *'*/5 * * * * '* ]]
		run -0 --separate-stderr sh -euac "${lines/'*/5 * * * * '}"
		assert_equal "$page: $output$stderr" "$page: "
		[ "$(wos-apply --export app.db | wc -l)" = 15 ]
		[[ $page != *wos-status.1 ]] || grep -q 'valid until' wos.html
	done
}

@test "README: its files exist and its options are real" {
	local word

	for word in $(grep -oE '\]\([^)]*\)' "$ROOT/README.md" | tr -d ']()'); do
		[[ $word == https://* || -e $ROOT/$word ]] || fail "$word"
	done
	for word in scripts/quickstart scripts/check; do
		grep -qx "$word" "$ROOT/README.md"
		[ -x "$ROOT/$word" ]
	done
}

# run_by: each command of README.md that its pipes above don't have, what runs it,
# and what that has of it.
run_by() {
	cat <<-'END'
	cd /var/lib/wos && wos-sync --archive raw app.db|scripts.bats|README: the line for cron
	crontab -u wos -e|packages/steps.bash|crontab -u wos -
	docker build -t wos|packages/image.bash|Dockerfile
	docker run -d --read-only|packages/image.bash|docker run -d --read-only
	install -o wos -m 400|packages/steps.bash|^install .*/etc/wos/workos.key
	make bench|bench/README.md|make bench
	make install|packages.bats|into install
	make torture|torture.bats|torture/torture
	scripts/check|scripts.bats|tree/scripts/check
	scripts/quickstart|scripts.bats|alone "$ROOT/scripts/quickstart"
	systemctl enable --now wos-follow.service|packages/steps.bash|enable wos-follow.service
	systemctl enable --now wos-sync.timer|packages/steps.bash|enable wos-sync.timer
	systemctl enable --now wos-verify.timer|packages/steps.bash|enable wos-verify.timer
	systemd-sysusers && systemd-tmpfiles|packages/steps.bash|grep ^systemd-sysusers
	wos doctor app.db|wos.bats|wos doctor
	wos help|wos.bats|wos help
	wos status app.db|wos.bats|wos status
	wos sync|wos.bats|wos sync
	wos-apply --changes-after|changes.bats|--changes-after
	wos-apply --prune|prune.bats|wos-apply --prune
	wos-apply --schema|models.bats|wos-apply --schema
	wos-erase ada@example.com|erase.bats|wos-erase
	wos-fetch --from|fetch-from.bats|wos-fetch --from
	wos-rebuild --until 7d|past.bats|wos-rebuild --until
	wos-rebuild app.db|rebuild.bats|wos-rebuild "$app"
	wos-status --html|status-page.bats|--html page.html
	wos-sync --changes app.db|changes-sync.bats|wos-sync --changes
	wos-sync --list app.db|backfill.bats|wos-sync --list "$app"
	wos-sync --metrics|metrics.bats|wos-sync --metrics wos.prom
	wos-sync 'postgresql://|packages-pg.bats|README: a schema of one's own
	wos-sync d1:|d1/d1.bats|wos-sync "$app"
	wos-verify app.db|verify.bats|wos-verify "$@"
	END
}

# commands_of_readme: what it has in blocks for a shell or a crontab, and between
# grave accents in its text.
commands_of_readme() {
	awk '/^```/ { on = on ? "" : $0; next }
		on ~ /bash|crontab/ || on == "```" { sub(/ +#.*/, ""); print }
		' "$ROOT/README.md" | sed 's,^[*]/5 [* ]*,,'
	awk '/^```/ { on = !on; next } !on' "$ROOT/README.md" |
		tr '\n`' ' \n' | sed -n 'n;p'
}

@test "README: a test runs each of its commands" {
	local command file text

	commands_of_readme | grep -v ─ | grep -E '^(wos|wos-[a-z]+|make|man|scripts|docker|systemctl|systemd-[a-z]+|install|cd|crontab)[ /].' |
		sort -u >commands
	[ "$(wc -l <commands)" -ge 30 ]
	while read -r command; do
		case $command in
		'man '*) [ -n "$(find "$ROOT" -name "${command#man }.[17]")" ] && continue ;;
		*) while IFS='|' read -r text file _; do
				[[ $command != "$text"* ]] || continue 2
			done < <(run_by) ;;
		esac
		fail "no test runs: $command"
	done <commands
	while IFS='|' read -r command file text; do
		grep -qF -- "$command" commands || fail "README has no $command"
		grep -qF -- "$text" "$ROOT/test/$file" || fail "$file has no $text"
	done < <(run_by)
}

@test "NEWS is about this version" {
	run -0 wos-sync --version
	[ "$output" = "wos-sync $(sed -n '1s/^wos //p' "$ROOT/NEWS")" ]
}

# quickstart.

# bats test_tags=slow
@test "quickstart: without a key, the sample events; and again" {
	local url

	alone "$ROOT/scripts/quickstart" >printed
	grep -q grace@example.com printed
	grep -q Initech printed
	grep -qE '^ +15  events_cursor$' printed
	dump sample.db >once
	alone "$ROOT/scripts/quickstart" >printed
	grep -q grace@example.com printed
	diff once <(dump sample.db)
	[ ! -e app.db ]
	# Its server has ended with it.
	url=$(grep -oE 'http://127[0-9.:]+' printed)
	run -75 wos-fetch --api-key-file <(echo "$API_KEY") --base-url "$url" \
	    --retries 0
}

# bats test_tags=slow
@test "quickstart: with a key, the API's events" {
	api_start "$DATA/sample.jsonl"
	alone "$ROOT/scripts/quickstart" >printed
	grep -q grace@example.com printed
	[ "$(wos-apply --cursor app.db)" = event_01M6DV3SEJJPQJQF4HE3MF40HY ]
	[ ! -e sample.db ]
	run ! grep "$API_KEY" printed
	# What to type next: the name alone, where PATH has it.
	run -0 grep ' fetches what is new' printed
	assert_output --regexp '^wos-sync app.db  '
	run -0 alone env PATH="${PATH//$ROOT\/scripts:/}" "$ROOT/scripts/quickstart"
	assert_line "==> $ROOT/scripts/wos-sync app.db"
}

# bats test_tags=slow
@test "quickstart: the sync's exit status is its own" {
	api_start --key sk_another "$DATA/sample.jsonl"
	run -1 alone "$ROOT/scripts/quickstart"
	assert_output --partial Unauthorized
}

# bootstrap.

# bare TOOL...: a directory bin/ with these and what every script may call.
bare() {
	local name

	mkdir bin
	for name in sh bash cat cut env mktemp rm sed sort tr "$@"; do
		ln -s "$(type -P "$name")" "bin/$name"
	done
	user 0
}

# user ID: who scripts are run by, as far as they can see.
user() {
	printf '#!/bin/sh\necho %s\n' "$1" >bin/id
	chmod +x bin/id
}

# manager NAME: one that notes what it is told and installs nothing.
manager() {
	# shellcheck disable=SC2016 # it is for the script made here
	printf '#!/bin/sh\necho "${DEBIAN_FRONTEND-} $0 $*" >>%s/told\n' \
	    "$PWD" >"bin/$1"
	chmod +x "bin/$1"
}

@test "bootstrap: where nothing is missing it does and says nothing" {
	local name

	mkdir bin
	for name in apt-get dnf apk pacman brew sudo; do
		manager "$name"
	done
	PATH=$PWD/bin:$PATH run -0 alone "$ROOT/scripts/bootstrap" build demo
	assert_output ''
	[ ! -e told ]
}

@test "bootstrap: says what it installs, and whether that has helped" {
	bare gcc cc ld as make pkg-config
	manager apt-get
	PATH=$PWD/bin run -1 alone "$ROOT/scripts/bootstrap" demo
	assert_line --regexp '^bootstrap: installing with apt-get: python3 sqlite3$'
	assert_line --partial 'still missing'
	assert_line --partial 'tool sqlite3'
	run -0 cat told
	assert_line --partial 'update'
	assert_line --regexp '^noninteractive .* install .*python3 sqlite3$'
}

@test "bootstrap: who may not install hears what, and what is missing" {
	bare
	manager apt-get
	user 1000
	PATH=$PWD/bin run -1 alone "$ROOT/scripts/bootstrap" demo
	assert_line --regexp 'neither root nor sudo; as root: .* install .*python3 sqlite3$'
	assert_line --partial 'still missing'
	[ ! -e told ]
	manager sudo
	PATH=$PWD/bin run -1 alone "$ROOT/scripts/bootstrap" demo
	grep -q 'sudo -n apt-get' told
}

# bats test_tags=slow
@test "bootstrap: every package manager has its own names" {
	local name want

	bare
	while read -r name want; do
		rm -f told bin/apt-get bin/dnf bin/apk bin/pacman bin/brew
		manager "$name"
		PATH=$PWD/bin run -1 alone "$ROOT/scripts/bootstrap" build demo test
		for package in $want; do
			grep -q -e " $package\( \|\$\)" told ||
				fail "$name: $package is not in $(cat told)"
		done
	done <<-'END'
	apt-get gcc libc6-dev make pkg-config libcurl4-openssl-dev libsqlite3-dev libjq-dev python3 sqlite3 bats jq
	dnf gcc make pkgconf-pkg-config libcurl-devel sqlite-devel jq-devel python3 sqlite bats jq
	apk gcc musl-dev make pkgconf curl-dev sqlite-dev jq-dev python3 sqlite bats jq
	pacman gcc make pkgconf curl sqlite jq python bats
	brew make pkgconf curl sqlite jq python3 bats-core
	END
}

@test "bootstrap: where there is no package manager it says what is missing" {
	bare
	PATH=$PWD/bin run -1 alone "$ROOT/scripts/bootstrap" demo
	assert_output --partial 'tool python3'
	PATH=$PWD/bin run -2 alone "$ROOT/scripts/bootstrap" everything
}

@test "quickstart, check, bootstrap: -h says what they do, and they do nothing" {
	local name

	bare
	for name in quickstart check bootstrap; do
		PATH=$PWD/bin run -0 --separate-stderr alone "$ROOT/scripts/$name" -h
		assert_line --index 0 --partial "usage: $name"
		assert_equal "$output" "$("$ROOT/scripts/$name" --help)"
		assert_equal "$stderr" ''
		PATH=$PWD/bin run -2 --separate-stderr alone "$ROOT/scripts/$name" --now
		assert_equal "$output" ''
		assert_equal "${stderr%%: *}" usage
	done
}

# check and .ci/run, in a tree of their own.

@test "check: installs, builds, tests, and its last line is the tests'" {
	mkdir -p tree/scripts tree/.ci
	cp "$ROOT/scripts/check" tree/scripts
	cp "$ROOT/.ci/run" tree/.ci
	printf '#!/bin/sh\necho "bootstrap $*"\n' >tree/scripts/bootstrap
	chmod +x tree/scripts/bootstrap
	# shellcheck disable=SC2016 # make expands it
	printf '%s\n' 'all:' '	@echo built' 'check-observe:' '	@$(OBSERVE)' \
	    'check-postgres:' '	@echo postgres' 'check-d1:' '	@echo d1' \
	    'check-deb:' '	@echo deb' \
	    'check:' '	@echo "CI=$$CI"; echo "1 passed, 0 failed"; $(CHECK)' \
	    >tree/Makefile
	run -0 alone OBSERVE=true CHECK=true tree/scripts/check
	assert_line 'bootstrap build demo test'
	assert_line built
	assert_line 'CI='
	assert_equal "${lines[-1]}" '1 passed, 0 failed'
	run -0 alone OBSERVE=true CHECK=true bash tree/.ci/run
	assert_line CI=true
	assert_line deb
	assert_equal "${lines[-1]}" '1 passed, 0 failed'
	# Whichever fails, all has failed, and the tests have still been run.
	run -1 alone OBSERVE=false CHECK=true tree/.ci/run
	assert_line '1 passed, 0 failed'
	run -1 alone OBSERVE=true CHECK=false tree/.ci/run
}

# The suite's runner, on a suite of its own.

# suite: runs test/run outside of this bats, whose PATH begins with its insides.
suite() {
	local path=:$PATH:

	path=${path//:$BATS_LIBEXEC:/:}
	env -i PATH="${path:1:-1}" HOME="$HOME" TMPDIR="$BATS_TEST_TMPDIR" "$@" 3>&-
}

# bats test_tags=slow
@test "run: closes with a count, and fails with its tests" {
	printf '@test "a" { :; }\n@test "b" { :; }\n' >good.bats
	run -0 suite "$ROOT/test/run" good.bats
	assert_equal "${lines[-1]}" '2 passed, 0 failed'

	printf '@test "a" { :; }\n@test "b" { false; }\n' >bad.bats
	run -1 suite "$ROOT/test/run" bad.bats good.bats
	assert_equal "${lines[-1]}" '3 passed, 1 failed'

	printf '@test "a" { skip why; }\n@test "b" { :; }\n' >skip.bats
	run -0 suite "$ROOT/test/run" skip.bats
	assert_equal "${lines[-1]}" '1 passed, 0 failed, 1 skipped'
	run -1 suite CI=true "$ROOT/test/run" skip.bats
	assert_equal "${lines[-1]}" '1 passed, 0 failed, 1 skipped'

	printf '@test "%s" { %s; }\n# bats test_tags=%s\n' a : slow b false postgres \
	    c false none >tags.bats
	run -0 suite "$ROOT/test/run" --filter-tags '!slow' tags.bats
	assert_equal "${lines[-1]}" '1 passed, 0 failed'

	run -1 suite "$ROOT/test/run" -f 'no such test' good.bats
	assert_equal "${lines[-1]}" '0 passed, 0 failed'
	printf '@test "a" { :; }\n@test "a" {\n' >broken.bats
	run -1 suite "$ROOT/test/run" broken.bats
}

@test "in-copy: sources only, gone afterwards, with git and without" {
	local tree

	mkdir -p tree/test tree/fetch
	tree=$PWD/tree
	cp "$ROOT/test/in-copy" tree/test
	touch tree/fetch/main.c 'tree/a file' tree/fetch/wos-fetch tree/fetch/main.o
	ln -s main.c tree/fetch/link.c
	run -0 suite tree/test/in-copy find . ! -type d
	assert_equal "$(sort <<<"$output")" "$(printf '%s\n' './a file' \
	    ./fetch/link.c ./fetch/main.c ./test/in-copy)"
	run -7 suite tree/test/in-copy sh -c 'pwd >'"$tree"'/where; exit 7'
	[ ! -e "$(cat tree/where)" ]
	rm tree/where
	if type -P git; then
		git -C tree init -q
		echo '*.o' >tree/.gitignore
		git -C tree add fetch/main.c fetch/link.c
		rm tree/fetch/link.c tree/fetch/wos-fetch
		run -0 suite tree/test/in-copy find . ! -type d
		assert_equal "$(sort <<<"$output")" "$(printf '%s\n' ./.gitignore \
		    './a file' ./fetch/main.c ./test/in-copy)"
	fi
}

# make install, and the manuals.

@test "install: programs, scripts and manuals, and they work from there" {
	local name

	alone make -s -C "$ROOT" install DESTDIR="$PWD/root" PREFIX=/usr
	for name in wos wos-{fetch,otlp,decode,apply,sync,rebuild,status,verify,doctor,completion}; do
		[ -x "root/usr/bin/$name" ]
		[ -s "root/usr/share/man/man1/$name.1" ]
	done
	for name in wos wos-events wos-postgres; do
		[ -s "root/usr/share/man/man7/$name.7" ]
	done
	for name in bash-completion/completions/wos{,-sync} zsh/site-functions/_wos \
	    fish/vendor_completions.d/wos{,-sync}.fish; do
		grep -q 'wos-completion(1) made it' "root/usr/share/$name"
	done
	api_start "$DATA/sample.jsonl"
	PATH=/usr/bin:/bin root/usr/bin/wos sync app.db
	PATH=/usr/bin:/bin root/usr/bin/wos-rebuild app.db
	run -0 sql app.db 'SELECT count(*) FROM events_cursor'
	assert_output 15
}

@test "manuals: each says its exit statuses, has examples, and is clean" {
	local name page

	for name in fetch decode apply; do
		set -- "$@" "$name/wos-$name.1"
	done
	for page in "$@" fetch/wos-otlp.1 scripts/wos-sync.1 scripts/wos-rebuild.1 \
	    scripts/wos-verify.1; do
		page=$ROOT/$page
		grep -q '^\.Sh EXIT STATUS$' "$page"
		grep -q '^\.Sh EXAMPLES$' "$page"
		if type -P mandoc >/dev/null; then
			run -0 mandoc -T lint -W warning "$page"
			assert_output ''
		fi
	done
}

@test "manuals: every option that --help names is there, and the other way round" {
	local name page

	for page in fetch/wos-fetch fetch/wos-otlp decode/wos-decode \
	    apply/wos-apply scripts/wos-{sync,rebuild,verify,status,doctor,completion}; do
		name=${page##*/}
		"$name" --options | cut -f 1 | sort >told
		grep '^\.It Fl ' "$ROOT/$page.1" | grep -oE ' -[a-z][a-z-]+' |
			sed 's/^ /-/' | sort -u >written
		diff told written || fail "$name: --help and manual differ"
	done
}
