# SPDX-License-Identifier: MIT
# Tables that were there before wos, or an older one, in D1.

load ../helper
load ../stream

setup() {
	# shellcheck disable=SC2034 # newdb reads it
	DBKIND=d1
	wos_setup
	newdb app
}

@test "d1: the database of the replaced system is adopted, children first" {
	local cascade

	for cascade in '' 'ON DELETE CASCADE'; do
		newdb app
		sed "s/REFERENCES [a-z]* *([a-z]*)/& $cascade/" "$DATA/replaced.sql" |
			sqlite3 -batch -bail "$(d1_file "$app")"
		sqlite3 -batch -bail lite.db <"$DATA/replaced.sql"
		wos-apply lite.db </dev/null
		(($(sql lite.db 'SELECT count(*) FROM organization_membership') > 0))
		wos-apply "$app" </dev/null
		diff <(dump lite.db) <(dump "$app")
		rm -f lite.db
	done
}

@test "d1: adoption leaves no row of the owner's without what it refers to" {
	local before

	sqlite3 -batch -bail "$(d1_file "$app")" <"$DATA/replaced.sql"
	sql "$app" 'CREATE TABLE note (user TEXT REFERENCES user (id) ON DELETE CASCADE)' \
	    'INSERT INTO note SELECT id FROM user'
	before=$(dump "$app")
	run -1 wos-apply "$app" </dev/null
	assert_output --partial 'the table "note" refers to one that has to be made anew'
	assert_equal "$(dump "$app")" "$before"
	sql "$app" 'CREATE TABLE other AS SELECT * FROM note' 'DROP TABLE note'
	run -0 wos-apply "$app" </dev/null
	(($(sql "$app" 'SELECT count(*) FROM other') > 0))
}

@test "d1: columns that an older database lacks are added, and its rows stay" {
	wos-apply --schema sqlite | sed '/^CREATE VIEW/,/;$/d; /"locale"/d' | sqlite3 "$(d1_file "$app")"
	sql "$app" "INSERT INTO user (id, email) VALUES ('user_1', 'a@example.com')"
	users 2 2 | wos-decode | wos-apply "$app"
	assert_equal "$(sql "$app" "SELECT id, email, locale IS NULL FROM user ORDER BY id")" \
	    "user_1|a@example.com|1
user_2|2@example.com|1"
}
