# SPDX-License-Identifier: MIT
# What is D1's own: one request is one transaction, answers are late or lost, and
# limits and quotas are not an event's fault.  What it shares with the others is in
# the files that test/check-d1 runs with it.

load ../helper
load ../stream

setup() {
	# shellcheck disable=SC2034 # newdb reads it
	DBKIND=d1
	wos_setup
	newdb app
}

@test "d1: the stand-in works" {
	d1_of "$app" /raw -d '{"batch":[{"sql":"CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)"},{"sql":"INSERT INTO t VALUES(?,?)","params":[7,"x"]}]}'
	assert_equal "$(sql "$app" 'SELECT * FROM t')" '7|x'
	sql "$app" 'INSERT INTO t VALUES(8, 9)'
	assert_equal "$(d1_of "$app" /raw -d '{"sql":"SELECT * FROM t"}' | jq -c .[].results.rows)" '[[7,"x"],[8,"9"]]'
	assert_equal "$(d1_requests "$app" '[.[].what]|join(" ")')" 'raw raw'
	dump "$app"
	rows "$app"
}
