#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The fuzz targets hold on to what they begin with: their seeds and the test data,
# line by line.  make fuzz goes on from there.

load helper

# replay TARGET LEAST: it is run on its seeds, of which there are so many.
replay() {
	mkdir "$1"
	cd "$1" || return
	"$ROOT/test/fuzz/seeds" "$1"
	run -0 "$ROOT/test/fuzz/replay-$1" ./*
	assert_regex "${lines[-1]}" '^[0-9]+ inputs$'
	((${lines[-1]% *} >= $2))
	cd .. || return
}

@test "fuzz: each line of the test data becomes what a line may become" {
	replay decode 300
}

@test "fuzz: each few groups of its SQL change rows, and nothing else" {
	replay apply 40
}

@test "fuzz: each statement that is accepted is to SQLite what it is to us" {
	replay form 600
}

@test "fuzz: each answer of an API is read, or is none" {
	replay d1 8
	replay page 8
	replay listpage 8
	replay refusal 8
}

@test "fuzz: each saved file, and each item of a list, becomes lines" {
	replay saved 8
	replay item 8
}

@test "fuzz: each text is to libjq what it is to us" {
	replay jsontext 8
	replay jq 19
	replay text 4
}

@test "fuzz: each time, range, setting and span is read, or is none" {
	replay time 13
	replay otlp 5
	replay spool 3
	replay traceparent 5
}

# bats test_tags=postgres
@test "fuzz: each statement that is accepted is to PostgreSQL what it is to us" {
	newdb app
	wos-apply "$app" </dev/null
	mkdir form
	cd form || return
	"$ROOT/test/fuzz/seeds" form
	FORMS=1 "$ROOT/test/fuzz/replay-form" ./* >../forms
	run -0 "$ROOT/test/fuzz/postgres" "$app" <../forms
	assert_output --regexp '^[1-9][0-9]{2} forms, [0-9]+ refused by PostgreSQL, 0 taken'
	# It can tell.
	for form in 'DELETE FROM "session"' 'DELETE FROM "user"; DELETE FROM "user"' \
	    'DELETE FROM "user" WHERE "id"=lower("email")' \
	    'DELETE FROM "user" WHERE "id"=(SELECT "name" FROM "sync_cursor")'; do
		run -1 "$ROOT/test/fuzz/postgres" "$app" <<<"user"$'\t'"$form"
		assert_output --partial '1 taken for something else'
	done
}
