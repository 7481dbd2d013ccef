# SPDX-License-Identifier: MIT
# PostgreSQL for the tests:  helper.bash loads it.
#
# The server is the suite's own: made when the first test asks for it, in a
# folder of its own, on a socket there and nowhere else, by a user who is not
# root.  It ends with the suite, however that ends.  Each name that newdb is
# given is a database of its own.

# pg_path: the server's programs, where Debian, Fedora and Homebrew keep them,
# and Debian's pgbouncer.  They come first: Debian's psql is a script otherwise.
# Those in POSTGRES_BIN, if it is set, come before.
pg_path() {
	local dir

	for dir in /usr/sbin /usr/lib/postgresql/*/bin /usr/libexec/postgresql* \
	    /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
		[[ ! -d $dir || :$PATH: == *:$dir:* ]] || PATH=$dir:$PATH
	done
	PATH=${POSTGRES_BIN:+$POSTGRES_BIN:}$PATH
}

# pg_drop NAME: as DROP DATABASE WITH (FORCE), which PostgreSQL has since 13.
pg_drop() {
	pg_admin -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = '$1'" -c "DROP DATABASE IF EXISTS $1" \
	    >/dev/null 2>&1
}

# pg_as COMMAND...: as root a server does not run, so then as another user.
pg_as() {
	local user=nobody

	if ((EUID != 0)); then
		"$@"
		return
	fi
	! id postgres >/dev/null 2>&1 || user=postgres
	if type -P runuser >/dev/null; then
		runuser -u "$user" -- "$@"
	else
		# shellcheck disable=SC2016 # the other shell expands it
		su -s /bin/sh "$user" -c 'exec "$0" "$@"' "$@"
	fi
}

# leave_bats COMMAND...: becomes the command, which may be a function of this
# file, with none of bats' descriptors: it would wait for them to be closed.
leave_bats() {
	local fd

	for fd in {3..15}; do
		eval "exec $fd>&-"
	done
	# A new shell, which has none that this one has put aside.
	# shellcheck disable=SC2016 # it expands that
	exec bash -c "$(declare -f pg_as pg_pid pg_runs pg_crash pg_watch)"'
		"$@"' - "$@" </dev/null
}

# pg_make: makes a server and starts it.  Prints its folder, which has the
# socket and the log.  What it holds is thrown away, so nothing is synced.
pg_make() {
	local dir

	dir=$(mktemp -d /tmp/wos-pg.XXXXXX) || return # a socket's path is short
	((EUID != 0)) || chown "$(pg_as id -u)" "$dir" || return
	(
		cd "$dir" || exit
		pg_as initdb -D "$dir/data" -U wos -A trust -E UTF8 \
		    --locale=C --no-sync
	) >"$dir/initdb.log" 2>&1 || {
		cat "$dir/initdb.log" >&2
		rm -rf "$dir"
		return 1
	}
	cat >>"$dir/data/postgresql.conf" <<-END
		listen_addresses = ''
		unix_socket_directories = '$dir'
		fsync = off
		full_page_writes = off
		shared_buffers = 64MB
		max_connections = 400
		autovacuum = off
		log_min_messages = fatal
	END
	pg_start "$dir" || {
		rm -rf "$dir"
		return 1
	}
	(leave_bats pg_watch "$dir" "$BATS_ROOT_PID" &) >/dev/null 2>&1
	printf '%s\n' "$dir"
}

pg_start() {
	(
		cd "$1" || exit
		leave_bats pg_as pg_ctl -D "$1/data" -l "$1/log" -t 300 -w start
	) >/dev/null 2>&1 || {
		echo "pg_start: the server did not start:" >&2
		tail "$1/log" >&2
		return 1
	}
}

pg_pid() {
	head -n 1 "$1/data/postmaster.pid" 2>/dev/null
}

# pg_runs PID: it does; what waits for its parent, and that may be a slow init,
# does not.
pg_runs() {
	[[ $(ps -o stat= -p "$1") == [!Z]* ]]
}

# pg_crash DIR [SIGNAL]: as if the machine had gone down; nothing is tidied up.
# After KILL, which its children hear of by themselves, they go, too.
pg_crash() {
	local pid child children

	pid=$(pg_pid "$1") || return
	children=$(pgrep -P "$pid") || :
	kill "-${2:-QUIT}" "$pid"
	for child in "$pid" $children; do
		while pg_runs "$child"; do
			sleep 0.05
		done
	done
	# A pid that is not quite gone, or another's by now, must not matter.
	rm -f "$1/data/postmaster.pid" "$1"/.s.PGSQL.*.lock
}

# pg_watch DIR PID: ends the server when this process, the suite, has ended.
pg_watch() {
	while kill -0 "$2" && [[ -d $1 ]]; do
		sleep 0.2
	done
	pg_crash "$1"
	rm -rf "$1"
}

# pg_is_left_alone DB: the server has nothing more to do in it for a wos-apply, not
# even for one that was killed: it may be in the middle of what that had asked for.
pg_is_left_alone() {
	[[ $(sql "$1" "SELECT count(*) FROM pg_stat_activity WHERE
	    datname = current_database() AND
	    application_name = 'wos-apply'" 2>/dev/null) == 0 ]]
}

# pg_suite: the suite's server; sets PG_DIR.  The first to ask makes it.
pg_suite() {
	local at=$BATS_RUN_TMPDIR/wos-pg

	pg_path
	type -P initdb >/dev/null || skip "there is no PostgreSQL server"
	if mkdir "$at.lock" 2>/dev/null; then
		pg_make >"$at.new"
		mv "$at.new" "$at" # empty if it failed
	fi
	until_true test -e "$at" || return
	PG_DIR=$(<"$at")
	[[ $PG_DIR ]] || {
		echo "pg_suite: there is no server" >&2
		return 1
	}
}

pg_admin() {
	psql -XAtq -v ON_ERROR_STOP=1 -h "$PG_DIR" -U wos -d postgres "$@"
}

# pg_newdb NAME: an empty database, known to libpq as service=NAME.
pg_newdb() {
	local name=t${BATS_SUITE_TEST_NUMBER}_$1

	[[ ${PG_DIR:-} ]] || pg_suite || return
	# What it ends takes its time to go.
	until_true pg_drop "$name" &&
		pg_admin -c "CREATE DATABASE $name TEMPLATE template0" 2>/dev/null ||
		return
	[[ " ${PG_MADE[*]} " == *" $name "* ]] || PG_MADE+=("$name")
	export PGSERVICEFILE=$BATS_TEST_TMPDIR/pg_service.conf
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR # wos-sync's lock: all are "app"
	printf '[%s]\nhost=%s\nuser=wos\ndbname=%s\n' "$1" "$PG_DIR" "$name" \
	    >>"$PGSERVICEFILE"
}

# own_server NAME...: one that the test may stop, with these databases, which
# the variables $NAME name; sets OWN, its folder.
own_server() {
	local name

	pg_path
	type -P initdb >/dev/null || skip "there is no PostgreSQL server"
	OWN=$(pg_make) || return
	export PGSERVICEFILE=$BATS_TEST_TMPDIR/pg_service.conf
	for name; do
		own_newdb "$name" || return
		printf '[%s]\nhost=%s\nuser=wos\ndbname=%s\n' "$name" "$OWN" \
		    "$name" >>"$PGSERVICEFILE"
		printf -v "$name" 'service=%s' "$name"
	done
}

# own_newdb NAME: one of these databases is empty.
own_newdb() {
	psql -XAtq -h "$OWN" -U wos -d postgres \
	    -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1" 2>/dev/null
}

pg_setup() {
	PG_DIR='' PG_MADE=() OWN=''
}

pg_teardown() {
	local name

	if [[ $OWN ]]; then
		pg_crash "$OWN" || :
		rm -rf "$OWN"
	fi
	for name in "${PG_MADE[@]}"; do
		pg_drop "$name"
	done
	return 0
}


# _pg_dump DB: see dump.  quote_literal would write E'\\' for a backslash, so
# sqlite3's way is spelled out.
_pg_dump() {
	sql "$1" "$(sql "$1" "
		SELECT format('SELECT %L;
		    SELECT row FROM (SELECT concat_ws(''|'', %s) AS row FROM %I) AS t
		    ORDER BY row COLLATE \"C\";',
		    '== ' || table_name || E'\n' ||
			string_agg(column_name, '|' ORDER BY ordinal_position),
		    string_agg('COALESCE(' || CASE data_type
			WHEN 'boolean' THEN format('CAST(CAST(%I AS INT) AS TEXT)', column_name)
			WHEN 'bigint' THEN format('CAST(%I AS TEXT)', column_name)
			ELSE format('('''''''' || replace(CAST(%I AS TEXT), '''''''', '''''''''''') || '''''''')', column_name)
			END || ', ''NULL'')', ', ' ORDER BY ordinal_position),
		    table_name)
		FROM information_schema.columns
		JOIN information_schema.tables USING (table_schema, table_name)
		WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
		AND table_name NOT IN ('sync_lock', 'cursor_scope', 'sync_run', 'verified')
		AND column_name NOT IN ('processed_at', 'parked_at', 'moved_at',
		    'tail_seen_at', 'scope_event_id', 'scope_organization_id',
		    'fill_event_id', 'fill_organization_id', 'seq')
		GROUP BY table_name ORDER BY table_name COLLATE \"C\"")"
}

# rows DB: every row as a line of JSON in an order of its own, the same for the
# same rows in either kind of database.
rows() {
	{
		if [[ $1 == service=* ]]; then
			_pg_rows "$1"
		else
			_sqlite_rows "$1"
		fi || printf '"rows: %s: failed"\n' "$1"
	} | jq -cS . | sort
}

_pg_rows() {
	sql "$1" "$(sql "$1" "
		SELECT format('SELECT json_build_object(%L, %L, ''row'', to_jsonb(t)
		    - ARRAY[''seq'', ''processed_at'', ''parked_at'', ''moved_at'',
			''tail_seen_at'', ''asked_at'', ''refused_at'']) FROM %I AS t;',
		    'table', tablename, tablename)
		FROM pg_tables
		WHERE schemaname = current_schema() AND tablename NOT IN ('sync_lock', 'sync_run')")"
}

_sqlite_rows() {
	local json

	json=$(wos-apply --schema postgres | awk -F '"' '
		/^CREATE TABLE/ { table = $2 }
		/JSONB/ { printf "%s'\''%s.%s'\''", comma, table, $2; comma = "," }') || return
	sql "$1" "$(sql "$1" "
		SELECT 'SELECT json_object(''table'', ''' || m.name ||
		    ''', ''row'', json_object(' || group_concat('''' || c.name || ''', ' ||
			CASE WHEN m.name || '.' || c.name IN ($json)
			    THEN 'json(\"' || c.name || '\")'
			WHEN c.type = 'BOOLEAN'
			    THEN 'json(CASE \"' || c.name || '\" WHEN 1 THEN ''true'' WHEN 0 THEN ''false'' END)'
			ELSE '\"' || c.name || '\"' END, ', ') ||
		    ')) FROM \"' || m.name || '\";'
		FROM sqlite_master AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
		AND substr(m.name, 1, 4) <> '_cf_'
		AND m.name <> 'sync_run' AND c.name NOT IN ('processed_at', 'parked_at', 'moved_at',
		    'tail_seen_at', 'asked_at', 'refused_at')
		GROUP BY m.name")"
}
