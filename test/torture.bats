#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A few cases of each kind of torture; make torture has them all.

# bats file_tags=slow

load helper

setup() {
	wos_setup
	[[ $(uname -s) == Linux ]] || skip 'calls are told by Linux alone'
}

# sample KIND/END: a case that fails is told with the command that repeats it.
sample() {
	run -0 "$ROOT/test/torture/torture" --sample "$@"
	assert_line --regexp '^[0-9]+ s, 0 faults$'
	# Something was done, and counted.
	assert_line --regexp '^ +[1-9][0-9]* [a-z]'
}

@test "torture: processes are killed: the next run converges" {
	sample kill/sqlite
}

@test "torture: processes are stopped and continued: nothing has happened" {
	sample stop/sqlite
}

@test "torture: there is no memory: status 1 and the reason, and no other rows" {
	! grep -q __asan_init "$ROOT/apply/wos-apply" || return 0
	sample heap/sqlite
}

@test "torture: the disk is full: status 1 and the reason, the next run converges" {
	sample disk/sqlite
}

@test "torture: the power is cut: what was not synced is lost, and no more" {
	sample power/sqlite
}

@test "torture: the API goes away" {
	sample away/sqlite
}

@test "torture: the clock turns: no time is noted that the API has not reached" {
	sample clock/sqlite
}

@test "torture: PostgreSQL: processes are killed, and the server" {
	sample kill/postgres away/postgres/wos-sync/server
}
