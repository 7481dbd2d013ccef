# SPDX-License-Identifier: MIT
# A PostgreSQL server that lies, or one in the middle: whatever it answers, the
# run ends soon, says why, and takes little memory.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper

setup() {
	# shellcheck disable=SC2034 # newdb reads it
	DBKIND=postgres
	wos_setup
	newdb app
	wos-decode "$DATA/sample.jsonl" >in.sql
	wos-apply "$app" in.sql
	dump "$app" >before
}

# lied_to STATUS HOW WORDS MODE: runs wos-apply in that mode, with a server that
# lies so once it is asked for something with these words in it.
lied_to() {
	local dir

	dir=$(mktemp -d "$PG_DIR/lie.XXXX")
	"$ROOT/test/crash/lie" "$dir/.s.PGSQL.5432" "$PG_DIR/.s.PGSQL.5432" \
	    "$3" "$2" 3>&- &
	STARTED+=($!)
	while [[ ! -S $dir/.s.PGSQL.5432 ]]; do sleep 0.05; done
	run "-$1" without_output timeout 300 "$ROOT/test/api/peak" 600000 \
	    ${CLOCK:+"$ROOT/test/crash/with" "$CLOCK"} wos-apply "$4" \
	    "host=$dir user=wos dbname=${PG_MADE[0]} connect_timeout=600"
}

# without_output COMMAND...: of rows without end there is much.
without_output() {
	"$@" <in.sql >/dev/null
}

# every HOW STATUS REASON: to each kind of question, and in a batch.
every() {
	local case

	for case in "information_schema --cursor" "sync_cursor --cursor-info" \
	    "event_payload --export" "COUNT(*) --export" "created_at --status" \
	    "INSERT --no-cursor" "COMMIT --no-cursor"; do
		# shellcheck disable=SC2086 # two words
		lied_to "$2" "$1" $case
		assert_line --regexp "^wos-apply: .*: ($3)$"
	done
	dump "$app" >after
	diff before after
}

# bats test_tags=slow
@test "pg: a server whose rows have too few columns" {
	every narrow 1 'the server sends (rows of 0 columns instead of [1-7]|rows that nobody asked for)'
}

# bats test_tags=slow
@test "pg: a server whose rows have no end" {
	every rows 1 'the server sends rows (of 1 columns instead of [2-7]|without end|that nobody asked for)'
}

# bats test_tags=slow
@test "pg: a server that sends notices without end" {
	every notices 1 'the server sends notices without end'
	every notified 1 'the server sends notices without end'
}

# asked STATUS LIE TEXT: that is what comes of the lie, whatever was asked.
asked() {
	lied_to "$1" "$2" information_schema --cursor
	assert_output --partial "$3"
	lied_to "$1" "$2" event_payload --export
	assert_output --partial "$3"
}

# bats test_tags=slow
@test "pg: a server whose results have no end" {
	asked 1 results "the server sends rows without end"
	lied_to 75 results BEGIN --no-cursor
	assert_line --partial "the connection was lost again"
}

# bats test_tags=slow
@test "pg: a server whose row says that it has 2 GiB" {
	asked 75 long "cannot allocate memory for input buffer"
	lied_to 75 long BEGIN --no-cursor
	assert_line --partial "cannot allocate memory for input buffer"
}

# Its minutes are seconds here.
# bats test_tags=slow
@test "pg: a server that is silent, and one whose answer comes by drips" {
	local how CLOCK=quick_clock

	for how in silence drips; do
		lied_to 75 $how information_schema --cursor
		assert_output --partial "the server does not answer"
		lied_to 75 $how sync_cursor --no-cursor
		assert_output --partial "the server does not answer"
	done
	lied_to 75 drips BEGIN --no-cursor
	assert_line --partial "the server does not answer"
}
