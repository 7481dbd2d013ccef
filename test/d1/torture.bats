#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A few cases of torture with D1's own engine, see ../torture.bats.

# bats file_tags=slow

load ../helper

@test "torture: wos-apply is killed, and D1 goes away: the next run converges" {
	run -0 "$ROOT/test/torture/torture" --sample kill/d1/wos-apply away/d1/wos-sync/d1
	assert_line --regexp '^[0-9]+ s, 0 faults$'
	assert_line --regexp '^ +[1-9][0-9]* kill d1 '
	assert_line --regexp '^ +[1-9][0-9]* away d1 '
}
