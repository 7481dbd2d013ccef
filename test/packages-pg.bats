# SPDX-License-Identifier: MIT
# What manuals and examples say of a PostgreSQL, done.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; own_server sets names

load helper

setup() {
	# shellcheck disable=SC2034 # sql reads it
	DBKIND=postgres
	wos_setup
	own_server app
}

# example N: the Nth display under EXAMPLES of wos-postgres(7).
example() {
	awk -v want="$1" '/^\.Sh/ { in_examples = /EXAMPLES/ }
		/^\.Bd/ { n += in_examples; next }
		/^\.Ed/ { shown = n; next }
		in_examples && n == want && shown < n' "$ROOT/apply/wos-postgres.7"
}

@test "wos-postgres(7): its role keeps the tables, and others may read them" {
	api_start "$DATA/sample.jsonl"
	# On this server, wos is the administrator.
	example 2 | sed 's/\<wos\>/keeper/g' >grants.sql
	grep -q 'CREATE ROLE keeper LOGIN' grants.sql
	psql -Xq -v ON_ERROR_STOP=1 "$app" -f grants.sql
	psql -Xq "$app" -c 'CREATE ROLE reader LOGIN IN ROLE workos_reader'
	wos-sync "postgresql://keeper@/app?host=$OWN"

	run -0 psql -XAtq "host=$OWN user=reader dbname=app" -c "$(example 3)"
	assert_line 'Globex|grace@example.com|member'
	run -0 wos-status --check "host=$OWN user=reader dbname=app options=-csearch_path=workos"
	# What it may not do, and where nothing is.
	run ! psql -X "host=$OWN user=reader dbname=app" -c 'DELETE FROM workos."user"'
	assert_output --partial 'permission denied'
	run -0 sql "$app" "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
	assert_output 0
}

@test "wos-schema(7): its roles read what it says, and nothing else" {
	local app=$app as="host=$OWN dbname=app user"

	api_start "$DATA/sample.jsonl"
	sql "$app" 'CREATE ROLE keeper LOGIN' \
	    'CREATE SCHEMA workos AUTHORIZATION keeper'
	wos-sync "$as=keeper options=-csearch_path=workos"
	awk '/^\.Ss/ { on = /Reading only/ } /^\.Ed/ { shown = 0 } on && shown
		/^\.Bd/ { shown = 1 }' "$ROOT/schema/wos-schema.7" |
		sed 's/\<wos\>/keeper/g' >grants.sql
	run -0 grep -c GRANT grants.sql
	assert_output 5
	psql -Xq -v ON_ERROR_STOP=1 "$app" -f grants.sql
	run -0 psql -XAtq "$as=app" -c 'SELECT count(*) FROM workos.users'
	assert_output 2
	run ! psql -XAtq "$as=app" -c 'SELECT * FROM workos."user"'
	assert_output --partial 'permission denied'
	run -0 psql -XAtq "$as=workos_reader" -c 'SELECT count(*) FROM workos."user"'
	assert_output 2
}

# bats test_tags=slow
@test "README: a schema of one's own in the connection string" {
	local url list

	api_start "$DATA/sample.jsonl"
	sql "$app" 'CREATE SCHEMA workos'
	url=$(grep -o "postgresql://app@[^']*" "$ROOT/README.md")
	url="postgresql://wos@/app?host=$OWN&${url#*\?}"
	# Before it has tables, nobody knows what a run would do there.
	for list in no ''; do
		WOS_LIST=$list run -1 wos-sync --dry-run "$url"
		assert_output --partial "can't be known"
		refute_output --partial 'the next run'
	done
	wos-sync "$url"
	run -0 sql "$app" 'SELECT count(*) FROM workos."user"'
	assert_output 2
}

# bats test_tags=slow
@test "compose.yaml and pg_service.conf: the service that they name works" {
	local command=()

	api_start "$DATA/sample.jsonl"
	# The examples' own, with the server's folder for its name.
	sql "$app" 'CREATE SCHEMA workos'
	sed -e "s,^host=.*,host=$OWN," -e '/^password\|^sslmode/d' \
	    "$ROOT/packaging/examples/pg_service.conf" >service
	PGSERVICEFILE=service wos-sync service=app
	run -0 sql "$app" 'SELECT count(*) FROM workos."user"'
	assert_output 2

	python3 -c 'import yaml' 2>/dev/null || return 0
	mapfile -t command < <(python3 -c 'import sys, yaml
wos = yaml.safe_load(open(sys.argv[1]))["services"]["wos"]
print("\n".join(wos["command"]))' "$ROOT/packaging/compose.yaml")
	assert_equal "${command[0]}" --follow
	command=("${command[@]:1}")
	mkdir metrics
	echo "$API_KEY" >workos.key
	unset WORKOS_API_KEY
	wos-sync "${command[@]//\/run\/secrets\//}"
	run -0 sql "$app" 'SELECT count(*) FROM public."user"'
	assert_output 2
	[ -s metrics/wos.prom ]
}
