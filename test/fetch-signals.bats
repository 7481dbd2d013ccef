# SPDX-License-Identifier: MIT
# wos-fetch and signals: what it wrote until then is whole.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own

load helper
load fetch

# large N: N events of 3 kB, so that a page of them is larger than a pipe.
large() {
	"$ROOT/test/api/make-events" "$1" |
	    sed "s/Test/$(head -c 3000 /dev/zero | tr '\0' T)/"
}

@test "fetch: a signal ends it, and nothing was written but whole events" {
	for signal in TERM=143 INT=130; do
		api --fault 2:hang "$DATA/sample.jsonl"
		piped wos-fetch --page-size 4
		comes <(head -n 4 "$DATA/sample.jsonl")
		kill -s "${signal%=*}" "$pid"
		ends_with "${signal#*=}" "$pid"
		cat <&8 >rest
		[ ! -s rest ]
		rm out
		api_stop
	done
}

@test "fetch: a signal leaves whole lines to a slow reader, on one connection or many" {
	large 1000 >events
	api events
	for jobs in 1 8; do
		piped wos-fetch --since 2026-10-31 --jobs "$jobs"
		IFS= read -r -t 100 line <&8
		kill -TERM "$pid"
		{
			echo "$line"
			cat <&8
		} >got
		ends_with 143 "$pid"
		lines_are_events got
		(($(grep -c '' got) < 1000))
		cmp got <(head -n "$(grep -c '' got)" events)
		rm out
	done
}

@test "fetch: a second signal ends it at once, whoever reads" {
	large 100 >events
	api events
	piped wos-fetch
	IFS= read -r -t 100 <&8
	kill -TERM "$pid"
	# The first one is taken once it is no longer pending.
	while kill -TERM "$pid" 2>/dev/null; do
		sleep 0.1
	done
	ends_with 143 "$pid"
}

@test "fetch: a signal while it waits to try again" {
	api --fault every:503:100 "$DATA/sample.jsonl"
	mkfifo err
	wos-fetch >out 2>err 3>&- &
	pid=$!
	STARTED+=("$pid")
	exec 8<err
	IFS= read -r -t 100 <&8 # trying again in 100 s
	kill -TERM "$pid"
	ends_with 143 "$pid"
	[ ! -s out ]
}

# bats test_tags=slow
@test "fetch --from: a signal ends it, whoever reads, and leaves whole lines" {
	# Each line is larger than a pipe.
	"$ROOT/test/api/make-events" 40 |
	    sed "s/Test/$(head -c 100000 /dev/zero | tr '\0' T)/" >events
	# Nobody reads: the line at hand can't be ended.
	piped wos-fetch --from events
	IFS= read -r -t 100 <&8
	kill -TERM "$pid"
	ends_with 143 "$pid"
	exec 8<&-
	# Somebody does, if slowly.
	piped wos-fetch --from events
	IFS= read -r -t 100 line <&8
	kill -INT "$pid"
	{
		echo "$line"
		cat <&8
	} >got
	ends_with 130 "$pid"
	lines_are_events got
	cmp got <(head -n "$(grep -c '' got)" events)
	(($(grep -c '' got) < 40))
}

@test "fetch --from: a signal ends a wait for what is to be read, too" {
	mkfifo in
	wos-fetch --from in >got 3>&- & # that somebody writes at all
	pid=$!
	STARTED+=("$pid")
	until_true grep -q '^SigCgt:.*[4-7c-f]...$' "/proc/$pid/status"
	kill -TERM "$pid"
	ends_with 143 "$pid"
	wos-fetch --from in >got 3>&- &
	pid=$!
	STARTED+=("$pid")
	exec 8>in
	head -n 1 "$DATA/sample.jsonl" >&8
	until_true [ -s got ]
	kill -TERM "$pid"
	ends_with 143 "$pid"
	diff got <(head -n 1 "$DATA/sample.jsonl")
}
