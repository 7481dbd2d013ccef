# SPDX-License-Identifier: MIT
# The catalogue: every event of the API's specification comes to its table,
# and nothing knows of events, tables or columns but schema/catalogue.def.

load helper
load gen/tree

setup() {
	wos_setup
	newdb app
}

# come HOW: the samples of that kind reach a database, and are looked for there.
come() {
	"$ROOT/test/gen/samples" "$1" >events.jsonl
	wos-decode events.jsonl >events.sql
	wos-apply "$app" events.sql
	"$ROOT/test/gen/samples" check "$app" <events.jsonl
}

@test "catalogue: every event with all of its members comes whole to its tables" {
	come full
	[[ $(wc -l <events.jsonl) -ge 127 ]]
}

@test "catalogue: every event comes with nulls and without optional members" {
	come bare
}

@test "catalogue: keys and parents are enough, whatever else an event lacks" {
	come least
}

# bats test_tags=slow
@test "catalogue: the samples come through sqlite3 or psql alone, too" {
	"$ROOT/test/gen/samples" full >events.jsonl
	if [[ $DBKIND == postgres ]]; then
		psql -Xq -v ON_ERROR_STOP=1 -d "$app" <"$ROOT/schema/postgres.sql"
		wos-decode events.jsonl | psql -Xq1 -v ON_ERROR_STOP=1 -d "$app"
	else
		sqlite3 -batch -init /dev/null app.db <"$ROOT/schema/sqlite.sql"
		wos-decode events.jsonl | sqlite3 -batch -bail -init /dev/null app.db
	fi
	"$ROOT/test/gen/samples" check "$app" <events.jsonl
}

# bats test_tags=slow
@test "catalogue: the text null, which some times are specified as, is no time" {
	"$ROOT/test/gen/samples" full >all.jsonl
	grep agent.registration.claim.attempt.created all.jsonl |
		sed 's/"expires_at":"[^"]*"/"expires_at":"null"/' |
		wos-decode | wos-apply "$app"
	assert_equal "$(sql "$app" "SELECT count(*), count(expires_at), count(created_at)
		FROM agent_registration_claim_attempt")" "1|0|1"
}

# bats test_tags=sqlite
@test "catalogue: it has every event of the specification, and asks for 84" {
	cut -f 1 "$DATA/catalogue.tsv" | sed 1d | sort -u >specified
	wos-decode --events >effects
	awk -F '\t' '$2 != "former" { print $1 }' effects | sort -u >known
	assert_equal "$(comm -23 specified known)" ""
	cut -f 1,2 effects | sort -u >asked
	# One word for an event, whatever it does.
	assert_equal "$(cut -f 1 asked | uniq -d)" ""
	assert_equal "$(grep -c 'usual$' asked)" 84
	# Those that the Events API is not known to list, and those that its
	# specification had later than any list of what it does.
	diff -u - <(awk '$2 == "rare" { print $1 }' asked) <<-END
	action.authentication.denied
	action.user_registration.denied
	agent.blueprint.created
	agent.blueprint.deleted
	agent.blueprint.updated
	agent.instance.created
	agent.instance.deleted
	agent.instance.session.created
	agent.instance.session.revoked
	agent.registration.claim.attempt.created
	agent.registration.claim.completed
	agent.registration.created
	agent.registration.credential.issued
	agent.registration.deleted
	agent.registration.expired
	agent.registration.organization.switched
	agent.registration.refreshed
	agent.registration.revoked
	api_key.updated
	authentication.email_verification_failed
	authentication.mfa_failed
	authentication.reauthentication_succeeded
	authentication.sso_started
	authentication.sso_timed_out
	connection.saml_certificate_renewal_required
	connection.saml_certificate_renewed
	dsync.token.created
	dsync.token.revoked
	pipes.account_connection.add_failed
	pipes.account_connection.connected
	pipes.account_connection.connection_failed
	pipes.account_connection.disconnected
	pipes.account_connection.reauthorization_needed
	radar.challenge_created
	resource_export.completed
	resource_export.created
	resource_export.downloaded
	resource_export.failed
	vault.byok_key.deleted
	vault.kek.deleted
	waitlist_user.approved
	waitlist_user.created
	waitlist_user.denied
	END
}

