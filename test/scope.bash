# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154 # newdb sets app, and run stderr
# For the tests of what a cursor stands for, after helper and fetch:  load scope

setup() {
	wos_setup
	export XDG_RUNTIME_DIR=$PWD WOS_FETCH_RETRY_PAUSE=1
	newdb app
}

# lacks TYPE: no such event is in the ledger.
lacks() {
	[ "$(sql "$app" "SELECT count(*) FROM events_cursor
	    WHERE event_type = '$1'")" = 0 ]
}

# complete: the ledger has every event of the file that the API serves, and
# wos-status says so.
complete() {
	sql "$app" "SELECT event_id FROM events_cursor" | sort >got.ids
	diff <(jq -r .id events | sort) got.ids
	run -0 wos-status --check "$app"
	[[ $output == fresh:* ]]
}

# not_fresh: whatever the verdict is.
not_fresh() {
	run wos-status --check "$app"
	((status != 0))
	[[ $output != fresh* ]]
}

# quiet: a run that has nothing to say.
quiet() {
	run -0 --separate-stderr wos-sync "$app"
	assert_equal "$stderr" ''
}

# says TEXT [OPTION...]: a run that says that, in one line.
says() {
	run -0 --separate-stderr wos-sync "$app" "${@:2}"
	[[ $stderr == *"$1"* ]]
	[[ $stderr != *$'\n'* ]]
}

cursor() {
	wos-apply --cursor "$app"
}

# requests_for FILTER: how many requests for events there were so far.
requests_for() {
	asked "select(.path == \"/events\") | $1 | 1" | wc -l
}
