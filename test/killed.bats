# SPDX-License-Identifier: MIT
# wos-sync's first run, which lists, and wos-verify --repair, killed at any of
# their requests: run again, they end as if nothing had happened.
#
# Killed are all their processes at once, when the stand-in has request N, which
# it never answers.  STRIDE=1 kills them at each, from the first to the last.

# shellcheck disable=SC2154 # newdb sets want and got

# bats file_tags=slow

load helper
load fetch

setup() {
	wos_setup
	unset WOS_LIST
	export XDG_RUNTIME_DIR=$PWD TMPDIR=$PWD
	make_world 3 20
}

# world [workos-api options]: the environment, at a time that nothing else has.
world() {
	api --objects events --date 'Sat, 28 Nov 2099 12:00:00 GMT' "$@" --before before.jsonl events.jsonl
}

sync() {
	wos-sync "$1" --rate 1000 --jobs 1 --retry-pause 1
}

# filled DB: as it is before it is verified, with something wrong everywhere.
filled() {
	wos-decode <all.jsonl | wos-apply "$1"
	sql "$1" "UPDATE \"user\" SET email = 'x@y'" 'DELETE FROM feature_flag' \
	    "INSERT INTO \"user\" (id, event_id, event_at) VALUES ('user_0', 'event_0', 5)" \
	    "INSERT INTO permission (id, event_id, event_at) VALUES ('perm_0', 'event_0', 5)"
}

repair() {
	wos-verify --repair --at-most 1 "$1" --rate 1000 --jobs 1 --retry-pause 1
}

# content DB: all of it, but for when it was listed.
content() {
	dump "$1" | sed -E "s/(^|[|])409[0-9]{10}/\\1then/g
		s/\"listed_at\": ?\"2099[^\"]*/then/g; s/list:[0-9a-f]{32}/list:/g"
}

asked_for() {
	[ "$(requests)" -ge "$1" ]
}

# killed_at N COMMAND...: it runs until that request is there.
killed_at() {
	world --fault "$1+:hang"
	set -m # in a process group of its own
	"${@:2}" >out 2>err 3>&- &
	set +m
	STARTED+=($!)
	until_true asked_for "$1" || return
	kill -KILL -- "-$!"
	wait "$!" || :
	api_stop
}

# killed PREPARE COMMAND: at every STRIDE-th request, of a database of its own
# each, and run again until it is done.
killed() {
	local n last stride=${STRIDE:-9}

	[[ ${STRIDE:-} || $DBKIND == sqlite ]] || stride=13
	newdb want
	"$1" "$want"
	world
	"$2" "$want"
	last=$(requests)
	api_stop
	((last > 2 * stride))
	content "$want" >whole
	for ((n = stride > 1 ? 2 : 1; n <= last; n += stride)); do
		newdb got
		"$1" "$got"
		killed_at "$n" "$2" "$got" || fail "request $n of $last: it was not made"
		world
		# The lock is free when the last of them has gone.
		until_true "$2" "$got" >out 2>err || fail "request $n of $last"
		api_stop
		content "$got" | diff whole - || fail "request $n of $last"
	done
}

# bats test_tags=slow
@test "killed: wos-sync's first run, at any request" {
	killed : sync
}

# bats test_tags=slow
@test "killed: wos-verify --repair, at any request" {
	killed filled repair
}