# bats test_tags=sqlite
@test "catalogue: names that the API used once do what their successors do" {
	wos-decode --events >effects
	of() {
		awk -F '\t' -v name="$1" '$1 == name { print $3, $4, $5 }' effects
	}
	assert_equal "$(of dsync.deactivated)" "$(of dsync.activated)"
	assert_equal "$(of dsync.token.deleted)" "$(of dsync.token.revoked)"
	assert_equal "$(of api_key.deleted)" "$(of api_key.revoked)"
	assert_equal "$(of session.reauthenticated)" \
	    "$(of authentication.reauthentication_succeeded)"
	assert_equal "$(awk -F '\t' '$2 == "former"' effects | wc -l)" 4
}

# bats test_tags=sqlite
@test "catalogue: what is made from it is as new as it is" {
	wos-apply --schema sqlite | diff -u "$ROOT/schema/sqlite.sql" -
	wos-apply --schema postgres | diff -u "$ROOT/schema/postgres.sql" -
	wos-apply --schema svg | diff -u "$ROOT/schema/schema.svg" -
	wos-apply --schema mdoc | "$ROOT/scripts/schema-manual" |
		diff -u "$ROOT/schema/wos-schema.7" -
	"$ROOT/scripts/cookbook-manual" | diff -u "$ROOT/schema/wos-cookbook.7" -
	wos-apply --schema mdoc | "$ROOT/scripts/privacy-manual" |
		diff -u "$ROOT/scripts/wos-privacy.7" -
	wos-decode --events | "$ROOT/scripts/events-manual" |
		diff -u "$ROOT/decode/wos-events.7" -
}

# bats test_tags=sqlite
@test "catalogue: wos-decode --events prints it whole, or fails" {
	run -0 --separate-stderr wos-decode --events
	# shellcheck disable=SC2154 # run sets it
	assert_equal "$stderr" ""
	assert_line $'dsync.group.user_added\tusual\tupsert\tdirectory_user\tdata.user'
	assert_line $'agent.registration.deleted\trare\tdelete\tagent_registration\tdata.agent_registration_id'
	# Five fields, none of them empty.
	assert_equal "$(wos-decode --events |
		awk -F '\t' 'NF != 5 || /\t\t|\t$/')" ""
	run -2 wos-decode --events events.jsonl
	run -2 wos-decode --events --strict
	if [[ -e /dev/full ]]; then
		run -1 bash -c 'wos-decode --events >/dev/full'
	fi
}

# bats test_tags=sqlite
@test "catalogue: the manual names every event" {
	cut -f 1 "$DATA/catalogue.tsv" | sed 1d | sort -u >specified
	grep -oE '^\.It .* Ta .* Ta [a-z_.]+' "$ROOT/decode/wos-events.7" |
		awk '{ print $NF }' | sort -u >named
	assert_equal "$(comm -23 specified named)" ""
}

