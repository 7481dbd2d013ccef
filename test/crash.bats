#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-apply is killed in the middle of many events, or the server is, KILLS times
# at moments that chance chooses; run again, the database is that of an undisturbed
# run.  torture.bats has what is killed at each of its writes.

load helper

# load_stream: makes events.sql, in the database $want what an undisturbed run
# makes of it, and its dump, wanted; sets took, the milliseconds of that.
load_stream() {
	local began

	"$ROOT/test/bench/generate" 3000 7 | wos-decode >events.sql
	began=${EPOCHREALTIME/[.,]/}
	wos-apply --batch 50 "$want" events.sql
	took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
	dump "$want" >wanted
}

# under_load DB: starts a run, and returns at a moment that chance chooses.
# Nothing waits for that sleep: it is where in the run the axe falls.
under_load() {
	local ms=$((RANDOM % (took * 3 / 4)))

	wos-apply --batch 50 "$1" events.sql 2>err 3>&- &
	RUN=$!
	STARTED+=("$RUN")
	sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
}

# left_alone DB: waits until the server is up, and has nothing more to do for a
# client that is gone.
left_alone() {
	until_true pg_is_left_alone "$1" ||
		fail "$1: the server does not come to rest"
}

# whole DB: rows and cursor are of one moment: the event that is the cursor is
# the last one in the ledger.  Counts in `midway` how often that was not the
# end; where it is, there is nothing more to kill: `finished`.
midway=0
whole() {
	local last

	if [[ $1 == *.db ]]; then
		[ -s "$1" ] || return 0
		assert_equal "$(sql "$1" 'PRAGMA integrity_check')" ok
	else
		left_alone "$1"
	fi
	last=$(wos-apply --export "$1" | tail -n 1 | jq -r '.id // empty')
	assert_equal "$(wos-apply --cursor "$1")" "$last"
	finished=
	if [[ $last == "$(wos-apply --cursor "$want")" ]]; then
		finished=1
	elif [[ $last ]]; then
		((++midway))
	fi
}

# bats test_tags=slow
@test "crash: wos-apply is killed under load, again and again: run again, it is the same" {
	local n finished=

	newdb want app
	load_stream
	for ((n = 0; n < ${KILLS:-5} || (midway == 0 && n < 100); n++)); do
		[[ ! $finished ]] || newdb app
		under_load "$app"
		kill -KILL "$RUN" 2>/dev/null || :
		wait "$RUN" || :
		STARTED=()
		whole "$app"
	done
	((midway > 0))
	wos-apply "$app" events.sql
	diff wanted <(dump "$app")
}

# bats test_tags=postgres,slow
@test "crash: the server is killed under load, again and again: run again, it is the same" {
	local n finished='' status down ways=(QUIT KILL backend)

	own_server want app
	load_stream
	for ((n = 0; n < ${KILLS:-4} || (midway == 0 && n < 100); n++)); do
		[[ ! $finished ]] || own_newdb app
		under_load "$app"
		down=
		if [[ ${ways[n % 3]} == backend ]]; then
			# After one of its own has died so, it starts anew by itself.
			sql "$want" "COPY (SELECT pid FROM pg_stat_activity
				WHERE application_name = 'wos-apply') TO STDOUT" |
				xargs -r kill -KILL || :
		else
			pg_crash "$OWN" "${ways[n % 3]}"
			down=1
		fi
		# It may be back before it is missed, or not.
		if [[ $down ]] && ((n % 2 != 0)); then
			pg_start "$OWN"
			down=
		fi
		status=0
		wait "$RUN" || status=$?
		STARTED=()
		((status == 0 || status == 75)) || fail "$status: $(cat err)"
		[[ ! $down ]] || pg_start "$OWN"
		whole "$app"
	done
	((midway > 0))
	wos-apply "$app" events.sql
	diff wanted <(dump "$app")
}
