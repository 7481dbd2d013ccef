# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154 # newdb sets app
# What the tests of wos-status share:  load status

# shellcheck disable=SC2034 # for the files that load this
DAY=86400000
NOW=1769817600000 # the bench's events end here, 2026-01-31T00:00:00Z

# fill [N]: N events of the 30 days before NOW, the last one at NOW.
fill() {
	"$ROOT/test/bench/generate" "${1:-600}" | wos-decode | whole "$app"
}

# seen MS [OPTION...]: the newest event was reached then.
seen() {
	wos-apply "${@:2}" --tail-seen "$1" "$app"
}

# one_event AGE: the only event that there is happened that long before NOW.
one_event() {
	local at

	at=$(date -u -d "@$(((NOW - $1) / 1000))" +%Y-%m-%dT%H:%M:%SZ)
	printf '{"object":"event","id":"event_1","event":"x.y","data":{},"created_at":"%s"}\n' \
	    "$at" | wos-decode | whole "$app"
}

park() {
	echo 'no event' | wos-decode 2>/dev/null | whole "$app" 2>/dev/null || (($? == 3))
}

status() {
	wos-status --now $NOW "$@"
}

# verdict STATUS WORD [OPTION...]: that is what it comes to.
verdict() {
	run -"$1" --separate-stderr status "${@:3}" --check "$app"
	assert_equal "${output%%:*}" "$2"
	assert_equal "${#lines[@]}" 1
	assert_equal "$stderr" ""
}
