# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154 # newdb sets app
# Events and lists for the tests of state, after helper:  load state

# event NAME MS DATA: one line, of an event of that time.  Ids count up.
n=0
event() {
	n=$((n + 1))
	printf '{"id":"event_%s","event":"%s","data":%s,"created_at":"2026-11-01T00:00:00.%03dZ"}\n' \
	    "$n" "$1" "$3" "$2"
}

user() {
	event "user.$1" "$2" "{\"id\":\"user_1\",\"first_name\":\"$3\",\"updated_at\":\"2026-11-01T00:00:00.$4Z\"}"
}

# apply FILE...: each in a run of its own.
apply() {
	local file

	for file; do
		wos-decode "$file" >"$file.sql"
		wos-apply --batch "${BATCH:-1000}" "$app" "$file.sql"
	done
}

# object TYPE MS ID MEMBERS: an event of an object, last changed at that time.
object() {
	event "$1" "$2" "{\"id\":\"$3\",${4:+$4,}\"updated_at\":\"2026-11-01T00:00:00.$(printf %03d "$2")Z\"}"
}

# membership MS USER: om_1 is that user's.
membership() {
	object organization_membership.updated "$1" om_1 \
	    "\"user_id\":\"$2\",\"organization_id\":\"org_1\""
}

# member MS: om_1 is in group_1.
member() {
	event group.member_added "$1" '{"group_id":"group_1","organization_membership_id":"om_1"}'
}

# gone TYPE MS ID: the end of it.
gone() {
	event "$1.deleted" "$2" "{\"id\":\"$3\"}"
}

# as_new: the database has nothing in it; a server's tables stay, since it takes a
# second to make them.
as_new() {
	[[ $DBKIND == postgres && ${app-} ]] || { newdb app && return; }
	sql "$app" "SELECT 'DELETE FROM ' || quote_ident(tablename) FROM pg_tables
		WHERE schemaname = current_schema()" >empty
	sql "$app" "$(paste -sd ';' empty)"
}

# in_every_order FILE WANT QUERY: its lines come to this, each in a run of its own
# and all in one.
in_every_order() {
	local order line

	split -d -l 1 "$1" line.
	while read -r order; do
		as_new
		for line in $order; do
			wos-decode "line.$line" | wos-apply --no-cursor "$app"
		done
		assert_equal "$order: $(sql "$app" "$3")" "$order: $2"
		as_new
		for line in $order; do
			cat "line.$line"
		done | wos-decode | wos-apply --no-cursor "$app"
		assert_equal "$order at once: $(sql "$app" "$3")" "$order at once: $2"
	done < <(python3 -c "
import itertools, sys
for order in itertools.permutations(range(int(sys.argv[1]))):
    print(*('%02d' % n for n in order))" "$(wc -l <"$1")")
	wos-rebuild "$app"
	assert_equal "$(sql "$app" "$3")" "$2"
}

# rows: how many there are in tables of objects.
rows() {
	local table all=0

	for table in $(wos-decode --events | awk -F '\t' '$3 == "upsert" { print $4 }' |
		sort -u); do
		all+=+$(sql "$app" "SELECT count(*) FROM \"$table\"")
	done
	echo $((all))
}

# listed SECOND ORGANIZATION: connection_1 is that one's when it is listed.
listed() {
	printf '{"object":"list_item","of":"connection","listed_at":"2026-11-01T00:00:0%s.000Z","data":%s}\n' \
	    "$1" "{\"id\":\"connection_1\",\"organization_id\":\"$2\",\"updated_at\":\"2026-11-01T00:00:0$1.000Z\"}"
}
