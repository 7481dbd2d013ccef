# SPDX-License-Identifier: MIT
# A SQLite file, read by who may read it and no more.

# shellcheck disable=SC2154	# stderr is run's

load helper
load stream

setup() {
	wos_setup
	# Another user must get here; bats' own folder is for its user alone.
	AT=$(mktemp -d /tmp/wos-reader.XXXXXX)
	chmod 755 "$AT"
	cp "$ROOT/apply/wos-apply" "$AT"
	mkdir "$AT/d"
	cd "$AT/d" || return
	users 1 5 | wos-decode | wos-apply app.db
	chmod 644 app.db
	wos-apply app.db </dev/null
}

teardown() {
	cd /
	chmod -R u+w "$AT" && rm -rf "$AT"
	wos_teardown
}

# closed: nothing here can be written by the reader, who is the owner unless the
# tests are run by root.
closed() {
	((EUID == 0)) || chmod a-w . ./app.db*
}

# opened: by the owner again.
opened() {
	((EUID == 0)) || chmod u+w . ./app.db*
}

# reads WHAT: the reader gets that from each mode, and leaves nothing behind.
reads() {
	local mode before

	before=$(stat -c '%n %s %Y %u %a' . ./app.db*)
	for mode in --cursor --cursor-info --export --parked --status; do
		run -0 --separate-stderr pg_as "$AT/wos-apply" "$mode" app.db
		assert_equal "$stderr" ''
		case $mode in
		--cursor) assert_output "event_$1" ;;
		--cursor-info) assert_line "event_id event_$1" ;;
		--export) assert_equal "${#lines[@]}" "$1" ;;
		--status) assert_line $'table\tuser\t'"$1" ;;
		esac
	done
	assert_equal "$(stat -c '%n %s %Y %u %a' . ./app.db*)" "$before"
}

@test "reader: between runs" {
	closed
	reads 5
}

# bats test_tags=slow
@test "reader: while another program writes" {
	feed apply wos-apply app.db
	users 5 6 | wos-decode >&"$FEED"
	until_sql app.db event_6 "SELECT event_id FROM sync_cursor"
	[ -s app.db-wal ]
	closed
	reads 6
	opened
	users 7 7 | wos-decode >&"$FEED"
	until_sql app.db event_7 "SELECT event_id FROM sync_cursor"
	reads 7
	ended
}

# bats test_tags=slow
@test "reader: after the writer was killed, with its log" {
	feed apply wos-apply app.db
	users 5 6 | wos-decode >&"$FEED"
	until_sql app.db event_6 "SELECT event_id FROM sync_cursor"
	kill -KILL "$FED"
	wait "$FED" || :
	[ -s app.db-wal ]
	closed
	reads 6
	opened
	wos-apply app.db </dev/null
	closed
	reads 6
}

@test "reader: where there is no log, or none to be read" {
	rm app.db-wal app.db-shm
	closed
	reads 5
	opened
	wos-apply app.db </dev/null
	chmod 0 app.db-wal app.db-shm
	closed
	reads 5
}

@test "reader: in a file without a log, as sqlite3 makes it" {
	sqlite3 app.db 'PRAGMA journal_mode = DELETE' >/dev/null
	rm -f app.db-wal app.db-shm
	closed
	reads 5
}

@test "reader: in a folder that the reader may write, nothing is left there" {
	rm app.db-wal app.db-shm
	chmod 777 .
	((EUID == 0)) || chmod a-w app.db
	reads 5
	assert_equal "$(ls)" app.db
	# Nor by who may write the file as well: what is made would be another's.
	# Only root has another user at hand.
	if ((EUID == 0)); then
		chmod 666 app.db
		reads 5
		assert_equal "$(ls)" app.db
	fi
	wos-apply --cursor app.db
}

