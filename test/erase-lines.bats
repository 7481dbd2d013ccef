# SPDX-License-Identifier: MIT
# wos-erase as a filter of saved lines, and as a command.

# shellcheck disable=SC2154,SC2094 # run sets output; diff only reads

load helper

line() {
	printf '{"object":"event","id":"event_%s","event":"%s","data":%s,"created_at":"2026-11-01T00:00:0%s.000Z"}\n' "$@"
}

@test "erase: lines of others pass byte for byte, theirs with members in order and digits as they were" {
	{
		line 1 user.created ' {"id":"user_1", "email":"ada@example.com","created_at":null,"n":1.0}' 1
		line 2 user.updated '{"updated_at" : "2026-11-01T00:00:02.000Z","email":"new@example.com","id":"user_1"}' 2
		line 3 user.created ' {"id":"user_2",  "email":"grace@example.com" , "n":1.0E+2}' 3
		line 4 authentication.password_failed '{"user_id":null,"email":"ada@example.com","status":"failed"}' 4
		line 5 authentication.password_failed '{"user_id":"user_2","email":"ada@example.com"}' 5
		line 6 widget.made '{"id":"w_1","by":"user_1","size":1e400}' 6
	} >lines.jsonl
	wos-erase user_1 <lines.jsonl >got.jsonl
	{
		line 1 user.created '{"id":"user_1","created_at":null}' 1
		line 2 user.updated '{"updated_at":"2026-11-01T00:00:02.000Z","id":"user_1"}' 2
		sed -n 3p lines.jsonl
		line 4 authentication.password_failed '{"user_id":null,"status":"failed"}' 4
		sed -n 5p lines.jsonl
		line 6 widget.made '{"id":"w_1"}' 6
	} >want.jsonl
	diff -u want.jsonl got.jsonl
	# Through a pipe, and from files.
	wos-erase --lines user_1 < <(cat lines.jsonl) | diff want.jsonl -
	wos-decode --erase <(echo user_1) lines.jsonl | diff want.jsonl -
	wos-erase --from <(echo user_1) <lines.jsonl | diff want.jsonl -
	# What was erased has nothing more to lose.
	wos-erase user_1 <want.jsonl | diff want.jsonl -
}

@test "erase: an address in a file finds ids and other addresses in all of its lines" {
	line 4 authentication.password_failed '{"user_id":null,"email":"Ada@New.example.com"}' 4 >lines.jsonl
	line 1 user.created '{"id":"user_1","email":"ada@example.com"}' 1 >>lines.jsonl
	line 2 user.updated '{"id":"user_1","email":"ada@new.example.com"}' 2 >>lines.jsonl
	wos-erase ada@example.com <lines.jsonl >got.jsonl
	run ! grep -i ada got.jsonl
	assert_equal "$(jq -c .data got.jsonl)" $'{"user_id":null}\n{"id":"user_1"}\n{"id":"user_1"}'
}

@test "erase: an address beside the id of a thing is theirs, and beside anybody's if it was named" {
	line 1 user.created '{"id":"user_1","email":"ada@example.com"}' 1 >lines.jsonl
	{
		line 2 widget.made '{"id":"widget_1","email":"ada@example.com","size":1}' 2
		line 3 widget.made '{"id":"widget_2","user_id":"user_2","email":"ada@example.com"}' 3
		line 4 widget.made '{"id":"widget_3","of":{"id":"directory_user_2","email":"ada@example.com"}}' 4
	} >widgets.jsonl
	wos-erase --lines user_1 < <(cat lines.jsonl widgets.jsonl) >got.jsonl
	diff <(sed 1d got.jsonl) <(line 2 widget.made '{"id":"widget_1"}' 2; sed 1d widgets.jsonl)
	wos-erase --lines ADA@example.com < <(cat lines.jsonl widgets.jsonl) >got.jsonl
	assert_equal "$(jq -c .data got.jsonl | xargs)" '{id:user_1} {id:widget_1} {id:widget_2} {id:widget_3}'
}

