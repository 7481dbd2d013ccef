# SPDX-License-Identifier: MIT
# wos-status-charts.awk: the charts of the page, in SVG, each with a table under it
# for those who can't see it.
#
# A chart is as wide as there is room for, and its text is not scaled: so what
# lies across is told in per cent, what lies upright in pixels.

#
# What all charts share.  TOP is above the plot, for the highest tick's text.
#

# 1, 2 or 5 times a power of ten, so that `max` takes about n of them.
function nice_step(max, n,	step, power) {
	if (max < 1)
		max = 1
	power = 1
	while (power * 10 <= max / n)
		power *= 10
	step = max / n / power
	return power * (step <= 1 ? 1 : step <= 2 ? 2 : step <= 5 ? 5 : 10)
}

# 250, 1,250, 12.5k, 3M
function compact(n) {
	if (n < 10000)
		return number(n)
	return n < 1e6 ? sprintf("%.4gk", n / 1e3) : n < 1e9 ? \
	    sprintf("%.4gM", n / 1e6) : sprintf("%.4gG", n / 1e9)
}

# The y axis from `low` to `high`; label[] has a text for each tick[].
function plot_begin(height, about,	i) {
	TOP = 8
	HEIGHT = height
	print "<div class=\"plot\">"
	print "<svg width=\"48\" height=\"" TOP + height + 24 \
	    "\" aria-hidden=\"true\">"
	for (i = 1; i <= nticks; i++)
		print "<text class=\"y\" x=\"40\" y=\"" \
		    num(y_of(tick[i]) + 4) "\">" label[i] "</text>"
	print "</svg>"
	print "<svg class=\"data\" height=\"" TOP + height + 24 \
	    "\" role=\"img\" aria-label=\"" h(about) "\">"
	for (i = 1; i <= nticks; i++)
		print "<line class=\"" (tick[i] == low && rises ? "zero" : "grid") \
		    "\" x1=\"0\" x2=\"100%\" y1=\"" num(y_of(tick[i])) \
		    "\" y2=\"" num(y_of(tick[i])) "\"/>"
	print_unread("none")
	print_unread("part")
}

# Stripes over days that were not read, or in part: a line as thick as the plot
# is high, in dashes.
function print_unread(how,	i, k) {
	for (i = 1; i <= ndays; i = k) {
		for (k = i; k <= ndays && day[k] in unread && \
		    unread[day[k]] == how; k++)
			;
		if (k > i)
			print "<line class=\"unread " how "\" x1=\"" \
			    num((i - 1) / ndays * 100) "%\" x2=\"" \
			    num((k - 1) / ndays * 100) "%\" y1=\"" \
			    TOP + HEIGHT / 2 "\" y2=\"" TOP + HEIGHT / 2 \
			    "\" style=\"stroke-width:" HEIGHT "\"/>"
		else
			k++
	}
}

function is_unread(i) {
	return day[i] in unread && unread[day[i]] == "none"
}

function y_of(value) {
	return TOP + HEIGHT * (1 - (value - low) / (high - low))
}

function x_of(i) {
	return (i - 0.5) / ndays * 100
}

function plot_end(	i, way, text) {
	for (i = 1; i <= ndays; i++) {
		way = x_tick(i)
		if (way == 0)
			continue
		text = short_day(day[i])
		print "<text class=\"x" (way == 2 ? " roomy" : "") "\" x=\"" \
		    num(x_of(i)) "%\" y=\"" TOP + HEIGHT + 20 "\">" text \
		    "</text>"
	}
	print "</svg></div>"
}

# Has day i a date under it: 0 no, 1 yes, 2 if there is room?  Up to two weeks
# that is every second day, then Mondays, then the first of a month.
function x_tick(i,	back) {
	back = ndays - i
	if (ndays <= 14)
		return back % 2 ? (ndays > 7 ? 0 : 2) : (back % 4 && ndays > 8 ? 2 : 1)
	if (ndays <= 70) {
		if (weekday(day[i]) != 1 || i == ndays)
			return 0
		return ndays > 35 && int(back / 7) % 2 ? 2 : 1
	}
	if (substr(day[i], 9) != "01" || i > ndays * 0.97)
		return 0
	if (ndays <= 120)
		return 1
	return substr(day[i], 6, 2) % 4 == 1 ? 1 : \
	    substr(day[i], 6, 2) % 2 == 1 ? 2 : 0
}