# bats test_tags=sqlite
@test "catalogue: each table and column has a sentence, and free text is personal" {
	wos-apply app.db </dev/null
	sed -nE '/^(OBJECT|REUSED|FACT|SYSTEM|PRIVATE)\(/p
		/^\t(KEY|TEXT|TIME|BOOL|INT|JSON|MUST|NOW)\(/p' \
	    "$ROOT/schema/catalogue.def" >entries
	# All that a database has are there, but for what facts and objects end with.
	assert_equal "$(grep -cv '^	' entries)" \
	    "$(sql app.db "SELECT count(*) FROM sqlite_master WHERE type = 'table'")"
	assert_equal "$(grep -c '^	' entries)" "$(sql app.db "SELECT count(*)
		FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND (m.name NOT IN (SELECT m2.name
			FROM sqlite_master m2, pragma_table_info(m2.name) c2
			WHERE c2.name = 'event_at' AND m2.name NOT IN
			    ('tombstone', 'orphan', 'sync_cursor'))
		    OR c.name NOT IN ('event_id', 'event_type', 'event_at'))")"
	name='^.?[A-Z]+\(([A-Z]+, )?[a-z0-9_.]+'
	assert_equal "$(grep -vE "$name"', "[A-Z][^"()<>&\\]{5,98}\."(, PERSONAL)?\)$' \
	    entries)" ""
	# What is of a person by its name, so that a new one is not forgotten.
	name='^.[A-Z]+\(([A-Z]+, )?([a-z_]+[._])?'
	words='emails?|(first|last)_name|ip_address|user_agent|metadata|external_id'
	words+='|[a-z]+_attributes|login_hint|text|message'
	grep -E "$name($words), " entries >people
	[[ $(wc -l <people) -gt 30 ]]
	assert_equal "$(grep -v PERSONAL people)" ""
}

# bats test_tags=sqlite
@test "catalogue: a new database has all of its tables, columns and indexes" {
	wos-apply app.db </dev/null
	sqlite3 -batch -init /dev/null want.db <"$ROOT/schema/sqlite.sql"
	schema() {
		sql "$1" "SELECT name, type, \"notnull\", dflt_value, pk, m.tbl_name
			FROM sqlite_master m, pragma_table_info(m.name)
			ORDER BY m.name, cid" \
		    "SELECT m.tbl_name, m.name, group_concat(i.name)
			FROM sqlite_master m, pragma_index_info(m.name) i
			WHERE m.type = 'index' GROUP BY m.name ORDER BY m.name"
	}
	diff -u <(schema want.db) <(schema app.db)
	# The INDEX entries, read without the programs.
	awk -F '[(),]' '
		/^(OBJECT|REUSED|FACT|SYSTEM|PRIVATE)\(/ { table = $2 }
		/^\tINDEX\(/ { print table "_" $2 "_idx" }' \
	    "$ROOT/schema/catalogue.def" | sort >indexes
	[[ $(wc -l <indexes) -gt 40 ]]
	diff -u indexes <(sql app.db "SELECT name FROM sqlite_master
		WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY name")
}

# bats test_tags=sqlite,slow
@test "catalogue: children are found by index, and parents have one key that stays" {
	wos-apply app.db </dev/null
	awk -F '[(), ]+' '
		/^(OBJECT|REUSED|FACT|SYSTEM|PRIVATE)\(/ { table = $2 }
		/^\t(CHILD|MAYBE)_OF\(/ { print table, $2, $3 }' \
	    "$ROOT/schema/catalogue.def" >children
	[[ $(wc -l <children) -gt 25 ]]
	while read -r table parent column; do
		sql app.db "EXPLAIN QUERY PLAN DELETE FROM \"$table\"
			WHERE \"$column\" = 'x'" >plan
		grep -q "SEARCH.* USING .*INDEX" plan || fail "$table: $(cat plan)"
		grep -q "^OBJECT($parent, " "$ROOT/schema/catalogue.def" ||
			fail "$table: its parent $parent is no object"
		assert_equal "$(sql app.db "SELECT name, cid
			FROM pragma_table_info('$parent') WHERE pk > 0")" "id|0"
	done <children
	# The key of what names objects of all tables has room for two parts.
	assert_equal "$(sql app.db "SELECT m.name FROM sqlite_master m,
		pragma_table_info(m.name) c WHERE m.type = 'table' AND c.pk > 2
		AND m.name NOT IN ('tombstone', 'orphan', 'listed_object')")" ""
}

# bats test_tags=sqlite
@test "catalogue: wos-decode has no other name of an event, a table or a column" {
	wos-apply app.db </dev/null
	columns() {
		sql app.db "SELECT c.name FROM sqlite_master m,
			pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.name $1 ('events_cursor',
			    'tombstone', 'parked_event', 'sync_cursor',
			    'listed_object', 'listed', 'sync_run')"
	}
	{
		wos-decode --events | cut -f 1,4 | tr '\t' '\n'
		# The beginning of an event's name would be knowledge of it, too.
		wos-decode --events | cut -f 1 | sed 's/[^.]*$//'
		columns 'NOT IN'
	} | sort -u >names
	# Its own tables' columns, and what a row is won by.
	{
		columns 'IN'
		echo updated_at
	} | sort -u >allowed
	for source in "$ROOT"/decode/*.[ch]; do
		# shellcheck disable=SC2086 # it may have options
		${CC:-cc} -fpreprocessed -dD -E -P -w "$source" # no comments
	done | grep -oE '"[a-z_.]+"|\\"[a-z_.]+\\"' | tr -d '\\"' | sort -u >words
	assert_equal "$(comm -12 words names | comm -23 - allowed)" ""
	# It does look at strings of both kinds.
	grep -qx updated_at words && grep -qx created_at words
}

# bats test_tags=slow
@test "catalogue: an event type of three columns is one edit" {
	tree_copy tree
	cat >>tree/schema/catalogue.def <<-END

	OBJECT(gadget, "A gadget.")
	KEY(id, "Its id.")
	TEXT(maker.name, "Who made it.", PERSONAL)
	INT(weight, "What it weighs.")
	TIME(updated_at, "When it last changed.")
	INDEX(maker_name)
	UPSERT(RARE, gadget.assembled)
	DELETE(RARE, gadget.scrapped)
	END
	tree_make tree
	printf '%s\n' '{"id":"event_1","event":"gadget.assembled","data":{
		"id":"gadget_1","maker":{"name":"Acme"},"weight":12,
		"updated_at":"2026-11-01T00:00:00.000Z"},
		"created_at":"2026-11-01T00:00:01.000Z"}' | tr -d '\n\t' >one.jsonl
	echo >>one.jsonl
	tree/decode/wos-decode one.jsonl | tree/apply/wos-apply "$app"
	assert_equal "$(sql "$app" "SELECT * FROM gadget")" \
	    "gadget_1|Acme|12|1793491200000|event_1|1793491201000"
	if [[ $DBKIND == postgres ]]; then
		indexes='SELECT indexname, tablename FROM pg_indexes'
	else
		indexes='SELECT name, tbl_name FROM sqlite_master'
	fi
	sql "$app" "$indexes" | grep -Ex 'gadget_maker_name_(text_)?idx[|]gadget'
	tree/decode/wos-decode --events | grep gadget >effects
	diff -u - effects <<-END
	gadget.assembled	rare	upsert	gadget	data
	gadget.scrapped	rare	delete	gadget	data
	END
	sed 's/event_1/event_2/; s/assembled/scrapped/' one.jsonl |
		tree/decode/wos-decode | tree/apply/wos-apply "$app"
	assert_equal "$(sql "$app" "SELECT * FROM gadget")" ""
}

# bats test_tags=slow
@test "catalogue: a column of user is one edit and one command" {
	tree_copy tree
	mkdir tree/test
	cp -Rp "$ROOT"/test/{gen,data} tree/test
	awk '{ print } /^\tTEXT\(locale, / {
		print "\tTEXT(motto.of_life, \"What the user lives by.\")" }' \
	    "$ROOT/schema/catalogue.def" >tree/schema/catalogue.def
	tree_make tree golden
	diff "$ROOT/test/data/catalogue.tsv" tree/test/data/catalogue.tsv |
		grep '^[<>].user\.\(created\|updated\)' >added
	diff -u - added <<-END
	> user.created	motto	object	0	0
	> user.created	motto.of_life	string	1	0
	> user.updated	motto	object	0	0
	> user.updated	motto.of_life	string	1	0
	END
	grep -q '"motto_of_life" TEXT' tree/schema/sqlite.sql
	tree/decode/wos-decode tree/test/data/decode-nine.jsonl |
		diff tree/test/data/decode-nine.sql -
	tree/test/gen/samples full >events.jsonl
	tree/decode/wos-decode events.jsonl | tree/apply/wos-apply "$app"
	tree/test/gen/samples check "$app" <events.jsonl
	# What it has made is as new as it can be.
	cp -Rp tree/test/data once
	tree_make tree golden
	diff -r once tree/test/data
}
