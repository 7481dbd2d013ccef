#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-apply's checkpoints: pages of the log, app.db-wal, that are copied to their
# place in app.db while the next batch is already being applied.

load helper
load stream

# bytes FILE: how many it has.
bytes() {
	wc -c <"$1"
}

# has_bytes FILE N: that many, or more.
has_bytes() {
	(($(bytes "$1") >= $2))
}

# until_bytes FILE N: waits until it has that many.
until_bytes() {
	until_true has_bytes "$@" || fail "$1 still has $(bytes "$1") bytes"
}

# load_of FROM TO BYTES: users with an email address of so many bytes, as SQL.
# They take up twice as much: in the ledger and in their table.
load_of() {
	users "$1" "$2" "$(printf "%$3s" '' | tr ' ' x)" | wos-decode
}

# apply_slowly [WITH...]: wos-apply, run by these words if there are any, has
# begun with the stream that is written to fd 8.
apply_slowly() {
	mkfifo sql
	"$@" wos-apply --batch 100 app.db sql 3>&- &
	STARTED+=($!)
	exec 8>sql
}

# bats test_tags=slow
@test "checkpoint: a load's pages are copied while it goes on" {
	load_of 1 3000 4000 >load.sql
	apply_slowly
	cat load.sql >&8
	# It waits for more of the stream now, and has copied most of this.
	until_bytes app.db 16000000
	assert_equal "$(sql app.db 'PRAGMA integrity_check')" ok
	load_of 3001 3010 10 | tee -a load.sql >&8
	exec 8>&-
	wait "${STARTED[0]}"
	[ ! -s app.db-wal ]

	wos-apply want.db load.sql
	diff <(dump want.db) <(dump app.db)
	assert_equal "$(sql app.db 'PRAGMA integrity_check')" ok
}

# bats test_tags=slow
@test "checkpoint: without a thread it makes them by itself" {
	load_of 1 3000 4000 >load.sql
	apply_slowly "$ROOT/test/crash/with" no_thread
	cat load.sql >&8
	until_bytes app.db 16000000
	exec 8>&-
	wait "${STARTED[0]}"

	wos-apply want.db load.sql
	diff <(dump want.db) <(dump app.db)
}

# bats test_tags=slow
@test "checkpoint: killed in a load that has copied pages, the next run goes on" {
	load_of 1 3000 4000 >load.sql
	apply_slowly
	cat load.sql >&8
	until_bytes app.db 4000000
	kill -KILL "${STARTED[0]}"
	wait "${STARTED[0]}" || assert_equal $? 137
	exec 8>&-
	assert_equal "$(sql app.db 'PRAGMA integrity_check')" ok

	wos-apply app.db load.sql
	wos-apply want.db load.sql
	diff <(dump want.db) <(dump app.db)
}

# bats test_tags=slow
@test "checkpoint: the log begins anew, however long the load" {
	load_of 1 3000 40000 >load.sql # 240 MB
	apply_slowly
	cat load.sql >&8
	until_sql app.db 3000 'SELECT count(*) FROM user'
	# Its file is not made shorter, so that is as long as it has been.
	run bytes app.db-wal
	[ "$output" -lt 200000000 ]
	exec 8>&-
	wait "${STARTED[0]}"
}