function ticks_up_to(max,	step, value) {
	low = 0
	rises = 1
	nticks = 0
	step = nice_step(max, 5)
	for (value = 0; value < max + step; value += step) {
		tick[++nticks] = value
		label[nticks] = compact(value)
		high = value
	}
}

# For a line, which need not begin at zero.
function ticks_between(min, max,	step, value) {
	if (max == min)
		max++
	step = nice_step(max - min, 3)
	rises = 0
	nticks = 0
	low = int(min / step) * step
	for (value = low; value < max + step; value += step) {
		tick[++nticks] = value
		label[nticks] = compact(value)
		high = value
	}
}

# What one sees of a day under the mouse.
function day_begin(i) {
	print "<g class=\"day" (i == ndays ? " today" : "") "\">"
	print "<rect class=\"hit\" x=\"" num((i - 1) / ndays * 100) "%\" y=\"" TOP \
	    "\" width=\"" num(100 / ndays) "%\" height=\"" HEIGHT "\"/>"
}

function day_end(i, text) {
	print "<title>" long_day(day[i]) (i == ndays ? ", so far" : "") ": " \
	    (is_unread(i) ? "not read" : day[i] in unread ? \
	    "read in part: " text : text) "</title></g>"
}

# A part of day i's bar, on top of `below`.
function print_bar(i, colour, below, value,	y, height) {
	y = y_of(below + value)
	height = y_of(below) - y
	if (below > 0 && height > 2)
		height-- # a line between it and what is below
	if (value > 0)
		print "<rect class=\"bar\" style=\"--c:var(--" colour ")\" x=\"" \
		    num((i - 1 + 0.11) / ndays * 100) "%\" width=\"" \
		    num(0.78 / ndays * 100) "%\" y=\"" num(y) "\" height=\"" \
		    num(height) "\" rx=\"1\"/>"
}

function figure_begin(class, title, note) {
	print "<figure class=\"card" class "\"><figcaption><h2>" title "</h2><p>" \
	    note "</p></figcaption>"
}

function print_legend(colour, text, count) {
	print "<li style=\"--c:var(--" colour ")\"><i></i>" text "<b>" count \
	    "</b></li>"
}

# The ledger of the system that wos replaces has no types of events.
function print_none(text) {
	if (all_events > 0 && ntypes == 0)
		text = "Not known until wos-apply has opened this database"
	print "<p class=\"none\">" text ".</p></figure>"
}

# Under the chart a table of what row[] has for each day, the newest one first.
function chart_end(about, heads,	n, head, i) {
	plot_end()
	for (i = 1; i <= ndays && !(day[i] in unread); i++)
		;
	if (i <= ndays)
		print "<p class=\"key\"><i></i>not read, or in part</p>"
	print "<details><summary>As a table</summary><div class=\"scroll\"" \
	    " tabindex=\"0\" role=\"region\" aria-label=\"" about "\"><table>"
	print "<caption>" about "</caption>"
	n = split(heads, head, ",")
	printf "<thead><tr>"
	for (i = 1; i <= n; i++)
		printf "<th scope=\"col\">%s</th>", head[i]
	print "</tr></thead><tbody>"
	for (i = ndays; i > 0; i--)
		if (i in row)
			print "<tr><th scope=\"row\">" day[i] (day[i] in unread ? \
			    ", " unread_text(day[i]) : "") "</th>" row[i] "</tr>"
	print "</tbody></table></div></details></figure>"
	split("", row)
}

function none(what,	i) {
	for (i = 1; i <= ndays && is_unread(i); i++)
		;
	return i > ndays ? "None of these days was read" : \
	    "No " what " " in_days()
}

function cell(text) {
	return "<td>" text "</td>"
}

function in_days() {
	return "in the last " counted(ndays, "day", "days")
}

