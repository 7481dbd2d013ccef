# SPDX-License-Identifier: MIT
# What a statement of the stream may look through, and what it multiplies: little.

# shellcheck disable=SC2154 # newdb sets names

load helper
load stream
load apply

setup() {
	wos_setup
	newdb app
}

# bats test_tags=slow
@test "apply: a join is refused, and so is what multiplies rows" {
	local join="a join: it looks through more than one table"
	local copy="an INSERT of what a table has"
	local all='SELECT "id" FROM "session"' own='"session"."user_id"="user"."id"'

	refuses 6 "$join" "UPDATE \"user\" SET \"name\"=($all,\"organization\");"
	refuses 6 "$join" "INSERT INTO \"user\" (\"id\") SELECT 'x' WHERE NOT EXISTS ($all,\"group\");"
	refuses 6 "$join" "UPDATE \"user\" SET \"name\"='x' FROM \"session\" WHERE $own;"
	refuses 6 "$join" "UPDATE \"user\" SET \"name\"=($all WHERE $own) WHERE \"email\"='x';"
	refuses 6 "$join" "DELETE FROM \"user\" WHERE NOT EXISTS ($all WHERE $own);"
	refuses 6 "$join" "DELETE FROM \"user\" WHERE \"id\"='x' OR EXISTS ($all);"
	refuses 6 "$join" "DELETE FROM \"user\" WHERE \"id\"='x' AND EXISTS ($all WHERE EXISTS ($all));"
	refuses 6 "$join" "DELETE FROM \"user\" WHERE EXISTS (SELECT \"id\" FROM \"tombstone\" WHERE \"object\"='user');"
	refuses 6 "$join" "DELETE FROM \"user\" WHERE \"id\"='x'=FALSE AND EXISTS ($all);"
	refuses 6 "$join" "DELETE FROM \"user\" WHERE \"id\"='x' AND EXISTS ($all WHERE \"id\"='y'<>TRUE AND EXISTS ($all));"
	refuses 6 "$copy" "INSERT INTO \"user\" (\"id\") SELECT \"id\" FROM \"session\" WHERE \"id\"='x'=FALSE;"
	refuses 6 "$copy" "INSERT INTO \"user\" (\"id\") SELECT \"name\" FROM \"user\";"
	refuses 6 "$copy" "INSERT INTO \"user\" (\"id\") SELECT \"id\" FROM \"session\" WHERE \"id\"='x' OR \"id\"='y';"
	refuses 6 "a query of something else than a table" \
	    "DELETE FROM \"user\" WHERE \"id\"=(SELECT \"id\" FROM ($all));"
}

@test "apply: a text that a table has is not copied, which would multiply bytes" {
	local one="\"user\" WHERE \"id\"='a'"

	for statement in "UPDATE \"user\" SET \"first_name\"=\"email\" WHERE \"id\"='a'" \
	    'UPDATE "user" SET "first_name"=COALESCE("first_name","user"."email")' \
	    "UPDATE \"user\" SET \"email\"=(SELECT \"email\" FROM $one)" \
	    "UPDATE \"user\" SET \"email\"=COALESCE(NULL,(SELECT \"user\".\"email\" FROM $one))" \
	    "INSERT INTO \"user\" (\"id\",\"email\") VALUES ('b',(SELECT \"email\" FROM $one))" \
	    "INSERT INTO \"user\" (\"id\") VALUES ('b') ON CONFLICT (\"id\") DO UPDATE SET $(
		)\"first_name\"=\"user\".\"email\""; do
		refuses 6 "a copy of a text that a table has" "$statement;"
	done
	group one "INSERT INTO \"user\" (\"id\",\"email\") VALUES ('a','old');" \
	    "INSERT INTO \"user\" (\"id\",\"email\",\"locale\") VALUES ('a','new','x')
		ON CONFLICT (\"id\") DO UPDATE SET \"email\"=COALESCE(\"user\".\"email\",$(
		)(SELECT excluded.\"email\" WHERE \"user\".\"locale\" = 'x')),$(
		)\"first_name\"=excluded.\"locale\";" | wos-apply "$app"
	assert_equal "$(sql "$app" 'SELECT email, first_name FROM "user"')" 'old|x'
}

@test "apply: one look through a table is taken, and others by key" {
	local gone='SELECT "id" FROM "tombstone" WHERE "object"='"'user' AND \"id\"="

	group one "INSERT INTO \"user\" (\"id\",\"email\") VALUES ('a','x'),('b','x'),('c','y');" \
	    "UPDATE \"user\" SET \"email\"='z' WHERE \"email\"='x' AND NOT EXISTS ($gone'b');" \
	    "DELETE FROM \"user\" WHERE \"id\"='c' AND NOT EXISTS (SELECT \"slug\" FROM \"role\");" \
	    "INSERT INTO \"user\" (\"id\") SELECT 'd' WHERE NOT EXISTS (SELECT \"slug\" FROM \"role\") OR EXISTS ($gone'c');" \
	    "INSERT INTO \"role\" (\"slug\",\"event_at\") SELECT 'a',\"event_at\" FROM \"user\" WHERE \"id\"='a';" |
		wos-apply "$app"
	assert_equal "$(sql "$app" 'SELECT id, email FROM "user" ORDER BY id')" \
	    $'a|z\nb|z\nd|'
	assert_equal "$(sql "$app" 'SELECT slug FROM "role"')" a
}

# statements N: a group with so many.
statements() {
	mapfile -t lines < <(printf 'INSERT INTO "user" ("id") VALUES ('"'$1_%d');\n" $(seq "$1"))
	group "event_$1" "${lines[@]}"
}

@test "apply: an event has a number of statements, and no more" {
	{
		statements 256
		statements 257
		statements 1
	} >in.sql
	run -3 wos-apply "$app" in.sql
	assert_output "wos-apply: in.sql: event_257: line 516: more statements than an event has: parked"
	assert_equal "$(sql "$app" 'SELECT count(*) FROM "user"')" 257
	assert_equal "$(wos-apply --cursor "$app")" event_1
}