@test "reader: a log that can't be read is named, and nothing is guessed" {
	feed apply wos-apply app.db
	users 5 6 | wos-decode >&"$FEED"
	until_sql app.db event_6 "SELECT event_id FROM sync_cursor"
	kill -KILL "$FED"
	wait "$FED" || :
	rm app.db-shm
	closed
	for mode in --cursor --cursor-info --export --parked --status; do
		run -1 --separate-stderr pg_as "$AT/wos-apply" "$mode" app.db
		assert_output ''
		[[ $stderr == *"-wal: it and the one that ends in -shm must be there"* ]]
	done
	opened
	# The owner's next run has it all.
	assert_equal "$(wos-apply --cursor app.db)" event_6
}

@test "reader: who may not read it is told so" {
	chmod 0 app.db
	run -1 --separate-stderr pg_as "$AT/wos-apply" --status app.db
	assert_equal "$stderr" 'wos-apply: app.db: Permission denied'
	assert_output ''
	chmod 644 app.db
}

# exports_disturbed COMMAND...: while a reader exports a file without a log, the
# command changes it; the reader ends with 75 and says so.
exports_disturbed() {
	local status=0

	users 1 5000 | wos-decode | wos-apply app.db # more than any pipe takes
	rm -f app.db-wal app.db-shm
	mkfifo slow
	closed
	pg_as "$AT/wos-apply" --export app.db >slow 2>"$AT/err" 3>&- &
	# It waits with what a pipe does not take.
	exec {fd}<slow
	IFS= read -r -t 100 _ <&"$fd"
	opened
	"$@"
	cat <&"$fd" >/dev/null
	wait "$!" || status=$?
	assert_equal "$status" 75
	assert_equal "$(<"$AT/err")" \
	    'wos-apply: app.db: another program has begun to write to it'
}

@test "reader: what is written meanwhile, where there is no log, is found out" {
	more() {
		users 5001 5002 | wos-decode | wos-apply app.db
	}
	exports_disturbed more
}

@test "reader: what can't be read because it is written is no broken database" {
	overwrite() {
		dd if=/dev/zero of=app.db bs=4096 seek=1 conv=notrunc status=none \
		    count=$(($(stat -c %s app.db) / 4096 - 1))
	}
	exports_disturbed overwrite
}

@test "reader: what wos-apply makes is for its owner and group, and no wider" {
	local umask want

	while read -r umask want; do
		rm -f new.db*
		(umask "$umask" && users 1 1 | wos-decode | wos-apply new.db)
		assert_equal "$(stat -c %a new.db new.db-wal new.db-shm | sort -u)" "$want"
	done <<-'END'
		000 640
		022 640
		027 640
		077 600
	END
	# Who is told otherwise keeps to it, with the files beside it.
	chmod 664 new.db
	wos-apply new.db </dev/null
	assert_equal "$(stat -c %a new.db new.db-wal new.db-shm | sort -u)" 664
	chmod 600 new.db
	wos-apply new.db </dev/null
	assert_equal "$(stat -c %a new.db new.db-wal new.db-shm | sort -u)" 600
}

@test "reader: lists are compared, and a dry run tells what would change" {
	local item='{"object":"list_item","of":"user","listed_at":"2026-01-03T00:00:00.000Z","data":{"id":"user_%s"}}\n'

	# shellcheck disable=SC2059 # it is the format
	printf "$item$item" 1 9 | wos-decode >lists.sql
	chmod 644 lists.sql
	closed
	before=$(stat -c '%n %s %Y %u %a' . ./app.db*)
	run -0 --separate-stderr pg_as "$AT/wos-apply" --verify app.db lists.sql
	assert_equal "$stderr" ''
	assert_line --regexp $'^\t\t~ user "user_1"'
	assert_line --regexp $'^\t\t\\+ user "user_9"'
	run -0 --separate-stderr pg_as "$AT/wos-apply" --dry-run app.db lists.sql
	assert_line --regexp '^\+ user "user_9"'
	run -1 pg_as "$AT/wos-apply" --verify-begin app.db
	assert_output --partial 'readonly'
	assert_equal "$(stat -c '%n %s %Y %u %a' . ./app.db*)" "$before"
	opened
	[ "$(ids app.db)" = 'user_1 user_2 user_3 user_4 user_5' ]
}