#
# The charts.
#
function print_events(	i, k, d, most, below, text) {
	figure_begin(" wide", "Events a day", all_events == 0 ? "By family" : \
	    counted(all_events, "event", "events") " " in_days() \
	    ", by family; the last bar is today, so far")
	if (all_events == 0) {
		print_none(none("events"))
		return
	}
	print "<ul class=\"legend\">"
	for (k = 1; k <= NFAMILIES; k++)
		if (family_events[FAMILY[k]] > 0)
			print_legend(FAMILY[k], FAMILY[k],
			    number(family_events[FAMILY[k]]))
	print "</ul>"
	most = 1
	for (i = 1; i <= ndays; i++)
		if (events[day[i]] > events[day[most]])
			most = i
	ticks_up_to(events[day[most]])
	plot_begin(200, "Stacked bars: events a day, by family. " \
	    number(all_events) " in all; most on " long_day(day[most]) ", " \
	    number(events[day[most]]) ".")
	for (i = 1; i <= ndays; i++) {
		d = day[i]
		day_begin(i)
		below = 0
		text = counted(events[d], "event", "events")
		for (k = 1; k <= NFAMILIES; k++) {
			print_bar(i, FAMILY[k], below, events[d, FAMILY[k]])
			below += events[d, FAMILY[k]]
			row[i] = row[i] cell(is_unread(i) ? "–" : \
			    number(events[d, FAMILY[k]]))
			if (events[d, FAMILY[k]] > 0)
				text = text "\n" FAMILY[k] " " \
				    number(events[d, FAMILY[k]])
		}
		day_end(i, text)
		row[i] = row[i] cell(is_unread(i) ? "–" : number(events[d]))
	}
	chart_end("Events a day, by family", "Day,Sign-ins,Sessions,Users," \
	    "Organizations,Directories,Other,All")
}

# What failed is at the bottom, where its ups and downs can be compared.
function print_signins(	i, d, all, most) {
	all = all_succeeded + all_failed
	figure_begin("", "Sign-ins", all == 0 ? "Succeeded and failed" : \
	    percent(all_failed, all) " of " number(all) " failed " in_days())
	if (all == 0) {
		print_none(none("sign-ins"))
		return
	}
	print "<ul class=\"legend\">"
	print_legend("sign-ins", "succeeded", number(all_succeeded))
	print_legend("failed", "failed", number(all_failed))
	print "</ul>"
	most = 1
	for (i = 1; i <= ndays; i++)
		if (succeeded[day[i]] + failed[day[i]] > most)
			most = succeeded[day[i]] + failed[day[i]]
	ticks_up_to(most)
	plot_begin(160, "Stacked bars: sign-ins a day. " number(all_succeeded) \
	    " succeeded, " number(all_failed) " failed.")
	for (i = 1; i <= ndays; i++) {
		d = day[i]
		day_begin(i)
		print_bar(i, "failed", 0, failed[d])
		print_bar(i, "sign-ins", failed[d], succeeded[d])
		day_end(i, number(succeeded[d]) " succeeded, " number(failed[d]) \
		    " failed")
		row[i] = is_unread(i) ? cell("–") cell("–") cell("–") : \
		    cell(number(succeeded[d])) cell(number(failed[d])) \
		    cell(percent(failed[d], succeeded[d] + failed[d]))
	}
	chart_end("Sign-ins a day", "Day,Succeeded,Failed,Failed of all")
}

# A line through value[day], and a path for what lies between two of them; a
# day without a value is left out, and the line broken.
function print_line(value, floor,	i, d, drawn) {
	print "<svg width=\"100%\" height=\"" TOP + HEIGHT "\" viewBox=\"0 0 " \
	    ndays " " TOP + HEIGHT "\" preserveAspectRatio=\"none\">"
	printf "<path class=\"line\" d=\""
	for (i = 1; i <= ndays; i++) {
		d = day[i]
		if (d in value)
			printf "%s%s %s", drawn ? "L" : "M", num(i - 0.5),
			    num(y_of(scaled(value[d], floor)))
		drawn = d in value
		# A lone day is a line of no length, with round ends: a dot.
		if (drawn && !(day[i - 1] in value) && !(day[i + 1] in value))
			printf "h0"
	}
	print "\"/></svg>"
}

function print_band(lower, upper, floor,	i, k) {
	print "<svg width=\"100%\" height=\"" TOP + HEIGHT "\" viewBox=\"0 0 " \
	    ndays " " TOP + HEIGHT "\" preserveAspectRatio=\"none\">"
	printf "<path class=\"band\" d=\""
	for (i = 1; i <= ndays; i = k + 1) {
		for (k = i; k <= ndays && day[k] in lower; k++)
			printf "%s%s %s", (k == i) ? "M" : "L", num(k - 0.5),
			    num(y_of(scaled(upper[day[k]], floor)))
		if (k == i)
			continue
		for (k--; k >= i; k--)
			printf "L%s %s", num(k - 0.5),
			    num(y_of(scaled(lower[day[k]], floor)))
		printf "Z"
		while (k < ndays && day[k + 1] in lower)
			k++
	}
	print "\"/></svg>"
}

