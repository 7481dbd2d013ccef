# SPDX-License-Identifier: MIT
# wos-status-text.awk: what wos-status prints for people.

function print_text(	i, nsteps) {
	nsteps = find_steps()
	for (i = 1; i <= nruns; i++)
		printf "%s: %s\n", run_name(i), run_text(i)
	printf "%s: %s\n", verdict, why(0)
	if (why(1) != "")
		printf "also: %s\n", why(1)
	for (i = 1; i <= nsteps; i++)
		printf "next: %s\n", next_step[i]
	printf "\n%s%s, as of %s, valid until %s\n", database, \
	    (size == "") ? "" : ", " bytes(size), when(now), when(valid)
	print_text_counts()
	if (all_events > 0) {
		print_text_periods()
		print_text_days()
	}
	print_text_failures("reason")
	print_text_failures("organization")
	print_text_types()
	print_text_tables()
	print_text_parked()
	print_text_verified()
	for (c = 1; c <= ncursors; c++)
		print_text_cursor(c)
}

function print_text_counts() {
	if ("user" in rows && "organization" in rows)
		printf "  %s, %s\n", counted(rows["user"], "user", "users"),
		    counted(rows["organization"], "organization", "organizations")
	printf "  %s", counted(rows["events_cursor"], "event", "events")
	if (oldest != "")
		printf ", from %s to %s", iso(oldest), iso(newest)
	printf "\n"
	if (pruned_text() != "")
		printf "  %s\n", pruned_text()
}

# The last 7 and 30 days, each beside as many before; what was not read is -.
function print_text_periods(	i, k) {
	if (nperiods == 0)
		return
	printf "\n%-18s %9s %9s %9s %9s\n", "of the last", "7 days", "before",
	    "30 days", "before"
	for (i = 1; i <= nperiods; i++) {
		k = period_name[i]
		printf "%-18s %9s %9s %9s %9s\n", k, known(period_now[7, k]),
		    known(period_before[7, k]), known(period_now[30, k]),
		    known(period_before[30, k])
	}
	for (i = 7; i <= 30; i += 23)
		if (period_read[i] != "whole")
			printf "of the last %d days not all was read\n", i
}

function print_text_failures(by,	i) {
	if (nfailures[by] == 0)
		return
	printf "\n%9s  sign-ins of the last %s, by %s\n", "failed",
	    counted(ndays, "day", "days"), by
	for (i = 1; i <= nfailures[by]; i++)
		printf "%9s  %s\n", number(failure_events[by, i]),
		    failure_text(by, i)
}

function failure_text(by, i) {
	if (failure_id[by, i] == "")
		return "of no organization that is known"
	return failure_name[by, i] == "" ? failure_id[by, i] : \
	    failure_name[by, i] ", " failure_id[by, i]
}

function print_text_verified() {
	printf "\ncompared with WorkOS: %s\n", (!compared) ? "never" : \
	    (verified_at == "" ? "not all tables" : \
	    when(verified_at) ", " ago(since(verified_at))) ": " verified_text()
	if (unfinished != "")
		printf "a comparison that began %s has not ended\n",
		    when(unfinished)
}

function print_text_cursor(c) {
	printf "\ncursor %s\n", cursor_name[c]
	printf "  event       %s\n", cursor_event[c]
	if (event_at[c] != "")
		printf "  happened    %s, %s\n", when(event_at[c]),
		    ago(since(event_at[c]))
	if (moved_at[c] != "")
		printf "  applied     %s, %s\n", when(moved_at[c]),
		    ago(since(moved_at[c]))
	printf "  newest seen %s\n", (tail_at[c] == "") ? "never" : \
	    when(tail_at[c]) ", " ago(tail_age[c])
	if (gap(c))
		printf "  gap         %s to %s\n", when(gap_from[c]), when(gap_to[c])
	printf "  stands for  %s\n", scope_text(cursor_name[c])
	if (nrefused[cursor_name[c]] > 0)
		printf "  refused     %s\n", refused_text(cursor_name[c])
	if (age[c] != "")
		printf "  retention   %s\n", left_text(c)
}

# A week of them; the page has all.
function print_text_days(	i, d, gone) {
	printf "\n%-10s %9s %9s %9s %9s  %s\n", "day", "events", "sign-ins",
	    "failed", "users", "lag"
	for (i = ndays > 7 ? ndays - 6 : 1; i <= ndays; i++) {
		d = day[i]
		gone = d in unread && unread[d] == "none"
		printf "%s %9s %9s %9s %9s  %s%s\n", d,
		    gone ? "-" : number(events[d]),
		    gone ? "-" : number(succeeded[d]),
		    gone ? "-" : number(failed[d]),
		    (d in users) ? number(users[d]) : "-",
		    d in lag ? span(lag[d]) : "-",
		    d in unread ? ", " unread_text(d) : ""
	}
}

function print_text_types(	i) {
	if (ntypes == 0)
		return
	printf "\n%9s  of the last %s\n", "events", counted(ndays, "day", "days")
	for (i = 1; i <= ntypes && i <= 10; i++)
		printf "%9s  %s\n", number(type_events[i]), type_name[i]
	if (ntypes > 10)
		printf "%9s  %s\n", "", counted(ntypes - 10, "more type",
		    "more types")
}

function print_text_tables(	i) {
	printf "\n%9s  in table\n", "rows"
	for (i = 1; i <= ntables; i++)
		if (rows[table_name[i]] > 0)
			printf "%9s  %s\n", number(rows[table_name[i]]),
			    table_name[i]
}

function print_text_parked(	i) {
	if (nparked == 0)
		return
	printf "\nparked%s\n", (rows["parked_event"] > nparked) ? \
	    ", the newest " nparked : ""
	for (i = 1; i <= nparked; i++)
		printf "  %s  %s\n    %s\n", when(parked_at[i]),
		    (parked_event[i] == "") ? parked_id[i] : parked_event[i],
		    parked_why[i]
}
