# SPDX-License-Identifier: MIT
# wos-status-page.awk: the page.  One file with nothing to load, and one script,
# wos-status.js, which looks at the clock; wos-status-charts.awk draws its charts.

function print_page() {
	nsteps = find_steps()
	print "<!doctype html>"
	printf "<html lang=\"en\" data-made=\"%.0f\" data-until=\"%.0f\">\n",
	    now, valid
	print "<head>"
	print "<meta charset=\"utf-8\">"
	# Nothing that got into a text could load or run, escaped or not: of scripts
	# only the one with this sum, which a test can make.
	print "<meta http-equiv=\"Content-Security-Policy\" content=\"" \
	    "default-src 'none'; script-src " \
	    "'sha256-c5ERNPam/q9OX0M+3Ib+zeEqUh9RJkZCrmZakgZEbjk='; " \
	    "style-src 'unsafe-inline'; img-src data:\">"
	# When its time is over, there is a newer one, or this is shown as old.
	printf "<meta http-equiv=\"refresh\" content=\"%.0f\">\n",
	    valid - now < MINUTE ? 60 : (valid - now) / SECOND + 1
	print "<meta name=\"viewport\" content=\"width=device-width\">"
	print "<meta name=\"robots\" content=\"noindex\">"
	print "<meta name=\"referrer\" content=\"no-referrer\">"
	print "<title>" verdict " · " h(database) "</title>"
	print_favicon()
	print "<style>"
	print_file(ENVIRON["WOS_CSS"])
	print "</style>"
	print "<script>"
	print_file(ENVIRON["WOS_JS"])
	print "</script>"
	print "</head>"
	print "<body>"
	print "<main>"
	print_verdict()
	print_numbers()
	print "<div class=\"cards\">"
	print_periods()
	print_objects("users", "Users", users)
	print_objects("organizations", "Organizations", organizations)
	print_events()
	print_signins()
	print_failures()
	print_types()
	print_tables()
	print "</div>"
	print "<h2 class=\"part\">How it is kept in step</h2>"
	print_keeping()
	print "<div class=\"cards\">"
	for (c = 1; c <= ncursors; c++)
		print_cursor(c)
	if (nparked > 0)
		print_parked()
	print_lag()
	print "</div>"
	print "</main>"
	print "<footer>Made by wos-status at " when(now) ", valid until " \
	    when(valid) ". All times and days are UTC.</footer>"
	print "</body>"
	print "</html>"
}

