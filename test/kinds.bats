# SPDX-License-Identifier: MIT
# A file of another kind in the place of lines, or of SQL: one line says what it
# is and what would help, and nothing of it is taken.

# shellcheck disable=SC2154	# stderr is run's

load helper
load stream

# refused WHAT FILE: wos-decode says that, in one line, and writes nothing.
refused() {
	run -1 --separate-stderr wos-decode "$2"
	assert_output ''
	assert_equal "$stderr" "wos-decode: $2: $1"
	run -1 --separate-stderr wos-decode <"$2"
	assert_output ''
	assert_equal "$stderr" "wos-decode: stdin: $1"
	run -1 --separate-stderr wos-decode --log-format=json "$2"
	assert_equal "$(jq -c '[.level, .file, .exit_status]' <<<"$stderr")" \
	    "[\"error\",\"$2\",1]"
}

@test "kinds: a byte order mark is passed over, in each file and on standard input" {
	local mark=$'\xEF\xBB\xBF'

	users 1 2 >plain
	{ printf %s "$mark" && cat plain; } >marked
	wos-decode plain >want
	wos-decode marked | diff want -
	wos-decode <marked | diff want -
	wos-decode marked plain marked | diff <(cat want want want) -
	# Only at the beginning, and once.
	{ cat plain && user 3 | sed "s/^/$mark/"; } >inside
	run -3 wos-decode inside
	run -3 wos-decode <(printf %s "$mark" && cat marked)
}

# bats test_tags=slow
@test "kinds: what is packed is told by the program that unpacks it" {
	local program

	users 1 2000 >lines
	for program in gzip bzip2 xz zstd; do
		type -P "$program" >/dev/null || continue
		"$program" -c lines >packed
		case $program in
		gzip) refused 'packed by gzip: zcat unpacks it' packed ;;
		bzip2) refused 'packed by bzip2: bzcat unpacks it' packed ;;
		xz) refused 'packed by xz: xzcat unpacks it' packed ;;
		zstd) refused 'packed by zstd: zstdcat unpacks it' packed ;;
		esac
	done
	for start in '\x1F\x8B|packed by gzip: zcat unpacks it' \
	    '\x28\xB5\x2F\xFD|packed by zstd: zstdcat unpacks it' \
	    '\xFD7zXZ\0|packed by xz: xzcat unpacks it' \
	    'BZh91|packed by bzip2: bzcat unpacks it' \
	    'PK\x03\x04|packed by zip: unzip -p unpacks it' \
	    '\xFF\xFE{\0|UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it' \
	    '\xFE\xFF\0{|UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it'; do
		# With a line's end, and cut short without.
		printf '%b\n\n' "${start%%|*}" >packed
		refused "${start##*|}" packed
		printf %b "${start%%|*}" >packed
		refused "${start##*|}" packed
	done
}

# bats test_tags=slow
@test "kinds: a database, SQL, pages and arrays are told by what takes them" {
	wos-apply app.db </dev/null
	refused 'a SQLite database: wos-apply --export writes its events' app.db
	user 1 | wos-decode >in.sql
	refused 'SQL of wos-decode: it is for wos-apply' in.sql
	users 1 2 | jq -cs '{object: "list", data: ., list_metadata: {}}' >page
	refused 'a page of the API: wos-fetch --from writes its events' page
	printf %s "$(<page)" >page.cut
	refused 'a page of the API: wos-fetch --from writes its events' page.cut
	users 1 2 | jq -cs . >array
	refused "an array: jq -c '.[]' makes lines of it" array
	# One of anything else is a line like any other that is no event.
	run -3 wos-decode <<<'[1]'
	for file in page array; do
		jq . "$file" >indented
		refused 'JSON on several lines: wos-fetch --from takes a page of the API, jq -c . makes lines' indented
	done
	# What it says would help does.
	diff <(users 1 2 | wos-decode) <(wos-fetch --from page | wos-decode)
	diff <(users 1 2 | wos-decode) <(jq -c '.[]' array | wos-decode)
}

@test "kinds: of several files, those before the one at fault are decoded" {
	users 1 2 >lines
	wos-decode lines >want
	gzip -c lines >packed
	run -1 --separate-stderr wos-decode lines packed lines
	assert_output "$(<want)"
	assert_equal "$stderr" 'wos-decode: packed: packed by gzip: zcat unpacks it'
}

@test "kinds: what is only a strange line is parked, as ever" {
	for line in '{"object":"list"}' '{"object":"event"}' '{"a":' 'x' '1' \
	    '"SAVEPOINT"' '{"data":[],"object":"event"}'; do
		run -3 wos-decode <<<"$line"
	done
}

@test "kinds: packed lines do not end in the database" {
	newdb app
	users 1 2000 | gzip >lines.gz
	# shellcheck disable=SC2016 # the other shell expands it
	run -1 bash -c 'set -o pipefail; wos-decode lines.gz | wos-apply "$1"' - "$app"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM parked_event')" 0
}

@test "kinds: wos-apply says what is missing before it, at once" {
	newdb app
	users 1 2 >lines
	for file in lines <(printf '\n\n  [1,\n'); do
		run -1 --separate-stderr wos-apply "$app" "$file"
		assert_regex "$stderr" \
		    "^wos-apply: .*: line [13]: JSON, which is to go through wos-decode first$"
	done
	# Nor does it wait for the end of what has none.
	feed apply wos-apply "$app"
	user 1 >&"$FEED"
	until_true test -s apply.err
	assert_equal "$(<apply.err)" \
	    'wos-apply: stdin: line 1: JSON, which is to go through wos-decode first'
	ended || (($? == 1))
	# After whole events, they are applied.
	{ users 1 2 | wos-decode && user 3; } >both
	run -1 --separate-stderr wos-apply "$app" both
	assert_equal "$stderr" \
	    "wos-apply: both: line $(grep -c '' both): JSON, which is to go through wos-decode first"
	assert_equal "$(ids "$app")" 'user_1 user_2'
}
