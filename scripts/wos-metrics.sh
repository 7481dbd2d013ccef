# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What wos-sync --metrics FILE does: wos-apply writes the file, at the end of the
# script, whichever it is, and where a run stays every now and then.  Sourced by
# wos-sync, of whose options it reads cursor_name and plan_follow; bash 3.2 will
# do.

metrics_file='' metrics_began='' metrics_counts='' metrics_watcher=''

# metrics_begin FILE: from now on FILE will tell.  The programs of the pipe leave
# their numbers in a file of their own; without it, which is said, they do what
# they do all the same.
metrics_begin() {
	metrics_file=$1
	# A link is to stay one; where it leads to nowhere, there is no file.
	[[ ! -h $1 ]] || metrics_file=$(readlink -f -- "$1") || metrics_file=$1
	# To the millisecond, where this bash knows it.
	metrics_began=${EPOCHREALTIME-$(date +%s).000000}
	metrics_began=${metrics_began//[!0-9]/}
	metrics_began=${metrics_began%???}
	unset WOS_COUNTS_FILE
	metrics_counts=$(wos_relay mktemp) || return 0
	# Each program has its place in there.
	if printf '%512s\n' '' 2>/dev/null >"$metrics_counts"; then
		export WOS_COUNTS_FILE=$metrics_counts
	else
		wos_log error "$metrics_counts: can't be written" file "$metrics_counts"
	fi
}

# metrics_write OPTION...
metrics_write() {
	wos_as_self --metrics "$metrics_file" --began "$metrics_began" \
	    ${cursor_name:+--cursor-name "$cursor_name"} "$@"
}

# metrics_watch: has the file written every now and then, until nobody holds the
# other end of 4 any more; that is 3, which only the script itself has.
metrics_watch() {
	[[ ! $metrics_watcher ]] || return 0
	while metrics_write --follow; do :; done <&4 3>&- 4<&- 8>&- 9>&- &
	metrics_watcher=$!
}

# metrics_end STATUS: what is about to be written is written before; the errors of
# the run are in standard input.
metrics_end() {
	if [[ $metrics_watcher ]]; then
		exec 3>&-
		wait "$metrics_watcher"
	fi
	metrics_write --exit-status "$1" ${plan_follow:+--follow}
	[[ ! $metrics_counts ]] || rm -f -- "$metrics_counts"
}
