# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used by who sources this
# shellcheck disable=SC2030,SC2031 # wos_told is the pipe's own
# What wos-sync, wos-rebuild, wos-status, wos-verify and wos-erase share: messages, finding the
# programs, one run at a time on a database, a pipe that ends well on a signal,
# and one exit status made of many.  They source it with `self` set to their own
# path; bash 3.2 will do.

wos_name=${0##*/}
wos_command=("$@")

# wos_leave_secrets KEY TOKEN: for the script, when it begins anew; no more than a
# line of each is meant.
wos_leave_secrets() {
	set -- "${1%%$'\n'*}" "${2%%$'\n'*}"
	# A short here-string is a pipe in newer versions of bash, and needs no process.
	exec 4<<<''
	if [[ -p /dev/fd/4 ]] && ((${#1} + ${#2} < 1000)); then
		exec 4<<<"$1"$'\n'"$2"
	else
		exec 4< <(printf '%s\n' "$1" "$2")
	fi
	export WOS_SECRETS=4
}

# All programs would inherit secrets from the environment, and ps(1) would show
# them; wos-fetch alone is to have the API key, and wos-apply the token of D1.  So
# the script begins anew without them.
[[ ${wos_wants_key-} ]] || unset WORKOS_API_KEY
if [[ ${WORKOS_API_KEY-}${CLOUDFLARE_API_TOKEN-} ]]; then
	wos_leave_secrets "${WORKOS_API_KEY-}" "${CLOUDFLARE_API_TOKEN-}"
	unset WORKOS_API_KEY CLOUDFLARE_API_TOKEN
	exec "$BASH" -- "${BASH_SOURCE[1]}" "$@"
fi
unset WOS_ERRORS_FD wos_key wos_token # one from outside would go to all programs
wos_key='' wos_token=''
if [[ ${WOS_SECRETS-} == 4 ]]; then
	unset WOS_SECRETS
	if ! IFS= read -r wos_key <&4 || ! IFS= read -r wos_token <&4; then
		echo "$wos_name: the secrets are lost: what passes them on was killed" >&2
		exit 1
	fi
	exec 4<&-
fi

# shellcheck source=scripts/wos-options.sh
. "${BASH_SOURCE[0]%/*}/wos-options.sh" || exit 1

# What the functions below set.
wos_db='' wos_shown='' wos_kind='' wos_field='' wos_signal='' wos_told=''

# In a source tree a program is beside its sources, installed it is beside the
# script.
wos_here=${self%/*}
if [[ -f $wos_here/../schema/catalogue.def ]]; then
	PATH=$wos_here/../fetch:$wos_here/../decode:$wos_here/../apply:$PATH
else
	PATH=$wos_here:$PATH
fi

wos_has() {
	type -P "$1" >/dev/null
}

# wos_programs NAME...: the end, if one of these is not there.
wos_programs() {
	local name

	for name; do
		wos_has "$name" ||
			wos_die 1 "$name: not there; run make, or make install"
	done
}

# wos_with_key COMMAND...: becomes wos-fetch, the one program that has the key.
wos_with_key() {
	[[ ! $wos_key ]] || export WORKOS_API_KEY=$wos_key
	exec "$@"
}

# wos_with_token COMMAND...: becomes wos-apply, the one program that has the token.
wos_with_token() {
	[[ ! $wos_token ]] || export CLOUDFLARE_API_TOKEN=$wos_token
	exec "$@"
}

wos-apply() (
	wos_with_token wos-apply "$@"
)

# wos_as_self ARGUMENT...: wos-apply, whose messages are this script's.
wos_as_self() (
	export WOS_DATABASE=$wos_db
	wos_with_token -a "$wos_name" wos-apply "$@"
)

# wos_log_format PLACE FORMAT: from now on messages are text or json, here and in
# the programs that are started; PLACE is where that was found.
wos_log_format() {
	case $2 in
	text | json) export WOS_LOG_FORMAT=$2 ;;
	*)
		WOS_LOG_FORMAT=text
		wos_die 2 "$1: $2: neither text nor json"
		;;
	esac
}

# wos_log_init: as the environment has it.
wos_log_init() {
	[[ ! ${WOS_LOG_FORMAT-} ]] ||
		wos_log_format WOS_LOG_FORMAT "$WOS_LOG_FORMAT"
}

# wos_is_json: messages are lines of JSON.
wos_is_json() {
	[[ ${WOS_LOG_FORMAT-} == json ]] && wos_has wos-apply
}

# wos_log LEVEL MESSAGE [NAME VALUE]...: says it on stderr, as text or as a line
# of JSON with these fields, which only that has.
wos_log() {
	[[ ! ${WOS_QUIET-} || $1 == error ]] || return 0
	if wos_is_json; then
		[[ ! $wos_field ]] || set -- "$@" database "$wos_field"
		wos_as_self --say "$1" -- "${@:2}"
	else
		printf '%s: %s\n' "$wos_name" "$2" >&2
		[[ ! ${WOS_ERRORS_FD-} || $1 != error ]] || wos_note "${@:2}"
	fi
}

# wos_note MESSAGE [NAME VALUE]: leaves it where the programs of the pipe leave
# their errors.
wos_note() {
	local status=1

	[[ ${2-} != exit_status ]] || status=$3
	[[ ${2-} != signal ]] || status=$((128 + $3))
	printf '%s\t%s\t0\t%s\n' "$wos_name" "$status" "${1//[$'\t\n']/ }" \
	    2>/dev/null 1>&"$WOS_ERRORS_FD"
}

# wos_die STATUS MESSAGE...
wos_die() {
	local status=$1

	shift
	wos_log error "$*" exit_status "$status"
	exit "$status"
}

# wos_relay COMMAND...: runs what is not ours, with its messages in our format.
wos_relay() {
	local line

	if ! wos_is_json; then
		"$@"
		return
	fi
	{
		"$@" 2>&1 >&3 3>&- | while IFS= read -r line; do
			wos_log error "$line"
		done
		return "${PIPESTATUS[0]}"
	} 3>&1
}

# wos_version: prints the programs' version as the script's, and exits.
wos_version() {
	local version

	wos_programs wos-apply
	version=$(wos-apply --version) || exit 1
	printf '%s %s\n' "$wos_name" "${version##* }" 2>/dev/null ||
		wos_die 1 'write error'
	exit 0
}

# wos_at_exit COMMAND: is run at the end, whichever it is, with what the script
# exits with.
wos_last='' wos_ended_by=''
wos_at_exit() {
	wos_last=$1
	trap '"$wos_last" "${wos_ended_by:-$?}"' EXIT
	wos_untrap
}

# wos_untrap: a signal ends the script.  What it exits with then, bash does not
# say at its end.
wos_untrap() {
	local name action

	for name in TERM INT HUP; do
		action=-
		[[ ! $wos_last ]] || action="wos_end_by $name"
		# shellcheck disable=SC2064 # the name is this one
		trap "$action" "$name"
	done
}

wos_end_by() {
	wos_ended_by=$((128 + $(kill -l "$1")))
	trap - "$1"
	kill -s "$1" "$$"
}

# wos_trace: if there are to be traces, and this is not their run yet, the script
# begins anew, as a command of wos-otlp.  Those who have none are
# not to wait for so much as another program's start.
wos_trace() {
	[[ ${OTEL_EXPORTER_OTLP_TRACES_ENDPOINT-}${OTEL_EXPORTER_OTLP_ENDPOINT-} &&
	    ! ${WOS_TRACE_FILE+set} ]] || return 0
	[[ ${OTEL_SDK_DISABLED-} != [Tt][Rr][Uu][Ee] ]] || return 0
	if ! wos_has wos-otlp; then
		wos_log warning "wos-otlp: not there: no traces"
		return
	fi
	wos_leave_secrets "$wos_key" "$wos_token"
	WOS_DATABASE=$database exec wos-otlp -- "$self" \
	    ${wos_command+"${wos_command[@]}"}
}

# wos_channel READ WRITE: makes a pipe; its ends are these two descriptors.
wos_channel() {
	local dir

	# A here-string is a pipe in newer versions of bash, and needs no process.
	eval "exec $1<<<''"
	[[ -p /dev/fd/$1 ]] && read -r <&"$1" || eval "exec $1< <(:)"
	# Where the system lets a pipe be opened again, no name is needed.
	[[ ! -d /proc/self/fd ]] || ! eval "exec $2>/dev/fd/$1" 2>/dev/null || return 0
	dir=$(wos_relay mktemp -d) || exit 1
	if ! mkfifo -m 600 "$dir/pipe" ||
	    ! eval "exec $1<>\"\$dir/pipe\" $2>\"\$dir/pipe\""; then
		wos_die 1 "$dir/pipe: can't be made"
	fi
	rm -r -- "$dir"
}

# wos_database NAME: sets wos_db, what wos_apply and others call the database;
# wos_shown, what to call it in messages, which never has a password in it;
# wos_field, the same for JSON, where nothing need be made visible; and wos_kind,
# file or server.  wos-apply decides what a name names; what is a path to
# everybody, it is not asked about.
wos_database() {
	local facts

	wos_db=$1 wos_shown=$1 wos_kind=file
	if [[ $1 == *[!A-Za-z0-9._/-]* || ! $1 ]]; then
		facts=$(wos_apply --name) || wos_failed wos-apply $?
		{ read -r _ wos_kind && read -r _ wos_shown; } <<<"$facts"
	fi
	wos_field=$wos_shown
	if [[ $wos_kind == file ]]; then
		wos_field=$1
		# Never an option, whatever it begins with.
		[[ $1 == /* ]] || wos_db=./$1
	fi
}

# wos_apply OPTION...: wos-apply on the database.  Its name may have a password in
# it, and what is in the environment others can't read.
wos_apply() {
	WOS_DATABASE=$wos_db wos-apply "$@"
}

# wos_lock FD NAME MESSAGE [OPTION]: locks the database, or the folder, until this
# process and all that it started have ended: killing this script alone does not
# make room for a second run beside a pipe that still works.  If another process
# holds the lock, the message says so, with status 75.
wos_lock() {
	wos_try_lock "$1" "$2" ${4+"$4"} || wos_die 75 "$3"
}

# wos_try_lock FD NAME [--listing]: the same, but returns 75 if another process
# holds the lock.
wos_try_lock() {
	wos_open_lock "$@"
	wos-apply --lock "$1"
	case $? in
	0) ;;
	75) return 75 ;;
	*) exit 1 ;;
	esac
}

# wos_open_lock FD NAME [--listing]: opens the file that is locked, and sets
# wos_lock_file.  wos-apply decides which file that is, and what else may be in its
# place; it is not asked where the file is there from the last time.
wos_open_lock() {
	local name=$2 file

	# Two names of one file are one database.
	[[ ! -h $2 ]] || name=$(readlink -f -- "$2") || name=$2
	file=$name.sync.lock
	[[ ! ${3-} ]] || file=$name.list.lock
	if [[ $wos_kind == server || -d $name || -h $file || ! -f $file ||
	    ! -w $file ]]; then
		file=$(WOS_DATABASE=$name wos-apply --lock-file ${3+"$3"}) || wos_failed wos-apply $?
	fi
	eval "exec $1>>\"\$file\"" 2>/dev/null || eval "exec $1<\"\$file\"" ||
		exit 1
	wos_lock_file=$file
}

# wos_pipe SOURCE: runs the pipe fetch | decode | apply, functions of the script,
# and returns what their exit statuses come to.  SIGTERM, SIGINT and SIGHUP reach
# the source only, which is called SOURCE in messages: it stops, what it wrote
# until then is still applied, and this script ends as the signal would have
# ended it, or with 0 if the source takes the signal as its normal end.  The two
# others say wos_drains before they start.
wos_pipe() {
	local child name status=1 now

	wos_signal=
	# A process group of its own, to be signalled as one.  3 is for the script
	# alone, whose end wos-fetch notices by it.
	set -m
	{
		trap 'wos_told=143' TERM
		wos_join "$1"
	} </dev/null 3>&- &
	child=$!
	set +m
	for name in TERM INT HUP; do
		# shellcheck disable=SC2064 # these ones
		trap "wos_forward $name $child" "$name"
	done
	while :; do
		wos_interrupted=
		wait "$child" 2>/dev/null # where bash would say that it was killed
		now=$?
		# 127: it was told before, just when a signal came.
		((now == 127)) || status=$now
		[[ $wos_interrupted ]] || break
	done
	wos_untrap
	# Nobody else can say so of the shell that joins the programs.
	if ((status > 128)) && [[ ! $wos_signal ]]; then
		wos_killed "the shell of the pipe" "$status"
		status=1
	fi
	if [[ $wos_signal ]] && ((status != 0 && status != 3)); then
		wos_end_by "$wos_signal"
	fi
	return "$status"
}

wos_forward() {
	wos_interrupted=1 wos_signal=$1
	kill -TERM -- "-$2" 2>/dev/null
}

wos_drains() {
	trap '' TERM
}

# wos_join SOURCE: the pipe alone; signals reach it as they reach any pipe.
wos_join() {
	local all

	# What bash would say of a program that a signal ended, wos_killed does.
	{
		fetch 2>&7 | decode 2>&7 | apply 2>&7
		all=("${PIPESTATUS[@]}")
	} 7>&2 2>/dev/null
	wos_killed "$1" "${all[0]}"
	wos_killed wos-decode "${all[1]}"
	wos_killed wos-apply "${all[2]}"
	wos_verdict "${all[@]}"
}

# wos_killed NAME STATUS: says so if a signal ended the program; all else it
# has said itself.  SIGPIPE is what a program dies of whose reader has died, and
# SIGTERM may have been ours.
wos_killed() {
	(($2 <= 128 || $2 == 141)) || [[ $wos_told == "$2" ]] ||
		wos_log error "$1: ended by signal $(($2 - 128))" signal $(($2 - 128))
}

# wos_failed NAME STATUS: the end, after a program that has failed.
wos_failed() {
	wos_killed "$1" "$2"
	wos_verdict "$2" 0 0
	exit
}

# wos_verdict SOURCE DECODE APPLY: what the exit statuses of a pipe come to.
#
# The last program that failed has the say: those before it could no longer
# write, and their complaints are its echo.  3 is for when none failed.
wos_verdict() {
	local status

	for status in "$3" "$2" "$1"; do
		case $status in
		0 | 3) ;;
		2 | 4 | 75) return "$status" ;;
		*) return 1 ;;
		esac
	done
	(($2 != 3 && $3 != 3)) || return 3
}
