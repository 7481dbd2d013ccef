# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154 # newdb sets own
# What the tests of PostgreSQL's own share:  load pg-own

# users FIRST LAST [NAME]: an event for each of these.  By awk: bats makes the
# shell's loops slow.
users() {
	awk -v first="$1" -v last="$2" -v name="${3:-Test}" 'BEGIN {
		for (i = first; i <= last; i++) {
			at = sprintf("2026-11-02T10:%02d:00.%03dZ", i / 1000, i % 1000)
			printf "{\"object\":\"event\",\"id\":\"event_%026d\",", i
			printf "\"event\":\"user.created\",\"data\":{\"object\":\"user\","
			printf "\"id\":\"user_%d\",\"first_name\":\"%s\",", i, name
			printf "\"email\":\"%d@example.com\",\"updated_at\":\"%s\"},", i, at
			printf "\"created_at\":\"%s\"}\n", at
		}
	}'
}

apply() {
	wos-decode | wos-apply "$@"
}

teardown() {
	if [[ ${BOUNCER:-} ]]; then
		kill "$(<"$BOUNCER/pid")" || :
		rm -rf "$BOUNCER"
	fi
	wos_teardown
}

own_sql() {
	sql "$own" "$1"
}

# shapes N: so many statements of which no two are alike but for their values;
# every fiftieth is refused.
shapes() {
	awk -v n="$1" -v q="'" 'BEGIN {
		for (i = 0; i < n; i++) {
			printf "SAVEPOINT \"event_%05d\";\n", i
			printf "DELETE FROM \"user\" WHERE \"id\"=%sx%s", q, q
			for (bit = 1; bit <= 4096; bit *= 2)
				printf " AND \"%s\"=%s%d%s",
				    int(i / bit) % 2 ? "name" : "email", q, bit, q
			if (i % 50 == 49)
				printf " AND \"event_at\"=%sx%s", q, q
			printf ";\nRELEASE \"event_%05d\";\n", i
		}
	}'
}