# With a floor the scale is logarithmic, and what is below it is put on it.
function scaled(value, floor) {
	return !floor ? value : log2(value < floor ? floor : value)
}

# Not every awk has log().  For x of 1 or more, to six digits.
function log2(x,	bit, result) {
	for (result = 0; x >= 2; x /= 2)
		result++
	for (bit = 0.5; bit > 0.000001; bit /= 2) {
		x *= x
		if (x >= 2) {
			x /= 2
			result += bit
		}
	}
	return result
}

function print_objects(colour, title, count,	i, d, min, max) {
	figure_begin("", title, "How many there were at the end of each day")
	if (!first_counted) {
		print_none("No events yet")
		return
	}
	min = max = count[first_counted]
	for (i = 1; i <= ndays; i++) {
		d = day[i]
		if (!(d in count))
			continue
		if (count[d] < min)
			min = count[d]
		if (count[d] > max)
			max = count[d]
	}
	ticks_between(min, max)
	plot_begin(130, "Line: " title " at the end of each day, " \
	    number(count[first_counted]) " at first, " number(count[last_counted]) \
	    " at last.")
	print "<g style=\"--c:var(--" colour ")\">"
	print_line(count, 0)
	for (i = ndays; day[i] != last_counted; i--)
		;
	print "<circle class=\"dot\" cx=\"" num(x_of(i)) "%\" cy=\"" \
	    num(y_of(count[last_counted])) "\" r=\"4\"/></g>"
	for (i = 1; i <= ndays; i++) {
		if (!(day[i] in count))
			continue
		day_begin(i)
		day_end(i, number(count[day[i]]) " " colour)
		row[i] = cell(number(count[day[i]]))
	}
	chart_end(title " at the end of each day", "Day," title)
}

function print_lag(	i, d, min, max) {
	figure_begin(" wide", "Lag", "From an event to its row: the day's median, and" \
	    " what 95 % stayed within")
	if (nlags == 0) {
		print_none(none("events"))
		return
	}
	min = ""
	max = 0
	for (i = 1; i <= ndays; i++) {
		d = day[i]
		if (!(d in lag))
			continue
		if (min == "" || lag[d] < min)
			min = lag[d]
		if (lag95[d] > max)
			max = lag95[d]
	}
	print "<ul class=\"legend\">"
	print_legend("sessions", "median", "")
	print "<li style=\"--c:var(--sessions)\"><i style=\"opacity:.35\"></i>" \
	    "up to 95 %</li></ul>"
	lag_ticks(min, max)
	plot_begin(160, "Line, on a logarithmic scale: the median lag of each" \
	    " day, between " span(min) " and " span(max) ".")
	print "<g style=\"--c:var(--sessions)\">"
	print_band(lag, lag95, LAG[1])
	print_line(lag, LAG[1])
	print "</g>"
	for (i = 1; i <= ndays; i++) {
		d = day[i]
		if (!(d in lag))
			continue
		day_begin(i)
		day_end(i, "median " span(lag[d]) ", 95 % within " \
		    span(lag95[d]))
		row[i] = cell(span(lag[d])) cell(span(lag95[d]))
	}
	chart_end("Lag of each day's events", "Day,Median,95 % within")
}

# The scale has steps that clocks have, from the last one below the least value
# to the first above the greatest.
function lag_ticks(min, max,	n, i, from, to) {
	n = split("100 1000 10000 60000 600000 3600000 21600000 86400000" \
	    " 864000000 8640000000 86400000000", LAG, " ")
	from = 1
	while (from < n - 1 && LAG[from + 1] <= min)
		from++
	to = from + 1
	while (to < n && LAG[to] < max)
		to++
	rises = 0
	nticks = 0
	for (i = from; i <= to; i++) {
		tick[++nticks] = log2(LAG[i])
		label[nticks] = span(LAG[i])
	}
	low = tick[1]
	high = tick[nticks]
}
