# SPDX-License-Identifier: MIT
# wos-sync and wos-rebuild: the three programs joined, against the stand-in API.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's

load helper
load fetch
load sync

# The two runs.

@test "sync: the first run makes the database and says nothing" {
	api "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-sync app.db
	assert_output ''
	[ -z "$stderr" ]
	same_tables app.db "$DATA/sample.jsonl"
	[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
	[ "$(asked_after)" = null ]
}

@test "sync: the second run asks only for what is new" {
	lately 1 9 >events
	api events
	wos-sync app.db
	lately 10 15 >>events
	wos-sync app.db
	[ "$(asked_after)" = "null $(id 9)" ]
	[ "$(asked .events | xargs)" = '9 6' ]
	same_tables app.db events
	wos-sync app.db
	[ "$(asked .events | tail -n 1)" = 0 ]
	[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
}

@test "sync: pages or not, the tables are the same" {
	api "$DATA/sample.jsonl"
	wos-sync app.db --page-size 4
	[ "$(requests)" = 4 ]
	same_tables app.db "$DATA/sample.jsonl"
}

@test "sync: -v says in one line what was done" {
	api "$DATA/sample.jsonl"
	run -0 --separate-stderr wos-sync -v app.db
	assert_output ''
	[[ ${stderr_lines[-1]} == *'15 events'*'user 5'*"$(id 15)" ]]
	[ "$(grep -c events <<<"$stderr")" = 1 ]
}

# bats test_tags=slow
@test "sync: a path may have spaces, quotes, or look like an option" {
	api "$DATA/sample.jsonl"
	mkdir 'a dir'
	for name in "a dir/it's \"app\".db" ./-v.db; do
		wos-sync "$name"
		same_tables "$name" "$DATA/sample.jsonl"
	done
	wos-sync -- --since.db
	same_tables ./--since.db "$DATA/sample.jsonl"
}

@test "sync: cursors of different names do not mix" {
	api "$DATA/sample.jsonl"
	wos-sync --cursor-name users app.db --events 'user.*'
	[ "$(wos-apply --cursor --cursor-name users app.db)" = "$(id 14)" ]
	[ -z "$(wos-apply --cursor app.db)" ]
	wos-sync --cursor-name=rest app.db
	[ "$(asked_after)" = 'null null' ]
	[ "$(wos-apply --cursor --cursor-name rest app.db)" = "$(id 15)" ]
	[ "$(wos-apply --cursor --cursor-name users app.db)" = "$(id 14)" ]
	same_tables app.db "$DATA/sample.jsonl"
}

# bats test_tags=slow
@test "sync: PostgreSQL gets the rows that SQLite gets" {
	DBKIND=postgres newdb app
	export XDG_RUNTIME_DIR=$PWD
	lately 1 9 >events
	api events
	wos-sync "$app"
	lately 10 15 >>events
	wos-sync "$app"
	[ "$(asked_after)" = "null $(id 9)" ]
	[ "$(wos-apply --cursor "$app")" = "$(id 15)" ]
	wos-sync lite.db
	diff <(rows lite.db) <(rows "$app")
	run -0 --separate-stderr wos-rebuild -v "$app"
	[[ $stderr == *'15 events'* ]]
	diff <(rows lite.db) <(rows "$app")
}

# Where to start, by hand.

@test "sync: --since fetches again and leaves the cursor alone" {
	lately 1 12 >events
	api events
	wos-sync app.db
	dump app.db >before
	lately 13 15 >>events
	run -0 --separate-stderr wos-sync app.db \
	    --since "$(lately 15 15 | jq -r .created_at)"
	[[ $stderr == *'the cursor stays at'* ]]
	[ "$(asked .query.range_start | tail -n 1)" != null ]
	[ "$(wos-apply --cursor app.db)" = "$(id 12)" ]
	wos-sync app.db
	[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
	same_tables app.db events
}

@test "sync: --after goes to both ends of the pipe" {
	api "$DATA/sample.jsonl"
	wos-sync app.db --after "$(id 3)"
	[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
	run -0 --separate-stderr wos-sync app.db --after="$(id 3)" --max 2
	[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
	[ "$(asked_after)" = "$(id 3) $(id 3)" ]
	sample 4 15 >events
	same_tables app.db events
}

@test "sync: --from needs neither network nor key, and moves no cursor backwards" {
	api "$DATA/sample.jsonl"
	wos-sync app.db
	dump app.db >before
	api_stop
	unset WORKOS_API_KEY WORKOS_BASE_URL
	sample 2 7 >events
	wos-sync app.db --from events
	diff before <(dump app.db)
}

@test "sync: the range of the environment is for the first run" {
	lately 1 15 >all
	api all
	EVENTS_RANGE_START=$(lately 3 3 | jq -r .created_at)
	export EVENTS_RANGE_START
	wos-sync app.db
	lately 3 15 >events
	same_tables app.db events
	wos-sync app.db
	[ "$(asked_after)" = "null $(id 15)" ]
}

# One at a time.

@test "sync: exit 75: another run holds the lock" {
	fakes
	exec 8>app.db.sync.lock
	flock 8
	run -75 --separate-stderr bin/wos-sync app.db
	[ "$stderr" = 'wos-sync: app.db: another run is at work on it' ]
	# However the database is called.
	ln -s app.db link.db
	: >app.db
	run -75 bin/wos-sync link.db
	run -75 bin/wos-sync "$PWD/app.db"
	run -75 bin/wos-rebuild app.db
	[ ! -e calls ]
	exec 8>&-
	bin/wos-sync app.db
}

@test "sync: the lock needs no flock(1), which macOS has not" {
	local name

	fakes
	mkdir tools
	for name in bash sh cat; do
		ln -s "$(type -P "$name")" "tools/$name"
	done
	exec 8>app.db.sync.lock
	flock 8
	PATH=$PWD/tools run -75 bin/wos-sync app.db
	[ ! -e calls ]
	exec 8>&-
	PATH=$PWD/tools bin/wos-sync app.db
	[ "$(cat applied)" = 'a line' ]
}

@test "sync: the lock of a URL keeps its password to itself" {
	fakes
	mkdir run
	export XDG_RUNTIME_DIR=$PWD/run
	bin/wos-sync 'postgresql://me:secret@host/db'
	bin/wos-sync 'postgresql://me:other@host/db'
	bin/wos-sync 'postgresql://me@host/db?password=secret&application_name=y'
	bin/wos-sync "host=h password='my secret' dbname=db"
	bin/wos-sync "host=h password='no secret' dbname=db"
	# However the database is called.
	[ "$(find run -name '*.lock' | wc -l)" = 2 ]
	run ! grep -r -e secret run
	for fd in 7 8; do
		eval "exec $fd>'$(find run -name '*.lock' | sed -n $((fd - 6))p)'"
		flock "$fd"
	done
	run -75 --separate-stderr bin/wos-sync 'postgresql://me:secret@host/db'
	[[ $stderr == *'@host/db'* ]]
	[[ $stderr != *secret* ]]
	run -75 --separate-stderr bin/wos-sync "host=h password='my secret' dbname=db"
	[[ $stderr != *secret* ]]
}

# A dry run.

@test "sync: --dry-run prints what would change, and changes nothing" {
	lately 1 9 >events
	api events
	wos-sync app.db
	dump app.db >before
	lately 10 15 >>events
	run -0 --separate-stderr wos-sync --dry-run app.db
	assert_line --partial 'user'
	assert_equal "$stderr" ''
	diff before <(dump app.db)
	assert_equal "$(wos-apply --cursor app.db)" "$(id 9)"
	want=$(lately 10 15 | wos-decode | wos-apply --dry-run app.db)
	assert_equal "$output" "$want"
	run -0 --separate-stderr wos-sync app.db --dry-run -v
	[[ $stderr == *'6 events'* ]]
	# Nothing is made, either.
	run -0 wos-sync --dry-run new.db
	assert_line --partial 'user'
	no_files new.db
	for option in --follow --resume --archive=raw --metrics=wos.prom; do
		run -2 wos-sync --dry-run "$option" app.db
	done
	no_files raw wos.prom
}

@test "sync: --dry-run of what lists bring" {
	api --before "$DATA/before.jsonl" "$DATA/sample.jsonl"
	unset WOS_LIST
	run -0 --separate-stderr wos-sync --dry-run app.db
	assert_line --partial 'organization'
	no_files app.db
	wos-sync app.db
	dump app.db >before
	run -0 wos-sync --dry-run --list app.db
	diff before <(dump app.db)
}

# The archive.

@test "sync: --archive keeps the lines as they came" {
	lately 1 9 >events
	api events
	wos-sync --archive 'raw files' app.db
	lately 10 15 >>events
	wos-sync --archive='raw files' app.db
	cat 'raw files'/????-??-??.jsonl >got
	diff lately got
	wos-decode 'raw files'/*.jsonl | wos-apply --no-cursor again.db
	diff <(dump again.db) <(dump app.db | without_cursors)
}

@test "sync: --archive: half a line from a killed run is cut off, whole ones stay" {
	fakes
	mkdir raw
	printf 'one\ntwo\nhal' >raw/2026-01-02.jsonl
	printf 'older\n' >raw/2026-01-01.jsonl
	bin/wos-sync --archive raw app.db
	[ "$(cat raw/2026-01-02.jsonl)" = $'one\ntwo' ]
	[ "$(cat raw/2026-01-01.jsonl)" = older ]
	printf 'all of it is hal' >raw/2999-01-01.jsonl
	bin/wos-sync --archive raw app.db
	[ ! -s raw/2999-01-01.jsonl ]
	# Half a line of this run's own.
	sed 's/^echo a line/printf "a\\nb"/' bin/wos-fetch >half
	cp half bin/wos-fetch
	rm raw/*
	FETCH=75 run -75 bin/wos-sync --archive raw app.db
	[ "$(cat raw/*.jsonl)" = a ]
}

@test "sync: exit 75: another run writes to the archive" {
	fakes
	mkdir raw
	exec 8>raw/.wos-sync.lock
	flock 8
	run -75 --separate-stderr bin/wos-sync --archive raw app.db
	[[ $stderr == *raw* ]]
	[ ! -e applied ]
}

@test "sync: exit 1: the archive is full, the database is complete all the same" {
	fakes
	on_day 2026-11-28
	mkdir raw
	ln -s /dev/full raw/2026-11-28.jsonl
	run -1 --separate-stderr bin/wos-sync --archive raw app.db
	[[ $stderr == *'lines are missing'* ]]
	[ "$(cat applied)" = 'a line' ]
}

# Stopped in the middle.

# stuck: a stand-in that answers two pages of four events and never the third;
# then a wos-sync is started, and this returns when it waits for that page.
stuck() {
	local line fd

	mkfifo stuck
	exec {fd}<>stuck
	api_start --log stuck --fault 3:hang "$DATA/sample.jsonl"
	wos-sync "$@" app.db --page-size 4 --retries 0 3>&- &
	SYNC_PID=$!
	for _ in 1 2 3; do
		read -r -t 100 -u "$fd" line
	done
	[[ $line == *'"fault": "hang"'* ]]
}

# bats test_tags=slow
@test "sync: SIGTERM: what was fetched is applied, the next run does the rest" {
	on_day 2026-11-28
	stuck --archive raw
	kill "$SYNC_PID"
	wait "$SYNC_PID" && return 1
	sample 1 8 >events
	same_tables app.db events
	diff events raw/*.jsonl
	[ "$(wos-apply --cursor app.db)" = "$(id 8)" ]
	api_stop
	api "$DATA/sample.jsonl"
	wos-sync --archive raw app.db
	[ "$(asked_after)" = "$(id 8)" ]
	same_tables app.db "$DATA/sample.jsonl"
	diff "$DATA/sample.jsonl" raw/*.jsonl
}

@test "sync: it ends as the signal says" {
	local status=0

	stuck
	kill -TERM "$SYNC_PID"
	wait "$SYNC_PID" || status=$?
	[ "$status" = 143 ]
}

@test "sync: killed with all its programs, the next run does the rest" {
	local pids

	stuck
	# shellcheck disable=SC2009 # pgrep does not tell a child from a namesake
	pids=$(ps -A -o pid= -o ppid= -o args= | awk -v db=app.db -v top="$SYNC_PID" '
		{ parent[$1] = $2 }
		END {
			for (pid in parent) {
				p = pid
				# A list that took its time may go in circles.
				for (n = 0; n < 100 && p in parent && p != top; n++)
					p = parent[p]
				if (p == top)
					print pid
			}
		}')
	# shellcheck disable=SC2086 # several
	kill -KILL $pids
	wait "$SYNC_PID" && return 1
	api_stop
	# The lock is free when the last of them has gone.
	exec 7>app.db.sync.lock
	flock -w 100 7
	exec 7>&-
	api "$DATA/sample.jsonl"
	wos-sync app.db
	same_tables app.db "$DATA/sample.jsonl"
	[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
}

# bats test_tags=slow
@test "sync: --follow: stopped or killed, it leaves the lock to the next" {
	local signal

	for signal in TERM KILL; do
		rm -f stuck
		WOS_TAIL_EVERY=1 stuck --follow
		kill -s "$signal" "$SYNC_PID"
		wait "$SYNC_PID" || :
		# Killed alone it leaves the pipe, which holds the lock and ends here.
		api_stop
		exec 7>app.db.sync.lock
		flock -w 100 7
		exec 7>&-
	done
}

# The database of the replaced system.

@test "sync: a database of the replaced system is carried on from its last event" {
	sqlite3 app.db <"$DATA/replaced.sql"
	api "$DATA/sample.jsonl"
	wos-sync app.db 2>err
	# Nobody knows which events its cursor stands for.
	grep -q 'reading again from the oldest event, once' err
	[ "$(asked_after)" = "$(id 9) null $(id 9)" ]
	[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
	sql app.db 'SELECT id, email FROM user ORDER BY created_at' >got
	diff - got <<-'END'
	user_01M6DRKKDAPMSX8N3YN9D0ZAAN|grace@example.com
	user_01M6DRW2RJ17NFWK1B35FW4ZVF|linus@example.com
	END
	# Its ledger has what its tables had no columns for.
	wos-rebuild app.db
	same_tables app.db "$DATA/sample.jsonl"
}

# wos-rebuild.

@test "rebuild: rows that were lost come back out of the ledger, the cursor stays" {
	api "$DATA/sample.jsonl"
	wos-sync app.db
	dump app.db >want
	sql app.db 'DELETE FROM user; DELETE FROM tombstone;
	    UPDATE organization SET name = NULL, event_at = 0, updated_at = 0'
	run ! diff want <(dump app.db)
	run -0 --separate-stderr wos-rebuild app.db
	assert_output ''
	[ -z "$stderr" ]
	diff want <(dump app.db)
	run -0 --separate-stderr wos-rebuild -v app.db
	[[ $stderr == *'15 events'* ]]
	diff want <(dump app.db)
}

@test "rebuild: exit 1: there is no such database, and none is made" {
	run -1 --separate-stderr wos-rebuild no.db
	[ "$stderr" = 'wos-rebuild: no.db: no such database' ]
	no_files no.db*
	run -2 wos-rebuild
	run -2 wos-rebuild a.db b.db
	run -2 wos-rebuild --since a.db
}

# The pipe by hand.

@test "pipe: decode's SQL is for any SQLite, the tables come out the same" {
	api "$DATA/sample.jsonl"
	wos-fetch | tee raw.jsonl | wos-decode | tee raw.sql | wos-apply app.db
	wos-apply --schema sqlite | sqlite3 other.db
	wos-decode <raw.jsonl | sqlite3 other.db
	diff <(dump other.db) <(dump app.db | without_cursors)
	diff raw.sql <(wos-decode raw.jsonl)
	diff "$DATA/sample.jsonl" raw.jsonl
}

@test "pipe: a ledger rebuilds its database" {
	api "$DATA/sample.jsonl"
	wos-sync app.db
	wos-apply --export app.db >ledger.jsonl
	diff "$DATA/sample.jsonl" ledger.jsonl
	wos-decode ledger.jsonl | wos-apply rebuilt.db
	diff <(dump app.db) <(dump rebuilt.db)
}

@test "pipe: a file applied twice changes nothing" {
	wos-decode "$DATA/sample.jsonl" | wos-apply app.db
	dump app.db >once
	wos-decode "$DATA/sample.jsonl" "$DATA/sample.jsonl" | wos-apply app.db
	diff once <(dump app.db)
}
