# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used by who sources this
# shellcheck disable=SC2030,SC2031 # wos_told is the pipe's own
# What wos-sync, wos-rebuild and wos-status share: messages, finding the three
# programs, one run at a time on a database, a pipe that ends well on a signal,
# and one exit status made of many.  Sourced by them; bash 3.2 will do.

wos_name=${0##*/}
# What the functions below set.
wos_fetch='' wos_decode='' wos_apply='' wos_path='' wos_key=''
wos_db='' wos_shown='' wos_field='' wos_sum=''

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
	[[ ${WOS_LOG_FORMAT-} == json ]]
}

# wos_json TEXT [MOST]: prints it as a string of JSON, cut to so many bytes, or to
# what fits in a line.  What is no UTF-8 becomes U+FFFD; control characters are
# escaped up to U+009F, as terminals obey those, too.
wos_json() (
	LC_ALL=C # one character is one byte
	most=${2:-3000}
	text=${1:0:most} out='' more=$'\x80'-$'\xBF'
	for ((i = 0; i < ${#text} && ${#out} <= most; i += n)); do
		whole=$out n=1
		case ${text:i:4} in
		[\"\\]*) out+=\\ ;;
		[[:print:]]*) ;;
		$'\xC2'[$'\x80'-$'\x9F']*)
			printf -v code %d "'${text:i+1:1}"
			printf -v code '\\u%04x' $((code & 255))
			out+=$code n=2
			continue
			;;
		[$'\xC2'-$'\xDF'][$more]*) n=2 ;;
		$'\xE0'[$'\xA0'-$'\xBF'][$more]*) n=3 ;;
		$'\xED'[$'\x80'-$'\x9F'][$more]*) n=3 ;;
		[$'\xE1'-$'\xEC'$'\xEE'$'\xEF'][$more][$more]*) n=3 ;;
		$'\xF0'[$'\x90'-$'\xBF'][$more][$more]*) n=4 ;;
		$'\xF4'[$'\x80'-$'\x8F'][$more][$more]*) n=4 ;;
		[$'\xF1'-$'\xF3'][$more][$more][$more]*) n=4 ;;
		[$'\x80'-$'\xFF']*)
			out+=$'\xEF\xBF\xBD'
			continue
			;;
		*)
			printf -v code '\\u%04x' "'${text:i:1}"
			out+=$code
			continue
			;;
		esac
		out+=${text:i:n}
	done
	if ((${#out} > most)); then
		out=$whole...
	elif ((${#1} > ${#text})); then
		out+=...
	fi
	printf '"%s"' "$out"
)

# wos_now: the time, to the millisecond where date(1) knows it.
wos_now() {
	local now

	now=$(date -u +%Y-%m-%dT%H:%M:%S.%3N)
	[[ $now =~ \.[0-9]{3}$ ]] || now=$(date -u +%Y-%m-%dT%H:%M:%S).000
	printf '%sZ' "$now"
}

# wos_log LEVEL MESSAGE [NAME VALUE]...: says it on stderr, as text or as a line
# of JSON with these fields, which only that has.
wos_log() {
	local line value

	if ! wos_is_json; then
		printf '%s: %s\n' "$wos_name" "$2" >&2
		return
	fi
	line="{\"time\":\"$(wos_now)\",\"level\":\"$1\",\"program\":$(wos_json "$wos_name")"
	line+=",\"message\":$(wos_json "$2")"
	shift 2
	[[ ! $wos_field ]] || set -- database "$wos_field" "$@"
	while (($# > 1)); do
		value=$2
		[[ $value =~ ^(0|[1-9][0-9]{0,14})$ && $1 != database ]] ||
			value=$(wos_json "$value" 300)
		line+=",\"$1\":$value"
		shift 2
	done
	printf '%s}\n' "$line" >&2
}

# wos_die STATUS MESSAGE...
wos_die() {
	local status=$1

	shift
	wos_log error "$*" exit_status "$status"
	exit "$status"
}

# wos_wrong_usage STATUS TEXT: how it is used, and the end.
wos_wrong_usage() {
	if wos_is_json; then
		wos_die "$1" "$2"
	fi
	printf '%s\n' "$2" >&2
	exit "$1"
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

# wos_at_exit COMMAND: to be run at the end, whichever it is, with what the script
# exits with; the last one first.
wos_exits=() wos_ended_by=''
wos_at_exit() {
	trap 'wos_exiting $?' EXIT
	wos_exits=("$1" ${wos_exits+"${wos_exits[@]}"})
	wos_untrap
}

# wos_untrap: a signal ends the script.  What it exits with then, bash does not
# say at its end.
wos_untrap() {
	local name

	for name in TERM INT HUP; do
		if ((${#wos_exits[@]} > 0)); then
			# shellcheck disable=SC2064 # the name is this one
			trap "wos_end_by $name" "$name"
		else
			trap - "$name"
		fi
	done
}

wos_end_by() {
	wos_ended_by=$1
	trap - "$1"
	kill -s "$1" "$$"
}

wos_exiting() {
	local status=$1 command

	[[ ! $wos_ended_by ]] || status=$((128 + $(kill -l "$wos_ended_by")))
	for command in "${wos_exits[@]}"; do
		"$command" "$status"
	done
}

# wos_find HERE FOLDER NAME: sets wos_path to where the program is.  In a source
# tree it is beside its sources, installed it is beside this script.
wos_find() {
	if [[ -f $1/../schema/catalogue.def ]]; then
		wos_path=${1%/*}/$2/$3
	else
		wos_path=$1/$3
		[[ -x $wos_path ]] || wos_path=$(type -P "$3") || wos_path=$3
	fi
	[[ -x $wos_path ]]
}

# wos_programs HERE NAME...: sets wos_fetch, wos_decode, wos_apply, those that
# are named.
wos_programs() {
	local here=$1 name

	shift
	for name; do
		wos_find "$here" "$name" "wos-$name" ||
			wos_die 1 "$wos_path: not there; run make, or make install"
		printf -v "wos_$name" %s "$wos_path"
	done
}

# wos_trace HERE SELF ARGUMENT...: if there are to be traces, and this is not
# their run yet, the script begins anew, as a command of wos-otlp.  Those who
# have none are not to wait for so much as another program's start.
wos_trace() {
	local here=$1 self=$2

	[[ ${OTEL_EXPORTER_OTLP_TRACES_ENDPOINT-}${OTEL_EXPORTER_OTLP_ENDPOINT-} &&
	    ! ${WOS_TRACE_FILE+set} ]] || return 0
	[[ ${OTEL_SDK_DISABLED-} != [Tt][Rr][Uu][Ee] ]] || return 0
	shift 2
	if wos_find "$here" fetch wos-otlp; then
		exec "$wos_path" -- "$self" "$@"
	fi
	wos_log warning "$wos_path: not there: no traces"
}

# wos_take_key: sets wos_key to the key that wos-sync has taken out of its
# environment, or to nothing.
wos_take_key() {
	wos_key=
	[[ ${WOS_KEY-} == 4 ]] || return 0
	unset WOS_KEY
	IFS= read -r wos_key <&4
	exec 4<&-
}

# wos_channel READ WRITE: makes a pipe; its ends are these two descriptors.
wos_channel() {
	local dir

	eval "exec $1< <(:)"
	# Where the system lets a pipe be opened again, no name is needed.
	[[ ! -d /proc/self/fd ]] || ! eval "exec $2>/dev/fd/$1" 2>/dev/null || return 0
	dir=$(wos_relay mktemp -d) || exit 1
	if ! mkfifo -m 600 "$dir/pipe" ||
	    ! eval "exec $1<>\"\$dir/pipe\" $2>\"\$dir/pipe\""; then
		wos_die 1 "$dir/pipe: can't be made"
	fi
	rm -r -- "$dir"
}

# wos_version HERE: prints the programs' version as the script's, and exits.
wos_version() {
	local version

	wos_programs "$1" decode
	version=$("$wos_decode" --version) || exit 1
	printf '%s %s\n' "$wos_name" "${version##* }"
	exit 0
}

# wos_database NAME: sets wos_db, what to call the database in arguments;
# wos_shown, what to call it in messages, which never has a password in it;
# wos_field, the same for JSON, where nothing need be made visible; and
# where it is on a server, wos_sum, what stands for it in the name of a file.
# wos-apply decides what a name names; what is a path to everybody, it is not
# asked about.
wos_database() {
	local word value lines kind=file

	wos_db=$1 wos_shown=$1 wos_sum=
	if [[ $1 == *[!A-Za-z0-9._/-]* || ! $1 ]]; then
		lines=$("$wos_apply" --name -- "$1") || wos_failed wos-apply $?
		while read -r word value; do
			case $word in
			kind) kind=$value ;;
			shown) wos_shown=$value ;;
			lock) wos_sum=$value ;;
			esac
		done <<<"$lines"
	fi
	wos_field=$wos_shown
	if [[ $kind == file ]]; then
		wos_sum='' wos_field=$1
		# Never an option, whatever it begins with.
		[[ $1 == /* ]] || wos_db=./$1
	fi
}

# wos_label: prints what tells the database apart from all others.
wos_label() {
	"$wos_apply" --name -- "$wos_db" | sed -n 's/^label //p'
}

# wos_lock: holds the database's lock until this process and all that it started
# have ended.  Exits with 75 if another process holds it.
#
# The lock keeps runs from piling up, no more: two runs at once would do the
# same work twice, and the cursor's compare-and-swap would let one of them win.
wos_lock() {
	local path=$wos_db dir

	if [[ $wos_sum ]]; then
		wos_lock_folder
		path=$dir/$wos_sum
	else
		# Two names of one file are one database.
		if [[ -h $path ]]; then
			path=$(readlink -f -- "$path" 2>/dev/null) || path=$wos_db
		fi
		dir=${path%/*}
		[[ -d $dir/ ]] || wos_die 1 "$dir: no such directory"
	fi
	wos_lock_file 9 "$path.sync" ||
		wos_die 75 "$wos_shown: another run is at work on it"
}

# wos_lock_folder: sets dir to where locks of databases on servers are: where the
# system has a place for this user, or in /tmp.
wos_lock_folder() {
	dir=${XDG_RUNTIME_DIR:-/tmp}
	if [[ ! -d $dir || ! -w $dir || ${XDG_RUNTIME_DIR-} && ! -O $dir ]]; then
		wos_log warning "XDG_RUNTIME_DIR: $dir: no directory of this user: \
the lock is in /tmp"
		dir=/tmp
	fi
	dir+=/wos-$UID
	mkdir -m 700 -- "$dir" 2>/dev/null
	# /tmp is everyone's: a stranger's folder is not ours to use.
	[[ -d $dir && ! -h $dir && -O $dir ]] ||
		wos_die 1 "$dir: not a directory of this user"
}

# wos_lock_open FD FILE: opens the file of a lock, which stays when it is free.
# Who may not write to the one that another user has left can lock it all the
# same if he may read it; and else put a new one in its place, if the folder is
# his.
wos_lock_open() {
	[[ -p $2 || -h $2 ]] && return 1
	eval "exec $1>>\"\$2\"" 2>/dev/null || eval "exec $1<\"\$2\"" 2>/dev/null ||
		{ rm -f -- "$2" && eval "exec $1>>\"\$2\""; } 2>/dev/null
}

# wos_lock_file FD PATH: 0 with the lock held, 1 if another holds it.
wos_lock_file() {
	local fd=$1 path=$2

	if ! type -P flock >/dev/null; then
		wos_lock_link "$path.lock"
		return
	fi
	# The children inherit the descriptor: killing this script alone does
	# not make room for a second run beside a pipe that still works.
	wos_lock_open "$fd" "$path.lock" || wos_die 1 "$path.lock: can't be opened"
	flock -n "$fd"
	case $? in
	0) return 0 ;;
	1) return 1 ;;
	*) wos_die 1 "$path.lock: flock failed" ;;
	esac
}

# The same without flock(1), as on macOS: a symbolic link that points to the
# holder's pid is made and filled in one step.
wos_links=()
wos_unlink() {
	rm -f -- "${wos_links[@]}"
}
wos_lock_link() {
	local link=$1.pid holder tries=0

	while ((tries++ < 3)); do
		if ln -s "$$" "$link" 2>/dev/null; then
			((${#wos_links[@]} > 0)) || wos_at_exit wos_unlink
			wos_links+=("$link")
			return 0
		fi
		# The holder may have gone in between: then try again.
		holder=$(readlink "$link") || continue
		if wos_alive "$holder"; then
			return 1
		fi
		rm -f -- "$link"
	done
	[[ -h $link ]] || wos_die 1 "$link: can't be made"
	return 1
}

# wos_alive PID: there is such a process, and it is one of ours: after a
# restart of the machine its number may be anybody's.
wos_alive() {
	local args

	if args=$(ps -p "$1" -o args= 2>/dev/null); then
		[[ $args == *wos-* ]]
	else
		kill -0 "$1" 2>/dev/null
	fi
}

# wos_pipe FUNCTION: runs the function, a pipe of programs, and returns what it
# returns.  SIGTERM, SIGINT and SIGHUP reach the pipe's source only: it stops,
# what it wrote until then is still applied, and this script ends as the signal
# would have ended it, or with 0 if the source takes the signal as its normal
# end.  The function's other programs say wos_drains before they start.
wos_pipe() {
	local child status=1 now

	wos_signal=
	set -m # a process group of its own, to be signalled as one
	{
		wos_told=
		trap 'wos_told=143' TERM
		"$1"
	} </dev/null &
	child=$!
	set +m
	trap 'wos_forward TERM '"$child" TERM
	trap 'wos_forward INT '"$child" INT
	trap 'wos_forward HUP '"$child" HUP
	while :; do
		wos_interrupted=
		wait "$child"
		now=$?
		# 127: it was told before, just when a signal came.
		((now == 127)) || status=$now
		[[ $wos_interrupted ]] || break
	done
	wos_untrap
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

# wos_killed NAME STATUS: says so if a signal ended the program; all else it
# has said itself.  SIGPIPE is what a program dies of whose reader has died, and
# SIGTERM may have been ours.
wos_killed() {
	(($2 <= 128 || $2 == 141)) || [[ $wos_told == "$2" ]] ||
		wos_log error "$1: ended by signal $(($2 - 128))" signal $(($2 - 128))
}

# wos_failed NAME STATUS: the end, after a program that has failed.
wos_failed() {
	wos_told=
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
	if (($2 == 3 || $3 == 3)); then
		return 3
	fi
	return 0
}
