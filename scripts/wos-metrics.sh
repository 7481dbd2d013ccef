# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What wos-sync --metrics FILE writes: the last run and the database's state in
# the text format of Prometheus, for the textfile collector of node_exporter.
# Sourced by wos-sync, of whose options it reads cursor_name and follow; bash 3.2
# will do.

# Where to, and since when; empty where there are to be no metrics.
metrics_file='' metrics_began=''
# The file that the programs put their numbers into, and a file half written.
metrics_counts='' metrics_new=''
# The programs can't tell their numbers.
metrics_uncounted=''

# metrics_begin FILE: from now on, whatever ends the script, FILE will tell.
metrics_begin() {
	metrics_file=$1
	[[ $1 == /* ]] || metrics_file=./$1
	# A link is to stay one; where it leads to nowhere, there is no file.
	[[ ! -h $metrics_file ]] ||
		metrics_file=$(readlink -f -- "$metrics_file") || metrics_file=./$1
	metrics_began=$(metrics_now)
	wos_at_exit metrics_end
}

# metrics_now: the time in milliseconds, as far as date(1) knows them.
metrics_now() {
	local now

	now=$(date +%s%3N)
	[[ $now =~ ^[0-9]{13}$ ]] || now=$(date +%s)000
	echo "$now"
}

# metrics_count: the pipe that is started next is to say what it does.  Without
# a place for that, which is said, it does it all the same.
metrics_count() {
	[[ $metrics_file ]] || return 0
	if [[ ! $metrics_counts ]]; then
		metrics_counts=$(wos_relay mktemp) || metrics_uncounted=1
	else
		metrics_add
	fi
	[[ $metrics_counts ]] || return 0
	# Each program writes to a place of its own in there.
	if ! printf '%512s\n' '' 2>/dev/null >"$metrics_counts"; then
		wos_log error "$metrics_counts: can't be written" file "$metrics_counts"
		metrics_uncounted=1
		return 0
	fi
	export WOS_COUNTS_FILE=$metrics_counts
}

# metrics_watch: where a run stays, the file is written every now and then, until
# the script ends.
metrics_watch() {
	[[ $metrics_file && $follow && ! $metrics_watcher ]] || return 0
	wos_at_exit metrics_unwatch
	metrics_wait "${WOS_TAIL_EVERY:-60}" </dev/null &
	metrics_watcher=$!
}
metrics_watcher=

# What is held here is the pipe's: a sleep must not hold it.
metrics_wait() {
	local pause=

	exec 3>&- 4<&- 8>&- 9>&-
	trap exit TERM
	trap 'kill "$pause" 2>/dev/null; metrics_forget_new' EXIT
	while :; do
		sleep "$1" &
		pause=$!
		wait "$pause" && kill -0 "$$" 2>/dev/null || exit
		metrics_write 0 1
	done
}

# metrics_unwatch: what is about to be written is written, or never.
metrics_unwatch() {
	kill "$metrics_watcher" 2>/dev/null
	wait "$metrics_watcher" 2>/dev/null
}

# seconds MS: milliseconds in Prometheus' unit; nothing of what is no number.
seconds() {
	[[ ! $1 =~ ^[0-9]{1,15}$ ]] || printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
}

# metrics_quote TEXT: as the value of a label.  It has fewer escapes than JSON:
# control characters, up to U+009F, become question marks.
metrics_quote() (
	LC_ALL=C
	text=${1//[[:cntrl:]]/?}
	wos_json "${text//$'\xC2'[$'\x80'-$'\x9F']/?}"
)

# metric NAME HELP VALUE: prints it; nothing where there is no value.
metric() {
	[[ ! $3 ]] || printf '# HELP %s %s\n# TYPE %s gauge\n%s%s %s\n' \
	    "$1" "$2" "$1" "$1" "$labels" "$3" || failed=1
}

# metrics_success: when the file says that a run was a success the last time;
# nothing if it does not, or was made by somebody else.
metrics_success() {
	local line name="wos_last_success_timestamp_seconds$labels "

	[[ -f $metrics_file ]] || return 0
	head -c 65536 -- "$metrics_file" 2>/dev/null | while IFS= read -r line; do
		if [[ $line == "$name"* && ${line#"$name"} =~ ^[0-9]{1,12}\.[0-9]{3}$ ]]
		then
			echo "${line#"$name"}"
			break
		fi
	done
}

# metrics_add: adds what the last pipe has done to what those before it did.
metrics_add() {
	local name value

	while read -r name value; do
		[[ $value =~ ^[0-9]{1,15}$ ]] || continue
		case $name in
		events_fetched) fetched=$((fetched + 10#$value)) ;;
		events_applied) applied=$((applied + 10#$value)) ;;
		events_parked) parked_now=$((parked_now + 10#$value)) ;;
		rows_changed) changed=$((changed + 10#$value)) ;;
		esac
	done <"$metrics_counts"
}
fetched=0 applied=0 parked_now=0 changed=0

# metrics_of_run STATUS RUNNING: what this run has done so far.
metrics_of_run() {
	local fetched=$fetched applied=$applied parked_now=$parked_now changed=$changed

	if [[ $metrics_uncounted ]]; then
		fetched='' applied='' parked_now='' changed=''
	elif [[ $metrics_counts ]]; then
		metrics_add
	fi
	metric wos_running 'Whether a run with --follow is at work.' "$2"
	metric wos_last_run_timestamp_seconds \
	    'When the last run ended, or, if it is at work, when it said so.' \
	    "$(seconds "$now")"
	metric wos_last_run_duration_seconds 'How long it took until then.' \
	    "$(seconds $((now > metrics_began ? now - metrics_began : 0)))"
	metric wos_last_run_exit_status \
	    'What it exited with: 0 done, 3 some events were parked, all else failed.' "$1"
	metric wos_last_success_timestamp_seconds \
	    'When a run was done with status 0 or 3, or --follow at the end, the last time.' \
	    "$success"
	metric wos_last_run_events_fetched 'Events that the API gave.' "$fetched"
	metric wos_last_run_events_applied 'Events that the database took.' "$applied"
	metric wos_last_run_events_parked 'Events that were parked.' "$parked_now"
	metric wos_last_run_rows_changed 'Rows inserted, updated and deleted.' "$changed"
}

# metrics_ask: sets event_at, tail, size and parked to what the database says,
# if it does.
metrics_ask() {
	local fact a b c d e

	[[ $wos_apply ]] || return 0
	while IFS=$'\t' read -r fact a b c d e _; do
		case $fact in
		size) size=$a ;;
		cursor)
			[[ $a == "${cursor_name:-default}" ]] || continue
			event_at=$c tail=$e
			;;
		scope)
			[[ $a == "${cursor_name:-default}" ]] || continue
			types=$c refused=$d complete=0
			[[ $b != known || $e != 0 ]] || complete=1
			;;
		table) parked=$b ;;
		esac
	done < <("$wos_apply" --status --days 0 -- "$wos_db" 2>/dev/null)
	[[ $event_at =~ ^[0-9]{1,15}$ ]] || event_at=
	[[ $tail =~ ^[0-9]{1,15}$ ]] || tail=
}

metrics_of_database() {
	metric wos_cursor_event_timestamp_seconds \
	    'The time of the event that the cursor is at.' "$(seconds "$event_at")"
	metric wos_cursor_age_seconds 'How long before the last run that was.' \
	    "$(seconds "${event_at:+$((now > event_at ? now - event_at : 0))}")"
	metric wos_tail_seen_timestamp_seconds \
	    'When the database had every event that there was, the last time.' \
	    "$(seconds "$tail")"
	metric wos_tail_seen_age_seconds 'How long before the last run that was.' \
	    "$(seconds "${tail:+$((now > tail ? now - tail : 0))}")"
	metric wos_cursor_event_types \
	    'Types of events that the cursor stands for.' "$types"
	metric wos_cursor_refused_event_types \
	    'Types of events that the API did not take.' "$refused"
	metric wos_cursor_complete \
	    'Whether all events are there that the cursor stands for.' "$complete"
	metric wos_parked_events 'Events that wait to be looked at.' "$parked"
	metric wos_database_size_bytes 'The size of the database.' "$size"
}

metrics_forget_new() {
	[[ ! $metrics_new ]] || rm -f -- "$metrics_new"
	metrics_new=
}

# metrics_write STATUS RUNNING: a reader sees the old file or the new one, never
# half of it.  What can't be written changes nothing but that this is said.
metrics_write() {
	local labels now success event_at='' tail='' size='' parked='' failed=''
	local types='' refused='' complete=''

	labels="{database=$(metrics_quote "$(wos_label)"),cursor=$(
		metrics_quote "${cursor_name:-default}")}"
	now=$(metrics_now)
	metrics_ask
	success=$(metrics_success)
	if [[ $follow ]]; then # it is one once it has come to the end
		# The API's clock, by which that is, tells no more than seconds.
		((10#${tail:-0} < metrics_began / 1000 * 1000)) || success=$(seconds "$tail")
	elif (($1 == 0 || $1 == 3)); then
		success=$(seconds "$now")
	fi
	metrics_put "$@" 2>/dev/null ||
		wos_log error "${metrics_file#./}: can't be written" file "${metrics_file#./}"
	metrics_forget_new
}

# metrics_put STATUS RUNNING: makes the file of what metrics_write knows.  In a
# trap, a return without a status would be that of what went before.
metrics_put() {
	# Nothing but a file is replaced: no device, no folder.
	[[ -f $metrics_file || ! -e $metrics_file ]] || return 1
	[[ ! -h $metrics_file ]] || return 1
	metrics_new=$(mktemp "$metrics_file.XXXXXX") || return 1
	{
		metrics_of_run "$@"
		metrics_of_database
	} >"$metrics_new" && [[ ! $failed ]] && metrics_mode &&
		mv -f -- "$metrics_new" "$metrics_file"
}

# metrics_mode: who may read the file stays as it is; a new one is for its owner
# and the group, as far as umask(1) has it.
metrics_mode() {
	local mode group

	read -r mode group < <(stat -c '%a %g' -- "$metrics_file" 2>/dev/null ||
		stat -f '%Lp %g' "$metrics_file" 2>/dev/null)
	[[ ! ${group-} ]] || chgrp "$group" "$metrics_new" 2>/dev/null
	chmod "${mode:-$(printf %o $((0640 & ~$(umask))))}" "$metrics_new"
}

# metrics_end STATUS: at the end of the script.
metrics_end() {
	metrics_write "$1" 0
	[[ ! $metrics_counts ]] || rm -f -- "$metrics_counts"
}
