#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-decode: events as lines into SQL.  Mostly pairs: data/decode-x.jsonl, and
# data/decode-x.sql that it becomes.  Which event goes where is catalogue.bats'.
# A column more in the catalogue is a column more in these: wos-decode makes them
# anew, and the difference is to be looked at.

load helper
load stream

# pair STATUS NAME: the lines become that SQL, and the program exits so.
pair() {
	local status=0

	wos-decode "$DATA/decode-$2.jsonl" >"$2.sql" 2>"$2.err" || status=$?
	diff -u "$DATA/decode-$2.sql" "$2.sql"
	assert_equal "$status" "$1"
	[ "$1" -ne 0 ] || [ ! -s "$2.err" ]
}

@test "decode: the nine events of the system that this replaces" {
	pair 0 nine
}

@test "decode: a delete leaves a tombstone and takes the children along" {
	pair 0 deletes
}

@test "decode: relations, nested objects, keys that come back" {
	pair 0 relations
}

@test "decode: facts have a row for each event" {
	pair 0 facts
}

@test "decode: items of lists are rows without an event, and kept as they came" {
	pair 0 lists
	pair 3 lists-wrong
	diff <(cut -d : -f 4- lists-wrong.err) - <<-END
		 of: not a table that is listed
		 listed_at is missing or not a time
		 user: id is missing or no key
		 user: data is missing or no object of up to 128 members
		 organization_role: organization_id is missing or no key
		 count is missing or no number
		 id is missing or no event id
	END
}

@test "decode: no filter is run over a line of a list, so none passes it" {
	run -1 --separate-stderr wos-decode --jq 'del(.data.email)' \
	    "$DATA/decode-lists.jsonl"
	[ -z "$output" ]
	[ "$stderr" = "wos-decode: a line of a list: --jq is for events" ]
}

@test "decode: an unknown type goes to the ledger, whatever its data" {
	pair 0 unknown
}

@test "decode: no byte of a value ends its literal" {
	pair 0 hostile
}

@test "decode: numbers keep their digits" {
	pair 0 numbers
	pair 3 numbers-wrong
}

@test "decode: times in every form that the API and its documents have" {
	pair 0 times
	pair 3 times-wrong
	assert_equal "$(grep -c 'INTO "parked_event"' times-wrong.sql)" \
	    "$(grep -c '' "$DATA/decode-times-wrong.jsonl")"
}

@test "decode: an event without its key, or its parents', is parked" {
	pair 0 keys
	pair 3 keys-wrong
	assert_equal "$(grep -c 'INTO "parked_event"' keys-wrong.sql)" \
	    "$(grep -c '' "$DATA/decode-keys-wrong.jsonl")"
}

@test "decode: what is odd, but JSON: doubled members, escaped names, CRLF, blanks" {
	pair 0 odd
}

@test "decode: what is no JSON is parked" {
	pair 3 nojson
	assert_equal "$(grep -c 'INTO "parked_event"' nojson.sql)" \
	    "$(wc -l <"$DATA/decode-nojson.jsonl")"
}

# bats test_tags=slow
@test "decode: what it takes for JSON is JSON to jq" {
	for file in "$DATA"/decode-*.jsonl; do
		rm -f app.db*
		wos-decode "$file" 2>/dev/null | wos-apply app.db ||
		    [ $? -eq 3 ]
		wos-apply --export app.db
	done >ledger.jsonl
	# jq 1.6 stops at escapes that stand for no character.
	grep -aiv '\\ud[89a-f]' ledger.jsonl >json.jsonl
	assert [ "$(grep -c '' json.jsonl)" -gt 100 ]
	jq . json.jsonl >/dev/null
}