@test "erase: an address in a text that is no JSON, whatever stands around its letters" {
	local who=$'o\'brien@example.com\nJörg@example.com\nada@example.com'

	cat >lines.jsonl <<-'TEXTS'
		{"email":"o'brien@example.com"
		VALUES ('O''Brien@example.com','x')
		{'email':'ada@example.com'
		a='ada@example.com'b
		<jörg@example.com>,
		('jörg@example.com')
		{"email":"j\u00f6rg@example.com"
		{"email":"ada\u0040example.com"
		{"email":"\u006a\u00f6rg@example.com\"
		brien@example.com
		a\u00g@example.com \
	TEXTS
	run -0 --separate-stderr wos-erase --from <(printf '%s\n' "$who") <lines.jsonl
	assert_output "$(tail -n 2 lines.jsonl)"
}

@test "erase: a line that is no JSON is left out if it is theirs, one that is cut short refused" {
	printf 'user_1 has gone\nuser_11 has not\n' >lines.jsonl
	run -0 wos-erase user_1 <lines.jsonl
	assert_line 'wos-decode: 1 lines of theirs are no JSON: left out'
	assert_line 'user_11 has not'
	refute_line 'user_1 has gone'
	printf '{"id":"event_1"' >cut.jsonl
	run -1 wos-erase user_1 <cut.jsonl
	assert_output 'wos-decode: stdin: line 1: cut short'
	run -1 bash -c 'set -o pipefail; wos-erase user_1 <lines.jsonl 2>/dev/null >/dev/full'
}

@test "erase: a file of another kind is refused, as it is where lines are decoded" {
	line 1 user.created '{"id":"user_1","email":"ada@example.com"}' 1 >lines.jsonl
	# Packed bytes may end with a newline, too.
	for file in '\x1F\x8B\n|packed by gzip: zcat unpacks it' \
	    'BZh91|packed by bzip2: bzcat unpacks it' \
	    '\xFF\xFE{\0\n\0|UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it'; do
		run -1 --separate-stderr wos-erase user_1 < <(printf %b "${file%%|*}")
		assert_output ''
		assert_equal "$stderr" "wos-decode: stdin: ${file##*|}"
	done
	jq . lines.jsonl >indented
	run -1 wos-erase user_1 <indented
	assert_output 'wos-decode: stdin: JSON on several lines: wos-fetch --from takes a page of the API, jq -c . makes lines'
	# A mark of UTF-8 is none of a line, and stays.
	printf '\xef\xbb\xbf' >mark
	cat mark lines.jsonl >marked
	diff <(cat mark && wos-erase user_1 <lines.jsonl) <(wos-erase user_1 <marked)
	diff marked <(wos-erase user_2 <marked)
}

@test "erase: a list from another program: a mark of UTF-8, and what is around an address" {
	line 1 user.created '{"id":"user_1","email":"ada@example.com"}' 1 >lines.jsonl
	printf '\xef\xbb\xbfada@example.com\r\n' >people.txt
	wos-erase --from people.txt <lines.jsonl >got.jsonl
	diff got.jsonl <(line 1 user.created '{"id":"user_1"}' 1)
	for who in '<ada@example.com>' 'ada@example.com,' 'ada@example.com;user_1'; do
		printf '%s\n' "$who" >people.txt
		run -2 wos-erase --from people.txt <lines.jsonl
		assert_output 'wos-decode: --erase: line 1: neither an id nor an address'
	done
}

@test "erase: wrong usage says what is wrong, and quotes nobody" {
	run -2 wos-erase
	assert_line 'wos-erase: nobody is named'
	run -2 wos-erase app.db
	assert_line 'wos-erase: nobody is named'
	run -2 wos-erase 'ada lovelace' app.db
	refute_output --partial lovelace
	run -2 wos-erase --dry-run user_1 </dev/null
	assert_line 'wos-erase: --dry-run: it needs a DATABASE'
	run -2 wos-erase --from - --lines </dev/null
	run -1 wos-erase user_1 app.db
	assert_output 'wos-erase: app.db: no such database'
	wos-apply app.db </dev/null
	run -2 --separate-stderr bash -c 'printf "user_1\ntwo words\n" | wos-apply --erase - app.db'
	assert_equal "$stderr" 'wos-apply: --erase: line 2: neither an id nor an address'
}

@test "erase: nobody is in the arguments of a program, or in what it says" {
	mkdir bin
	for name in wos-apply wos-decode; do
		cat >"bin/$name" <<-SCRIPT
			#!/bin/sh
			printf '%s\n' "$name \$*" >>"$PWD/seen"
			exec $(type -P "$name") "\$@"
		SCRIPT
	done
	cp "$ROOT"/scripts/wos-erase "$ROOT"/scripts/wos{,-options}.sh bin
	chmod +x bin/wos-*
	line 1 user.created '{"id":"user_1","email":"ada@example.com"}' 1 >lines.jsonl
	wos-decode lines.jsonl | wos-apply app.db
	cp app.db other.db
	run -0 --separate-stderr wos-erase -v --log-format json user_1 other.db
	run -0 jq -c 'select(.rows).rows' <<<"$stderr"
	assert_output '{"events_cursor":1,"user":1}'
	run -0 bin/wos-erase -v user_1 ada@example.com app.db
	refute_output --regexp 'user_1|ada@'
	assert_line 'wos-apply: 1 ids and 1 addresses were erased: events_cursor 1, user 1'
	bin/wos-erase user_1 <lines.jsonl >/dev/null
	grep -q -- '--erase' seen
	run ! grep -e user_1 -e ada@ seen
}

@test "erase: who keeps the file's old pages is told of, and it can be run again" {
	local fd

	line 1 user.created '{"id":"user_1","email":"ada@example.com"}' 1 | wos-decode | wos-apply app.db
	exec {fd}> >(sqlite3 -batch -init /dev/null app.db >answer)
	STARTED+=($!)
	printf 'BEGIN; SELECT email FROM "user";\n' >&"$fd"
	until_true test -s answer
	run -75 wos-apply --busy-timeout 100 --erase <(echo user_1) app.db
	assert_output "wos-apply: app.db: they are erased, but what they had may still be in its files: run this again: database is locked"
	exec {fd}>&-
	wait "${STARTED[-1]}"
	wos-erase user_1 app.db
	run ! grep -aq ada@example.com app.db app.db-wal
}

@test "erase: the database has no name of theirs that hashing a guess finds" {
	line 1 user.created '{"id":"user_1","email":"ada@example.com"}' 1 | wos-decode | wos-apply app.db
	cp app.db other.db
	wos-erase ada@example.com app.db
	wos-erase ada@example.com other.db
	assert_equal "$(sql app.db "SELECT count(*), min(length(hash)) FROM erased")" '2|64'
	assert_equal "$(sql app.db "SELECT count(*) FROM erased WHERE hash LIKE '$(printf ada@example.com | sha256sum | cut -c 1-64)'")" 0
	# Another salt, other hashes.
	run ! diff <(sql app.db "SELECT hash FROM erased") <(sql other.db "SELECT hash FROM erased")
}
