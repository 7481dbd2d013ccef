# shellcheck shell=bash
# What wos-sync knows of its cursor's age.  The API promises events of the last
# 30 days and forgets them after 90 at the latest, and with an event the cursor
# that names it.  Sourced by wos-sync; bash 3.2 will do.

# In milliseconds, as all times here.
day=86400000
# The cursor's age, from when a person is told, and from when loudly.
cursor_warn=$((20 * day))
cursor_late=$((29 * day))
# How far back the API promises to reach, and may at best.
api_promises=$((30 * day))
api_keeps=$((90 * day))
# A resume begins that much before the end that was last seen, unless --margin
# says otherwise: the API may list an event a little after its time.
default_margin=300000

# What cursor_read sets; empty where it is not known.
cursor_id='' cursor_at='' tail_at=''

# cursor_read OPTION...: asks the database for its cursor.
cursor_read() {
	local info name value

	info=$("$wos_apply" "$@" --cursor-info -- "$wos_db") || exit
	while read -r name value; do
		case $name in
		event_id) cursor_id=$value ;;
		event_at) cursor_at=$value ;;
		tail_seen_at) tail_at=$value ;;
		esac
	done <<<"$info"
	[[ $cursor_at || ! $cursor_id ]] || cursor_at=$(ulid_time "$cursor_id")
}

# ulid_time ID: the time in a ULID, the last 26 characters of an event's id;
# nothing if it does not end in one.
ulid_time() {
	local digits=0123456789ABCDEFGHJKMNPQRSTVWXYZ time=0 before i
	local ulid=${1: -26}

	[[ $ulid =~ ^[0-7][0-9A-HJKMNP-TV-Z]{25}$ ]] || return 0
	for ((i = 0; i < 10; i++)); do
		before=${digits%%"${ulid:i:1}"*}
		time=$((time * 32 + ${#before}))
	done
	echo "$time"
}

# now_ms: sets now.
now_ms() {
	# bash since 4.2 knows it without another process.
	printf -v now '%(%s)T' -1 2>/dev/null || now=$(date +%s)
	now=$((now * 1000))
}

# iso MS: the time for a person.
iso() {
	date -u -d "@$(($1 / 1000))" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null ||
		date -u -r "$(($1 / 1000))" +%Y-%m-%dT%H:%M:%SZ
}

# span_ms TIME: an age such as 90s, 5m, 1h or 30d in milliseconds; fails for
# anything else.
span_ms() {
	local number=${1%?} unit

	case $1 in
	*s) unit=1000 ;;
	*m) unit=60000 ;;
	*h) unit=3600000 ;;
	*d) unit=$day ;;
	*) return 1 ;;
	esac
	[[ $number =~ ^[0-9]{1,8}$ ]] || return 1
	echo $((10#$number * unit))
}

# cursor_known: sets known to the last moment up to which the database has
# everything: that of the cursor's event, or when the end of the stream was seen
# after it.
cursor_known() {
	known=${cursor_at:-0}
	if ((${tail_at:-0} > known)); then
		known=$tail_at
	fi
}

# cursor_clock NOW: tells a person while there is still time.
cursor_clock() {
	local known age

	cursor_known
	((known > 0)) || return 0
	age=$(($1 - known))
	if ((age >= cursor_late)) && wos_is_json; then
		wos_log warning "$wos_shown was in step for the last time on \
$(iso "$known"), $((age / day)) days ago: WorkOS promises to keep events for 30 days \
only" cursor_age_days $((age / day))
	elif ((age >= cursor_late)); then
		cat >&2 <<-END
		$wos_name: WARNING: $wos_shown was in step for the last time on $(iso "$known"),
		$wos_name: WARNING: $((age / day)) days ago: WorkOS promises to keep events for 30 days only.
		END
	elif ((age >= cursor_warn)); then
		wos_log warning "$wos_shown was in step for the last time on \
$(iso "$known"), $((age / day)) days ago; WorkOS keeps events for 30 days" \
		    cursor_age_days $((age / day))
	fi
}

# cursor_is_quiet NOW: the API may have forgotten the cursor's event, yet there
# was none after it for so long: going on from a time has no gap.
cursor_is_quiet() {
	[[ $cursor_at && $tail_at ]] &&
		(($1 - cursor_at >= cursor_late && $1 - tail_at < cursor_late))
}

# cursor_start NOW MARGIN: the time from which a resume asks for events.
cursor_start() {
	local known start

	cursor_known
	start=$((known - $2))
	if ((start < $1 - api_keeps)); then
		start=$(($1 - api_keeps))
	fi
	echo "$start"
}

# cursor_gap NOW OPTION...: says, and records in the database, between which
# times events may be missing after a resume; or says that there is no gap.
cursor_gap() {
	local now=$1 known
	local to=$((now - api_promises))

	shift
	cursor_known
	if ((known >= to)); then
		wos_log info "starting again from $(iso "$known"), when everything had \
been seen: nothing is missing"
		return 0
	fi
	wos_log warning "starting again; events between $(iso "$known") and \
$(iso "$to") may be missing" gap_from "$known" gap_to "$to"
	"$wos_apply" "$@" --gap "$known:$to" -- "$wos_db"
}
