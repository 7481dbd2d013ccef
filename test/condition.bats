# SPDX-License-Identifier: MIT
# A row that is written under a condition: INSERT ... SELECT ... WHERE.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load stream

setup() {
	wos_setup
	newdb app
}

# upsert ID NAME CONDITION: a user, if the condition holds.
upsert() {
	printf 'INSERT INTO "user" ("id","name") SELECT %s,%s WHERE %s ON CONFLICT ("id") DO UPDATE SET "name"=excluded."name";' "$@"
}

@test "apply: a row is written if its condition holds, and else it is left out" {
	group one "$(upsert "'a'" "'first'" TRUE)" \
	    "$(upsert "'a'" "'second'" 'EXISTS (SELECT "id" FROM "user" WHERE "id"='"'a') AND (TRUE OR FALSE)")" \
	    "$(upsert "'a'" "'third'" 'NOT EXISTS (SELECT "id" FROM "user" WHERE "id"='"'a')")" \
	    "$(upsert "'b'" "'no'" FALSE)" "$(upsert "'c'" "'null'" NULL)" |
	    wos-apply "$app"
	assert_equal "$(sql "$app" 'SELECT id, name FROM "user" ORDER BY id')" "a|second"
}

# D1 takes the name of no column for a text.
# bats test_tags=not-d1
@test "apply: what no database takes is refused, whether its condition holds or not" {
	local holds row

	for holds in TRUE FALSE; do
		for row in "'a') , ('b'" '"state"'; do
			group "event_$holds_${#row}" "$(upsert "$row" "'x'" "$holds")"
		done
	done >in.sql
	run -3 wos-apply "$app" in.sql
	assert_equal "$(sql "$app" 'SELECT count(*) FROM parked_event')" 4
	assert_equal "$(ids "$app")" ""
}
