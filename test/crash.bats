#!/usr/bin/env bats
# wos-apply is stopped at its writes, one after the other, and run again: the
# database is that of an undisturbed run.  STRIDE=1 (make torture) leaves no
# write out; else only every so many are tried.

load helper

setup_file() {
	wos_setup
	"${CC:-cc}" -shared -fPIC -O1 -o "$BATS_FILE_TMPDIR/stop.so" \
	    "$ROOT/test/crash/stop.c" -ldl
	cd "$BATS_FILE_TMPDIR" || return
	wos-apply empty.db </dev/null
	wos-decode "$DATA/sample.jsonl" >stream.sql
	cp empty.db want.db
	wos-apply --batch 4 want.db stream.sql
	dump want.db >want
}

# stopped HOW N DATABASE: runs wos-apply, which ends at its Nth write.
stopped() {
	LD_PRELOAD=$BATS_FILE_TMPDIR/stop.so STOP_HOW=$1 STOP_AT=$2 \
	    ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
	    wos-apply --batch 4 "$3" "$BATS_FILE_TMPDIR/stream.sql" 2>err
}

# converges: run again, the database is that of an undisturbed run.
converges() {
	wos-apply --batch 4 app.db "$BATS_FILE_TMPDIR/stream.sql" 2>again ||
		fail "step $1: run again: $(cat again)"
	diff "$BATS_FILE_TMPDIR/want" <(dump app.db) || fail "step $1"
	assert_equal "$(sql app.db 'PRAGMA integrity_check')" ok
}

# every_step HOW STATUS START: stops at every write of a run that begins with
# the database START, or none, until one is not stopped any more.
every_step() {
	local n status

	for ((n = 1;; n += ${STRIDE:-17})); do
		rm -f app.db app.db-wal app.db-shm
		[ -z "$3" ] || cp "$BATS_FILE_TMPDIR/$3" app.db
		status=0
		stopped "$1" "$n" app.db || status=$?
		[ "$status" != 0 ] || break
		assert_equal "step $n: $status" "step $n: $2"
		converges "$n"
	done
	# It was stopped a few times before.
	[ "$n" -gt 100 ]
	converges "$n"
}

# bats test_tags=sqlite
@test "crash: stopped before any write, the next run converges" {
	every_step exit 100 empty.db
}

# bats test_tags=sqlite
@test "crash: stopped in the middle of any write, the next run converges" {
	every_step torn 100 empty.db
}

# bats test_tags=sqlite
@test "crash: stopped while the schema is made, the next run converges" {
	every_step exit 100 ''
}

# bats test_tags=sqlite
@test "crash: the disk is full from any write on: exit 1, the next run converges" {
	every_step full 1 empty.db
}

# bats test_tags=sqlite
@test "crash: SIGKILL under load, again and again, until it is done" {
	local kills=${KILLS:-10} pid

	"$ROOT/test/bench/generate" 3000 7 | wos-decode >stream
	wos-apply want.db stream
	for ((n = 0; n < kills; n++)); do
		wos-apply --batch 50 app.db stream 2>/dev/null 3>&- &
		pid=$!
		# As long as it takes for the database to have more than before.
		before=$(stat -c %s app.db-wal 2>/dev/null || echo 0)
		for _ in $(seq $((RANDOM % 40))); do
			[ "$(stat -c %s app.db-wal 2>/dev/null || echo 0)" = "$before" ] || break
		done
		kill -KILL "$pid" 2>/dev/null || :
		wait "$pid" || :
		[ ! -s app.db ] || assert_equal "$(sql app.db 'PRAGMA integrity_check')" ok
	done
	wos-apply app.db stream
	diff <(dump want.db) <(dump app.db)
}