# Text for HTML, also between quotes.
function h(text) {
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	gsub(/>/, "\\&gt;", text)
	gsub(/"/, "\\&quot;", text)
	gsub(/'/, "\\&#39;", text)
	return text
}

# Two digits behind the point are enough for a place.
function num(x) {
	return sprintf("%.2f", x) + 0
}

# A type's name, which may be broken where its words end.
function type_html(text) {
	text = h(text)
	gsub(/[._]/, "&<wbr>", text)
	return "<bdi>" text "</bdi>"
}

# A text from the database: its direction of writing stays its own.
function name(text) {
	return "<bdi>" h(text) "</bdi>"
}

function print_file(file,	line, lines) {
	while ((getline line < file) > 0) {
		print line
		lines++
	}
	if (lines == 0) {
		print "wos-status: " file ": can't be read" | "cat 1>&2"
		failed_to_read = 1
	}
}

#
# The head of the page.
#
function tone() {
	return status == 0 ? "ok" : status == 1 ? "warning" : "critical"
}

# Grey, where only the script can say that it may be green.
function print_favicon(	colour) {
	colour = status == 0 ? "14683f" : status == 1 ? "c07a00" : "c22b22"
	print "<link rel=\"icon\" data-colour=\"" colour "\" href=\"" \
	    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' " \
	    "viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%23" \
	    (status == 0 ? "767c83" : colour) "'/%3E%3C/svg%3E\">"
}

function icon(word) {
	if (word == "fresh")
		return "<circle cx=\"12\" cy=\"12\" r=\"10\"/>" \
		    "<path d=\"m7.5 12.5 3 3 6-7\"/>"
	if (word == "behind")
		return "<circle cx=\"12\" cy=\"12\" r=\"10\"/>" \
		    "<path d=\"M12 6.5V12l3.5 2.5\"/>"
	if (word == "parked")
		return "<circle cx=\"12\" cy=\"12\" r=\"10\"/>" \
		    "<path d=\"M9.5 8.5v7m5-7v7\"/>"
	if (word == "partial")
		return "<circle cx=\"12\" cy=\"12\" r=\"10\"/>" \
		    "<path d=\"M12 2a10 10 0 0 1 0 20Z\"/>"
	if (word == "gap")
		return "<path d=\"M2 12h6m8 0h6M8 7v10m8-10v10\"/>"
	return "<path d=\"M12 2.5 22.5 21h-21ZM12 9.5v5m0 3.2v.1\"/>"
}

function print_verdict(	i) {
	print "<header><h1>" name(database) "</h1>"
	print "<p class=\"soft\">" when(now) ", valid until " when(valid) \
	    "</p></header>"
	print_validity()
	for (i = 1; i <= nruns; i++)
		print "<p class=\"run" (run_state[i] ~ /failed|lost/ ? " bad" : "") \
		    "\">" sentence(run_name(i) ": " run_text(i)) "</p>"
	print "<section class=\"verdict " tone() "\">"
	print "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">" icon(verdict) \
	    "</svg>"
	print "<div class=\"why\"><strong>" verdict "</strong>"
	for (i = 1; reason_word[i] != verdict; i++)
		;
	print "<p>" sentence(reasons[i]) "</p>"
	if (nreasons > 1)
		print_other_reasons(i)
	if (nsteps > 0)
		print_steps()
	print "</div></section>"
}

# What the script shows when the page is old, or made later than now; or without
# a script, which can't tell.
function print_validity() {
	print "<p class=\"note aged\" role=\"alert\"><b>This page is old.</b>" \
	    " It was made <span class=\"age\">at " when(now) "</span> and was" \
	    " valid until " when(valid) ". Nothing has renewed it: see that" \
	    " wos-sync and wos-status still run.</p>"
	print "<p class=\"note ahead\">By the clock of your machine, this page" \
	    " will only be made at " when(now) ": a clock is wrong.</p>"
	print "<p class=\"note unchecked\">Without its script this page can't see" \
	    " how old it is. Look at the clock: it is valid until " \
	    when(valid) ".</p>"
}

function print_steps(	i) {
	print "<h2>What to do</h2><ul class=\"steps\">"
	for (i = 1; i <= nsteps; i++)
		print "<li>" sentence(next_step[i]) "</li>"
	print "</ul>"
}

function print_other_reasons(first,	i) {
	print "<ul>"
	for (i = 1; i <= nreasons; i++)
		if (i != first)
			print "<li>" sentence(reasons[i]) "</li>"
	print "</ul>"
}

function sentence(text) {
	return h(toupper(substr(text, 1, 1)) substr(text, 2)) "."
}

function print_number(label, value, note) {
	print "<div><dt>" label "</dt><dd>" value "</dd><dd>" note "</dd></div>"
}

function print_numbers() {
	print "<dl class=\"card numbers\">"
	if ("user" in rows)
		print_number("Users", number(rows["user"]), more(users))
	if ("organization" in rows)
		print_number("Organizations", number(rows["organization"]),
		    more(organizations))
	if ("organization_membership" in rows)
		print_number("Memberships",
		    number(rows["organization_membership"]), "now")
	if (all_succeeded + all_failed > 0)
		print_number("Sign-ins", number(all_succeeded),
		    percent(all_failed, all_succeeded + all_failed) " failed")
	print_number("Events", number(rows["events_cursor"]), oldest == "" ? \
	    "none yet" : "since " iso(oldest))
	print "</dl>"
}

function print_keeping() {
	print "<dl class=\"card numbers\">"
	if (nlags > 0)
		print_last_lag()
	print_number("Parked", number(rows["parked_event"]),
	    rows["parked_event"] > 0 ? "see below" : "all were applied")
	print_number("Compared", !compared ? "never" : verified_at == "" ? \
	    "not all" : ago(since(verified_at)), unfinished != "" ? \
	    "the newest has not ended" : !compared ? "see wos-verify" : \
	    verified_text())
	if (size != "")
		print_number("Size", bytes(size), "on disk")
	print "</dl>"
}

# Days that were not read have no number.
function more(count,	n) {
	if (!first_counted)
		return ""
	n = count[last_counted] - count[first_counted]
	return (n < 0 ? "−" number(-n) : n > 0 ? "+" number(n) : "no change") \
	    " in " counted(ndays, "day", "days")
}

#
# The last days, beside as many before.
#
function print_periods(	i, k) {
	if (nperiods == 0)
		return
	print "<section class=\"card wide\"><h2>The last days, and as many before</h2>"
	print "<p class=\"soft\">To the minute, and only if all of the days" \
	    " before were read</p>"
	print "<div class=\"scroll\" tabindex=\"0\" role=\"region\"" \
	    " aria-label=\"The last days\"><table class=\"periods\">"
	print "<caption>The last 7 and 30 days, beside as many before</caption>"
	print "<thead><tr><th scope=\"col\"></th>"
	print_period_heads(7)
	print_period_heads(30)
	print "</tr></thead><tbody>"
	for (i = 1; i <= nperiods; i++) {
		k = period_name[i]
		print "<tr><th scope=\"row\">" toupper(substr(k, 1, 1)) \
		    substr(k, 2) "</th>" period_cells(7, k) period_cells(30, k) \
		    "</tr>"
	}
	print "</tbody></table></div></section>"
}

function print_period_heads(days) {
	print "<th scope=\"col\">" days " days" (period_read[days] == "whole" ? \
	    "" : ",<br>in part") "</th><th scope=\"col\">before</th>" \
	    "<th scope=\"col\">change</th>"
}

# A change is one only if both were read whole.
function period_cells(days, what,	a, b, change) {
	a = period_now[days, what]
	b = period_before[days, what]
	change = "-"
	if (b != "-" && b > 0 && period_read[days] == "whole")
		change = (a > b ? "+" : a < b ? "−" : "±") \
		    sprintf("%.0f", 100 * (a > b ? a - b : b - a) / b) " %"
	return cell("<b>" known(a) "</b>") cell(known(b)) \
	    cell(change)
}

# Which sign-ins failed, why, and whose they were.
function print_failures(	i) {
	print "<section class=\"card\"><h2>Failed sign-ins</h2>"
	if (nfailures["reason"] == 0) {
		print "<p class=\"soft\">" (all_failed > 0 ? \
		    "Nothing is known of them" : none("failed sign-ins")) \
		    ".</p></section>"
		return
	}
	print "<p class=\"soft\">" in_days_by("reason") "</p>"
	print_failure_table("reason", "Failed sign-ins by reason")
	print "<p class=\"soft\">" in_days_by("organization") \
	    ": for each one that the user belongs to</p>"
	print_failure_table("organization", "Failed sign-ins by organization")
	print "</section>"
}

function in_days_by(what) {
	return toupper(substr(what, 1, 1)) substr(what, 2) "s " in_days()
}

# What is of no organization has no bar: it would make all others small.
function print_failure_table(by, about,	i, most, bar) {
	print "<table><caption>" about "</caption><tbody>"
	for (i = 1; i <= nfailures[by]; i++) {
		bar = ""
		if (failure_id[by, i] != "") {
			most = most ? most : failure_events[by, i]
			bar = "<i style=\"width:" num(100 * \
			    failure_events[by, i] / most) "%\"></i>"
		}
		print "<tr style=\"--c:var(--failed)\"><th scope=\"row\">" \
		    failure_html(by, i) "</th><td>" \
		    number(failure_events[by, i]) "</td><td class=\"share\">" \
		    bar "</td></tr>"
	}
	print "</tbody></table>"
}

function failure_html(by, i) {
	if (by == "reason")
		return type_html(failure_id[by, i])
	if (failure_id[by, i] == "")
		return "<span class=\"soft\">none that is known</span>"
	return failure_name[by, i] == "" ? \
	    "<code>" name(failure_id[by, i]) "</code>" : \
	    name(failure_name[by, i])
}

function print_last_lag(	i) {
	for (i = ndays; !(day[i] in lag); i--)
		;
	print_number("Lag", span(lag[day[i]]), "median of " \
	    (i == ndays ? "today" : short_day(day[i])))
}

#
# A cursor, and how far it is from what the API forgets.
#
function print_cursor(c,	tint, at) {
	tint = age[c] == "" ? "warning" : age[c] > stale ? "critical" : \
	    tail_age[c] == "" || tail_age[c] > behind ? "warning" : "ok"
	print "<section class=\"card wide cursor " tint "\">"
	print "<h2>Cursor " name(cursor_name[c]) "</h2>"
	if (age[c] != "") {
		at = 100 * left[c] / RETENTION
		print "<p class=\"soft\">" sentence(left_text(c)) "</p>"
		print "<div class=\"gauge\" aria-hidden=\"true\"><i style=\"" \
		    "width:" num(at) "%\"></i>" stale_mark("<b style=\"left:", \
		    "\"></b>") "</div>"
		print "<div class=\"scale\" aria-hidden=\"true\"><span>forgotten" \
		    "</span>" stale_mark("<span class=\"mark\" style=\"left:",
		    "\">stale</span>") "<span class=\"end\">30 days</span></div>"
	}
	print "<dl>"
	print "<dt>event</dt><dd><code>" name(cursor_event[c]) "</code></dd>"
	if (event_at[c] != "")
		print "<dt>happened</dt><dd>" at_and_ago(event_at[c]) "</dd>"
	if (moved_at[c] != "")
		print "<dt>applied</dt><dd>" at_and_ago(moved_at[c]) "</dd>"
	print "<dt>newest seen</dt><dd>" (tail_at[c] == "" ? "never" : \
	    at_and_ago(tail_at[c])) "</dd>"
	if (gap(c))
		print "<dt>gap</dt><dd>" when(gap_from[c]) " to " \
		    when(gap_to[c]) "</dd>"
	print "<dt>stands for</dt><dd>" h(scope_text(cursor_name[c])) "</dd>"
	if (nrefused[cursor_name[c]] > 0)
		print "<dt>refused</dt><dd>" h(refused_text(cursor_name[c])) \
		    "</dd>"
	print "</dl></section>"
}

function stale_mark(before, after) {
	return stale >= RETENTION * 0.9 || stale < RETENTION * 0.1 ? "" : \
	    before num(100 - 100 * stale / RETENTION) "%" after
}

function at_and_ago(ms) {
	return when(ms) " <span class=\"soft ago\">" ago(since(ms)) "</span>"
}

function print_parked(	i) {
	print "<section class=\"card wide\"><h2>Parked</h2>"
	print "<p class=\"soft\">" counted(rows["parked_event"], "event",
	    "events") " could not be decoded or applied, and " \
	    (rows["parked_event"] == 1 ? "waits" : "wait") \
	    " for wos-apply --parked-retry. " (rows["parked_event"] > nparked ? \
	    "The newest " nparked ":" : "") "</p>"
	print "<ul class=\"list\">"
	for (i = 1; i <= nparked; i++)
		print "<li>" name(parked_why[i]) "<br><code class=\"soft\">" \
		    name(parked_event[i] == "" ? parked_id[i] : parked_event[i]) \
		    "</code> <span class=\"soft\">" when(parked_at[i]) \
		    "</span></li>"
	print "</ul></section>"
}

#
# The tables.
#
function print_types(	i, most) {
	print "<section class=\"card\"><h2>Types of events</h2>"
	print "<p class=\"soft\">" (ntypes == 0 ? none("events") "." : \
	    counted(ntypes, "type", "types") " " in_days()) "</p>"
	most = type_events[1]
	for (i = 1; i <= ntypes; i++) {
		if (i == 13)
			print "</tbody></table><details><summary>" \
			    counted(ntypes - 12, "more", "more") "</summary>"
		if (i == 1 || i == 13)
			print "<table><caption>Events by type</caption><tbody>"
		print "<tr><th scope=\"row\">" type_html(type_name[i]) "</th>" \
		    "<td>" number(type_events[i]) "</td><td class=\"share\">" \
		    "<i style=\"width:" num(100 * type_events[i] / most) \
		    "%\"></i></td></tr>"
	}
	if (ntypes > 0)
		print "</tbody></table>"
	if (ntypes > 12)
		print "</details>"
	print "</section>"
}

function print_tables(	i, empty, n) {
	print "<section class=\"card\"><h2>Tables</h2>"
	for (i = 1; i <= ntables; i++)
		if (rows[table_name[i]] == 0)
			empty = empty (n++ ? ", " : "") table_name[i]
	print "<p class=\"soft\">Rows, where there are any</p>"
	if (pruned_text() != "")
		print "<p class=\"soft\">" sentence(pruned_text()) "</p>"
	print "<table><caption>Rows in each table</caption><tbody>"
	for (i = 1; i <= ntables; i++)
		if (rows[table_name[i]] > 0)
			print "<tr><th scope=\"row\">" type_html(table_name[i]) \
			    "</th><td>" number(rows[table_name[i]]) "</td></tr>"
	print "</tbody></table>"
	if (n > 0)
		print "<details><summary>" counted(n, "empty one", "empty ones") \
		    "</summary><p class=\"soft\">" h(empty) "</p></details>"
	print "</section>"
}
