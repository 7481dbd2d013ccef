# SPDX-License-Identifier: MIT
# wos-status.awk: reads the facts that wos-apply --status prints, and puts them
# into words.  The text is in wos-status-text.awk, the page in wos-status-page.awk.
#
# In: format, html or text.
#
# Numbers beyond 2^31 are only ever printed with %.0f: one awk's %d ends there,
# and another makes 1.79545e+12 of a time.

BEGIN {
	FS = "\t"
	SECOND = 1000
	MINUTE = 60 * SECOND
	HOUR = 60 * MINUTE
	DAY = 24 * HOUR
	NFAMILIES = split("sign-ins sessions users organizations directories other",
	    FAMILY, " ")
	split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", MONTH, " ")
	split("Mon Tue Wed Thu Fri Sat Sun", WEEKDAY, " ")
}

$1 == "verdict" {
	verdict = $2
	status = $3
}
$1 == "reason" {
	reason_word[++nreasons] = $2
	reasons[nreasons] = $3
	reason_next[nreasons] = $4
}
$1 == "run" {
	run_cursor[++nruns] = $2
	run_state[nruns] = $3
	run_began[nruns] = time($4)
	run_ended[nruns] = time($5)
	run_status[nruns] = $6
	run_reason[nruns] = $7
	run_message[nruns] = $8
	run_next[nruns] = $9
}
$1 == "limits" {
	behind = $2 + 0
	stale = $3 + 0
	RETENTION = $4 + 0
}
$1 == "now" { now = $2 + 0 }
$1 == "valid" { valid = $2 + 0 }
$1 == "database" {
	database = $2
	sub(/^\.\//, "", database)
}
$1 == "size" { size = $2 + 0 }
$1 == "ledger" && $2 != "-" {
	oldest = $2
	newest = $3
}
$1 == "pruned" {
	pruned_payloads = time($2)
	pruned_facts = time($3)
}
$1 == "cursor" {
	c = ++ncursors
	cursor_name[c] = $2
	cursor_event[c] = $3
	event_at[c] = time($4)
	moved_at[c] = time($5)
	tail_at[c] = time($6)
	gap_from[c] = time($7)
	gap_to[c] = time($8)
}
$1 == "age" {
	age[ncursors] = time($3)
	tail_age[ncursors] = time($4)
	left[ncursors] = time($5)
}
$1 == "scope" {
	scope[$2] = $3
	scope_types[$2] = $4 + 0
	scope_since[$2] = time($7)
	scope_organization[$2] = $8 == "-" ? "" : $8
}
$1 == "verified" {
	verified_at = time($2)
	compared = $3 != "-"
	differences = $3 + 0
	repaired = $4 + 0
	not_listed = $5 + 0
	unfinished = time($6)
}
$1 == "refused" { refused[$2, ++nrefused[$2]] = $3 }
$1 == "parked" {
	p = ++nparked
	parked_id[p] = $2
	parked_event[p] = $3 == "-" ? "" : $3
	parked_at[p] = time($4)
	parked_why[p] = $5
}
$1 == "table" {
	table_name[++ntables] = $2
	rows[$2] = $3 + 0
}
$1 == "window" {
	for (d = days_of($2); d <= days_of($3); d++)
		day[++ndays] = iso(d * DAY)
}
$1 == "unread" { unread[$2] = $3 }
$1 == "period" {
	if (!($3 in period_now))
		period_name[++nperiods] = $3
	period_now[$3] = 1
	period_now[$2, $3] = $4
	period_before[$2, $3] = $5
	period_read[$2] = $6
}
$1 == "failure" {
	failure_events[$2, ++nfailures[$2]] = $3
	failure_id[$2, nfailures[$2]] = $4 == "-" ? "" : $4
	failure_name[$2, nfailures[$2]] = $5 == "-" ? "" : $5
}
$1 == "day" {
	events[$2, $3] += $4
	events[$2] += $4
	family_events[$3] += $4
	all_events += $4
}
$1 == "type" {
	type_name[++ntypes] = $2
	type_events[ntypes] = $3 + 0
}
$1 == "signins" {
	succeeded[$2] = $3 + 0
	failed[$2] = $4 + 0
	all_succeeded += $3
	all_failed += $4
}
$1 == "objects" {
	users[$2] = $3 + 0
	organizations[$2] = $4 + 0
	if (!first_counted)
		first_counted = $2
	last_counted = $2
}
$1 == "lag" {
	lag[$2] = $3 + 0
	lag95[$2] = $4 + 0
	nlags++
}

END {
	if (format == "html")
		print_page()
	else
		print_text()
	exit failed_to_read
}

# A time in Unix milliseconds, or "" where there is none.
function time(text) {
	return text ~ /^[0-9]+$/ ? text + 0 : ""
}

# "96 event types", and what there is to add.
function scope_text(name,	text) {
	text = counted(scope_types[name], "event type", "event types")
	if (scope[name] != "known")
		text = "not known"
	if (scope_since[name] != "")
		text = text ", from " when(scope_since[name])
	if (scope_organization[name] != "")
		text = text ", of " scope_organization[name] " only"
	return text
}

# The types that the API has refused, in one line.
function refused_text(name,	i, text) {
	for (i = 1; i <= nrefused[name]; i++)
		text = text (i > 1 ? ", " : "") refused[name, i]
	return text
}

# A gap without an extent is one that somebody has dealt with.
function gap(c) {
	return gap_from[c] != "" && gap_to[c] > gap_from[c]
}

# The reasons of the verdict, or with `rest` the other ones, joined.
function why(rest,	i, text) {
	for (i = 1; i <= nreasons; i++)
		if (!rest == (reason_word[i] == verdict))
			text = text (text == "" ? "" : "; ") reasons[i]
	return text
}

# The last run: "done 2 min ago, in 3 s".
function run_text(i,	text) {
	if (run_state[i] == "at work")
		return "at work since " when(run_began[i])
	if (run_state[i] == "lost")
		return "began " ago(since(run_began[i])) \
		    " and never ended: it was killed, or the machine stopped"
	if (run_state[i] != "failed") {
		text = "done " ago(since(run_ended[i]))
		if (run_ended[i] > run_began[i])
			text = text ", in " span(run_ended[i] - run_began[i])
		return text (run_state[i] == "parked" ? "; events were parked" : "")
	}
	text = "failed " ago(since(run_ended[i])) ", with status " \
	    run_status[i] " (" run_reason[i] ")"
	return text (run_message[i] == "-" ? "" : ": " run_message[i])
}

# What to do, one thing after the other, into next_step[]: about runs, about the
# verdict, and about what else there is.
function find_steps(	i, n, seen) {
	for (i = 1; i <= nruns; i++)
		n = add_step(run_next[i], n, seen)
	for (i = 1; i <= nreasons; i++)
		if (reason_word[i] == verdict)
			n = add_step(reason_next[i], n, seen)
	for (i = 1; i <= nreasons; i++)
		n = add_step(reason_next[i], n, seen)
	return n
}

function add_step(text, n, seen) {
	if (text == "-" || text in seen)
		return n
	seen[text]
	next_step[n + 1] = text
	return n + 1
}

function run_name(i) {
	return nruns > 1 ? "last run of " run_cursor[i] : "last run"
}

function since(at) {
	return at > now ? 0 : now - at
}

# What wos-verify has found: 12 differences, 3 tables not listed
function verified_text(	text) {
	text = differences > 0 ? \
	    counted(differences, "difference", "differences") : "no differences"
	if (repaired > 0)
		text = text ", " number(repaired) " repaired"
	if (not_listed > 0)
		text = text ", " counted(not_listed, "table", "tables") " not listed"
	return text
}

function left_text(c) {
	return left[c] > 0 ? span(left[c]) " left until the API may forget" : \
	    "the API may have forgotten what came after"
}

function unread_text(d) {
	return unread[d] == "none" ? "not read" : "read in part"
}

function known(n) {
	return n == "-" ? n : number(n)
}

#
# Numbers, times and days as people read them.
#
function counted(n, one, many) {
	return number(n) " " (n == 1 ? one : many)
}

# 1,234,567
function number(n,	text, out) {
	text = sprintf("%.0f", n)
	while (length(text) > 3 && text !~ /^-...$/) {
		out = "," substr(text, length(text) - 2) out
		text = substr(text, 1, length(text) - 3)
	}
	return text out
}

# Two units at most, and the second only where it matters: 1 h 5 min, 12 days
function span(ms,	s, m, hours, d) {
	if (ms < SECOND)
		return ms < 1 ? "0 s" : sprintf("%.0f ms", ms)
	s = int(ms / SECOND)
	m = int(ms / MINUTE)
	hours = int(ms / HOUR)
	d = int(ms / DAY)
	if (m < 1)
		return s " s"
	if (m < 10)
		return m " min" (s % 60 ? " " s % 60 " s" : "")
	if (hours < 1)
		return m " min"
	if (hours < 10)
		return hours " h" (m % 60 ? " " m % 60 " min" : "")
	if (d < 2)
		return hours " h"
	if (d < 10)
		return d " days" (hours % 24 ? " " hours % 24 " h" : "")
	return number(d) " days"
}

function ago(ms) {
	return ms < SECOND ? "just now" : span(ms) " ago"
}

function bytes(n) {
	if (n < 1000)
		return n " bytes"
	if (n < 1e6)
		return sprintf("%.3g kB", n / 1e3)
	return n < 1e9 ? sprintf("%.3g MB", n / 1e6) : sprintf("%.3g GB", n / 1e9)
}

function percent(part, whole) {
	return whole > 0 ? sprintf("%.1f %%", 100 * part / whole) : "-"
}

# Days since 1970 of 2026-11-23, and a time's date.  A year begins in March
# here, so that the leap day is its last.
function days_of(text,	y, m, d, era) {
	y = substr(text, 1, 4) + 0
	m = substr(text, 6, 2) + 0
	d = substr(text, 9, 2) - 1
	y -= m <= 2
	m = (m + 9) % 12
	era = int(y / 400)
	y -= era * 400
	return era * 146097 + y * 365 + int(y / 4) - int(y / 100) + \
	    int((153 * m + 2) / 5) + d - 719468
}

function iso(ms,	days, era, y, m) {
	days = int(ms / DAY) - (ms < 0 && ms % DAY != 0) + 719468
	era = int(days / 146097)
	days -= era * 146097
	y = int((days - int(days / 1460) + int(days / 36524) - \
	    int(days / 146096)) / 365)
	days -= 365 * y + int(y / 4) - int(y / 100)
	m = int((5 * days + 2) / 153)
	days -= int((153 * m + 2) / 5) - 1
	m += m < 10 ? 3 : -9
	return sprintf("%04d-%02d-%02d", y + era * 400 + (m <= 2), m, days)
}

# 2026-11-23 17:03 UTC
function when(ms) {
	return ms == "" ? "-" : sprintf("%s %02d:%02d UTC", iso(ms),
	    int(ms / HOUR) % 24, int(ms / MINUTE) % 60)
}

# Monday is 1.
function weekday(text) {
	return (days_of(text) + 3) % 7 + 1
}

# Mon 23 Nov 2026
function long_day(text) {
	return WEEKDAY[weekday(text)] " " short_day(text) " " substr(text, 1, 4)
}

# 23 Nov
function short_day(text) {
	return substr(text, 9, 2) + 0 " " MONTH[substr(text, 6, 2) + 0]
}

# What prune has taken away, and what a rebuild has all the same.
function pruned_text(	text) {
	if (pruned_payloads != "")
		text = "payloads before " iso(pruned_payloads) " are pruned " \
		    "where no row comes from them: a rebuild has the same rows"
	if (pruned_facts != "")
		text = text (text == "" ? "" : "; ") "facts before " \
		    iso(pruned_facts) " are gone"
	return text
}