@test "decode: every pair has both halves" {
	local file

	for file in "$DATA"/decode-*.jsonl; do
		[ -e "${file%.jsonl}.sql" ]
		grep -q "pair [03] $(basename "${file#*decode-}" .jsonl)\$" \
		    "$BATS_TEST_FILENAME"
	done
	for file in "$DATA"/decode-*.sql; do
		[ -e "${file%.sql}.jsonl" ]
	done
}

@test "decode: messages say where and why, and show no control bytes" {
	wos-decode "$DATA/decode-keys-wrong.jsonl" >out 2>err || [ $? -eq 3 ]
	file=$DATA/decode-keys-wrong.jsonl
	grep -qxF "wos-decode: $file: line 12: om_01: user_id is missing or no key" err
	tail -n +20 "$file" >late # of more than 20, not all are told
	wos-decode late >out 2>err || [ $? -eq 3 ]
	grep -qxF "wos-decode: late: line 8: a\\x09b\\x1B[31m: created_at is not a time" err
	cat "$DATA"/decode-*wrong.jsonl "$DATA/decode-nojson.jsonl" >all
	split -l 20 all part.
	for part in part.*; do
		wos-decode "$part" || [ $? -eq 3 ]
	done >out 2>err
	assert_equal "$(tr -d '\n' <err | tr -dc '[:cntrl:]' | wc -c)" 0
	assert_equal "$(grep -c '^wos-decode: part\...: line [0-9]*: ' err)" \
	    "$(grep -c '' err)"
	assert_equal "$(grep -c '' err)" "$(grep -c 'INTO "parked_event"' out)"
}

@test "decode: the same bytes in, the same bytes out" {
	cat "$DATA"/decode-*.jsonl >all.jsonl
	wos-decode all.jsonl >1.sql 2>1.err || [ $? -eq 3 ]
	wos-decode <all.jsonl >2.sql 2>2.err || [ $? -eq 3 ]
	cmp 1.sql 2.sql
	# In whatever pieces they come.
	dd if=all.jsonl bs=7 status=none | wos-decode >3.sql 2>3.err ||
	    [ "${PIPESTATUS[1]}" -eq 3 ]
	cmp 1.sql 3.sql
	diff <(sed 's/all.jsonl/stdin/' 1.err) 3.err
	TZ=Asia/Kolkata LC_ALL=C wos-decode all.jsonl >4.sql 2>4.err || [ $? -eq 3 ]
	cmp 1.sql 4.sql
}

# bats test_tags=slow
@test "decode: a line's SQL does not depend on its neighbours" {
	local line

	cat "$DATA"/decode-*.jsonl >all.jsonl
	wos-decode all.jsonl >want.sql 2>/dev/null || [ $? -eq 3 ]
	split -l 1 -a 4 all.jsonl line.
	# Behind an empty one, so that none is taken for the kind of its file.
	for line in line.*; do
		{ echo && cat "$line"; } | wos-decode 2>/dev/null ||
		    [ "${PIPESTATUS[1]}" -eq 3 ]
	done >got.sql
	cmp want.sql got.sql
}

@test "decode: several files, and - among them" {
	users 1 1 >one
	users 2 2 >two
	users 3 3 >three
	users 1 3 | wos-decode >want.sql
	wos-decode one - three <two >got.sql
	diff want.sql got.sql
	users 2 3 | cat one - | wos-decode - >got.sql
	diff want.sql got.sql
	run -1 --separate-stderr wos-decode one no three
	assert_output "$(wos-decode one)"
	# shellcheck disable=SC2154
	assert_equal "$stderr" "wos-decode: no: No such file or directory"
	run -1 --separate-stderr wos-decode .
	assert_equal "$stderr" "wos-decode: .: read error after line 0: Is a directory"
}

@test "decode: no input, no output" {
	run -0 wos-decode </dev/null
	assert_output ""
	printf '\n \n\t\r\n' >blank
	run -0 wos-decode blank
	assert_output ""
}

@test "decode: a last line without its newline was cut short, the rest stays" {
	users 1 2 | head -c -1 >half
	run -1 --separate-stderr wos-decode half
	assert_output "$(users 1 1 | wos-decode)"
	assert_equal "$stderr" "wos-decode: half: line 2: cut short"
	run -1 --separate-stderr wos-decode half half
	assert_output "$(users 1 1 | wos-decode)"
	printf ' ' >half
	run -1 --separate-stderr wos-decode half
	assert_equal "$stderr" "wos-decode: half: line 1: cut short"
}

@test "decode: --strict stops at the first line that can't be decoded" {
	{
		users 1 2
		echo 'no event'
		users 3 3
	} >in
	run -1 --separate-stderr wos-decode --strict in
	assert_output "$(users 1 2 | wos-decode)"
	assert_equal "$stderr" "wos-decode: in: line 3: not JSON: byte 1: expected a value"
	users 1 2 >in
	run -0 wos-decode --strict in
	assert_output "$(wos-decode in)"
}

# bats test_tags=slow
@test "decode: a line of 2 MiB is an event, a longer one is parked" {
	most=2097152
	user 1 "@@" >frame
	room=$((most - $(wc -c <frame) + 3)) # the newline does not count
	fill() {
		printf '%s' "$(sed 's/@@.*//' frame)"
		head -c "$1" /dev/zero | tr '\0' "$2"
		sed 's/.*@@//' frame
	}
	fill "$room" x >long
	assert_equal "$(head -n 1 long | head -c -1 | wc -c)" "$most"
	wos-decode long >out
	grep -q '^RELEASE "event_1"' out
	# At its widest: two bytes for each, twice.
	fill "$room" "'" | wos-decode | wos-apply app.db
	assert_equal "$(sql app.db 'SELECT length(email) FROM user')" "$room"
	{
		fill $((room + 1)) x
		fill 3000000 x
		user 2
	} >longer
	run -3 --separate-stderr wos-decode longer
	assert_equal "$stderr" \
	    "wos-decode: longer: line 1: 2097153 bytes, a line may have 2097152
wos-decode: longer: line 2: $(fill 3000000 x | head -c -1 | wc -c) bytes, a line may have 2097152"
	wos-decode longer 2>/dev/null >out || [ $? -eq 3 ]
	run -3 wos-apply new.db out
	assert_equal "$(sql new.db 'SELECT id FROM user')" user_2
	assert_equal "$(sql new.db "SELECT count(*), min(length(text)), max(length(text))
		FROM parked_event WHERE kind = 'beginning'")" "2|$most|$most"
}

@test "decode: a line that begins with 2 MiB of blanks is not blank" {
	{
		head -c 2097152 /dev/zero | tr '\0' ' '
		user 1
	} >in
	run -3 --separate-stderr wos-decode in
	grep -q '^wos-decode: in: line 1: 20[0-9]* bytes' <<<"$stderr"
}

@test "decode: an event comes out as soon as it has come in" {
	feed decode wos-decode
	for n in 1 2 3; do
		user "$n" >&"$FEED"
		until_true grep -q "RELEASE \"event_$n\"" decode.out
	done
	# Half a line is waited for.
	user 4 | head -c 20 >&"$FEED"
	user 4 | tail -c +21 >&"$FEED"
	until_true grep -q 'RELEASE "event_4"' decode.out
	ended
	diff <(users 1 4 | wos-decode) decode.out
}

@test "decode: output that can't be written is a failure" {
	users 1 1 >in
	run -1 --separate-stderr bash -c 'wos-decode in >/dev/full'
	assert_equal "$stderr" "wos-decode: write error: No space left on device"
	run -1 --separate-stderr bash -c 'wos-decode in >&-'
	assert_equal "$stderr" "wos-decode: write error: Bad file descriptor"
	# What is opened later does not take its place.
	run -1 --separate-stderr bash -c \
	    'WOS_TRACE_FILE=trace wos-decode in >&-'
	assert_equal "$stderr" "wos-decode: write error: Bad file descriptor"
	refute grep -q SAVEPOINT trace
	run -1 bash -c 'wos-decode --version >/dev/full'
	run -1 bash -c 'wos-apply --help >/dev/full'
	run -1 --separate-stderr bash -c 'wos-decode <&-'
	assert_equal "$stderr" \
	    "wos-decode: stdin: read error after line 0: Bad file descriptor"
}

@test "decode: a reader that leaves ends it" {
	users 1 3000 >in
	{
		wos-decode in || echo $? >status
	} | head -n 1 >/dev/null
	assert_equal "$(cat status)" 141
}

@test "decode: it works on while its reader waits for a disk" {
	users 1 5000 >in # its SQL is 8 MB, a pipe holds 1 MiB
	mkfifo sql
	exec 8<in
	wos-decode <&8 >sql 3>&- &
	STARTED+=($!)
	exec 9<sql
	# It reads all of it: the two share their place in the file.
	timeout 300 python3 -c 'import os, time
while os.lseek(8, 0, os.SEEK_CUR) < os.fstat(8).st_size:
	time.sleep(0.01)'
	exec 8<&-
	cmp <(wos-decode in) - <&9
	exec 9<&-
}

@test "decode: without a thread it writes by itself" {
	users 1 500 >in
	wos-decode in >want.sql
	"$ROOT/test/crash/with" no_thread wos-decode in >got.sql
	cmp want.sql got.sql
	run -1 --separate-stderr bash -c \
	    "'$ROOT/test/crash/with' no_thread wos-decode in >/dev/full"
	assert_equal "$stderr" "wos-decode: write error: No space left on device"
}

@test "decode: wrong usage, and help" {
	run -2 --separate-stderr wos-decode --nonsense
	assert_output ""
	assert_regex "$stderr" "usage: wos-decode"
	run -2 --separate-stderr wos-decode --strict=yes
	run -2 --separate-stderr wos-decode -x
	assert_equal "$(wos-decode --version)" \
	    "wos-decode $(sed -n 's/^VERSION = //p' "$ROOT/Makefile")"
	wos-decode --help | grep -q '^usage: wos-decode'
	manual wos-decode "$ROOT/decode/wos-decode.1"
}

@test "decode: its SQL is what sqlite3 and wos-apply take, and means the same" {
	wos-apply --schema sqlite | sqlite3 other.db
	grep -v '"a\\r\\nb' "$DATA/decode-odd.jsonl" >odd.jsonl # see CAVEATS
	cat "$DATA"/decode-[!o]*.jsonl odd.jsonl >all.jsonl
	wos-decode all.jsonl >all.sql 2>/dev/null || [ $? -eq 3 ]
	sqlite3 -batch -bail -init /dev/null other.db <all.sql
	run -3 --separate-stderr wos-apply app.db all.sql
	assert_equal "$stderr" "" # wos-decode has parked, wos-apply has not
	sql app.db 'DELETE FROM sync_cursor'
	# What wos-apply does when the stream is quiet, it does when it comes next.
	wos-apply other.db </dev/null
	run -3 wos-apply --parked-retry other.db
	run -3 wos-apply --parked-retry app.db
	diff <(dump other.db) <(dump app.db)
	[ ! -e pwned ]
}

# Whoever is deleted: each of its statements is one that wos-apply takes.
@test "decode: what any object takes along, wos-apply knows" {
	wos-decode --events | awk -F '\t' '$3 == "delete" && $5 == "data" { print $1 }' |
		while read -r type; do
			event "event_$type" "$type" 2026-01-01T00:00:00Z \
			    '{"id":"x","slug":"x","organization_id":"x","group_id":"x",
			    "organization_membership_id":"x","user":{"id":"x"},"group":{"id":"x"}}' |
				tr -d '\n\t'
			echo
		done >all.jsonl
	# The edges' objects need more than that to come whole.
	grep -v user_removed all.jsonl >deletes.jsonl
	[ "$(wc -l <deletes.jsonl)" -gt 15 ]
	wos-decode deletes.jsonl | wos-apply app.db
	assert_equal "$(sql app.db 'SELECT count(*) FROM parked_event')" 0
}

@test "decode: what it wrote to the ledger is the line, byte for byte" {
	for name in hostile nine times; do
		rm -f app.db*
		wos-decode "$DATA/decode-$name.jsonl" | wos-apply app.db
		wos-apply --export app.db >out
		cmp "$DATA/decode-$name.jsonl" out
	done
}
