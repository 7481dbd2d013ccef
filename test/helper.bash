# SPDX-License-Identifier: MIT
# What every test file loads:  load helper
#
# A test starts in an empty directory of its own with a clean environment; what
# it starts is ended with it.  A file with a setup or teardown of its own calls
# wos_setup and wos_teardown there.

bats_require_minimum_version 1.5.0

# Debian, Fedora and Alpine keep the libraries in one of these; macOS has them
# under Homebrew's prefix; anything else says so in BATS_LIB_PATH.
BATS_LIB_PATH=${BATS_LIB_PATH:+$BATS_LIB_PATH:}/usr/lib/bats:/usr/lib
BATS_LIB_PATH+=:/usr/share/bats:/usr/local/lib:/opt/homebrew/lib
_load_library() {
	local IFS=: dir file

	for dir in $BATS_LIB_PATH; do
		[[ -f $dir/$1/load.bash ]] || continue
		# Which starts a program for each of these, in each test.
		for file in "$dir/$1"/src/*.bash; do
			# shellcheck disable=SC1090
			source "$file"
		done
		return
	done
	echo "helper: $1 is not in $BATS_LIB_PATH: scripts/check installs it" >&2
	return 1
}
_load_library bats-support
_load_library bats-assert

ROOT=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
# shellcheck disable=SC2034
DATA=$ROOT/test/data
API_KEY=sk_test_standin # what the stand-in API takes unless told otherwise

# The kind of database that newdb makes: sqlite, postgres or d1.  test/run runs the
# files that call newdb once for each of the first two, test/check-d1 for D1.
DBKIND=${DBKIND:-sqlite}
# shellcheck source=test/pg.bash
source "$ROOT/test/pg.bash"
# shellcheck source=test/d1.bash
source "$ROOT/test/d1.bash"

wos_setup() {
	local name

	# Nothing of the user's own set-up may decide a test.
	for name in $(compgen -e); do
		case $name in
		WOS_SANDBOX) ;; # off where a sanitizer would not get along
		WORKOS_* | EVENTS_RANGE_* | WOS_* | PG* | LC_* | LANG | LANGUAGE | \
		    CURL_* | SSL_CERT_* | *_proxy | *_PROXY | XDG_RUNTIME_DIR | \
		    OTEL_* | TRACEPARENT | TRACESTATE | CLOUDFLARE_*)
			unset "$name"
			;;
		esac
	done
	export LC_ALL=C.UTF-8 TZ=UTC
	umask 022
	# Tests of events begin with events; backfill.bats is about what lists do.
	export WOS_LIST=no
	export PATH=$ROOT/fetch:$ROOT/decode:$ROOT/apply:$ROOT/scripts:$PATH
	STARTED=()
	pg_setup
	d1_setup
	cd "$BATS_TEST_TMPDIR" || return
}

wos_teardown() {
	local pid

	for pid in "${STARTED[@]}"; do
		kill "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
	pg_teardown
}

setup() {
	wos_setup
}

teardown() {
	wos_teardown
}

# api_start [options] FILE: starts the stand-in for the Events API with these
# arguments and returns when it listens.  Sets API_URL and API_PID, and what
# wos-fetch needs to find it; API_ERR is its stderr.  A test may start several.
# fd 3 is bats' own: a child that keeps it open would keep bats waiting.
api_start() {
	local fd

	API_ERR=$BATS_TEST_TMPDIR/api.${#STARTED[@]}.err
	# -S: what else is installed is of no use to it, and takes time.
	exec {fd}< <(exec python3 -S "$ROOT/test/api/workos-api" "$@" \
	    2>"$API_ERR" 3>&-)
	API_PID=$!
	STARTED+=("$API_PID")
	if ! IFS= read -r -t 100 API_URL <&"$fd"; then
		echo "api_start: the stand-in API did not start:" >&2
		cat "$API_ERR" >&2
		return 1
	fi
	export WORKOS_BASE_URL=$API_URL WORKOS_API_KEY=$API_KEY
}

# alone COMMAND...: without what a make check above has in the environment,
# and without fd 3, which is bats' own and a make would take for its pipe.
alone() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u CI "$@" 3>&-
}

# until_true COMMAND...: waits until it succeeds, for 100 seconds at least: a
# machine may have much else to do, and only who fails waits so long.
until_true() {
	local n

	for ((n = 0; n < 2000; n++)); do
		! "$@" || return 0
		sleep 0.05
	done
	echo "until_true: not in 100 seconds: $*" >&2
	return 1
}

# api_stop [PID]: ends the stand-in that was started last, or that one.
api_stop() {
	local pid=${1:-$API_PID}

	kill "$pid"
	wait "$pid" || : # it says 143, as it should
}

# newdb NAME...: a database without anything in it for each name, and in the
# variable $NAME what wos-apply, sql and dump call it.  The file of a SQLite
# database is made by whoever writes it first.
newdb() {
	local name

	for name; do
		if [[ $DBKIND == postgres ]]; then
			pg_newdb "$name" || return
			printf -v "$name" 'service=%s' "$name"
		elif [[ $DBKIND == d1 ]]; then
			d1_newdb "$name" || return
		else
			rm -f "$name.db" "$name.db-wal" "$name.db-shm"
			printf -v "$name" '%s.db' "$name"
		fi
	done
}

# whole [wos-apply options] DB: applies standard input's SQL as all that there is
# of user.created from the oldest event on, so that a cursor stands for that.
whole() {
	wos-apply --report 9 "$@" 9<<<$'begins oldest\ntype user.created'
}

# forbid DB TABLE REASON [WHEN]: from now on the database refuses rows of the
# table, or those of which a condition on `new` holds.
forbid() {
	if [[ $1 == service=* ]]; then
		sql "$1" "CREATE FUNCTION forbid_$2() RETURNS TRIGGER
			LANGUAGE plpgsql AS \$\$ BEGIN RAISE '%', '$3'; END \$\$" \
		    "CREATE TRIGGER forbid BEFORE INSERT ON \"$2\"
			FOR EACH ROW ${4:+WHEN ($4)} EXECUTE FUNCTION forbid_$2()"
	else
		sql "$1" "CREATE TRIGGER forbid_$2 BEFORE INSERT ON \"$2\"
			${4:+WHEN $4} BEGIN SELECT raise(ABORT, '$3'); END"
	fi
}

# permit DB TABLE: the end of forbid.
permit() {
	if [[ $1 == service=* ]]; then
		sql "$1" "DROP TRIGGER forbid ON \"$2\"" "DROP FUNCTION forbid_$2()"
	else
		sql "$1" "DROP TRIGGER forbid_$2"
	fi
}

# without_requests: what -v has said, but for the number of them that D1 has.
without_requests() {
	sed 's/; [0-9]* requests$//'
}

# sql DB STATEMENT...: what sqlite3 prints, with no settings of the user's; or
# psql, for which true is t and false is f.  Of D1, the file is looked into.
sql() {
	if [[ $1 == service=* ]]; then
		local db=$1 statement

		shift
		for statement; do
			printf '%s;\n' "$statement"
		done | psql -XAtq -v ON_ERROR_STOP=1 -d "$db"
		return
	fi
	[[ $1 != d1:* ]] || set -- "$(d1_file "$1")" '.timeout 10000' "${@:2}"
	[[ -e $1 ]] || {
		echo "sql: there is no $1" >&2
		return 1
	}
	sqlite3 -batch -init /dev/null "$@"
}

# columns DB TABLE: the names of its columns, a line each, in their order.
columns() {
	if [[ $1 == service=* ]]; then
		sql "$1" "SELECT column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = '$2'
			ORDER BY ordinal_position"
	else
		sql "$1" "SELECT name FROM pragma_table_info('$2')"
	fi
}

# dump DB: every table of a database with its rows in an order of their own,
# without the columns that say when something was done here, and without what
# cursors stand for and wos-verify has found: two databases that hold the same have the same dump.  Its failure shows in what it prints too,
# so that  diff <(dump a.db) <(dump b.db)  can't be content with two of them.
dump() {
	_dump "$1" || {
		printf 'dump: %s: failed\n' "$1"
		return 1
	}
}

_dump() {
	local columns script

	if [[ $1 == service=* ]]; then
		_pg_dump "$1"
		return
	fi

	columns="FROM pragma_table_info(m.name) WHERE name NOT IN
	    ('processed_at', 'parked_at', 'moved_at', 'tail_seen_at',
	    'scope_event_id', 'scope_organization_id', 'fill_event_id',
	    'fill_organization_id'))"
	script=$(sql "$1" "SELECT '.print == ' || name || char(10) || 'SELECT ' ||
		(SELECT group_concat('quote(\"' || name || '\") AS \"' || name || '\"',
		    ', ') $columns ||
		' FROM \"' || name || '\" ORDER BY ' ||
		(SELECT group_concat('\"' || name || '\"', ', ') $columns || ';'
		FROM sqlite_master AS m
		WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
		AND substr(name, 1, 4) <> '_cf_'
		AND name NOT IN ('cursor_scope', 'sync_run', 'verified') ORDER BY name") ||
		return
	[[ $script ]] || return
	sqlite3 -batch -bail -init /dev/null "$(d1_file "$1")" <<-END
		.mode list
		.headers on
		$script
	END
}
