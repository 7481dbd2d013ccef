# SPDX-License-Identifier: MIT
# wos-verify.awk: the lines of wos-apply --verify, and after them how many there
# were, by table.  Exits with 5 if there are differences.
#
# In: json, empty for text; most, how many rows of a table may go, empty for 5 %.
# Out: gone, a file for the lines that have wos-decode remove rows; too_many, one
# for what speaks against that; and counts, one for wos-apply --verify-end.

# = TABLE SAME LISTS
$1 == "=" {
	table[++ntables] = $2
	same[$2] = $3
	lists[$2] = $4
	next
}
{
	tab = index($0, "\t")
	if (tab > 1)
		print substr($0, 1, tab - 1) >gone
	$0 = substr($0, tab + 1)
	print
	if (json != "") {
		split($0, part, "\"")
		count[part[8], part[4]]++
		sign = part[4]
	} else {
		count[$2, $1]++
		sign = $1
	}
	if (sign != "!")
		differ = 5
}

# A twentieth of a table, 5 %, may go: more is rather a list that is wrong than
# deletions that were missed.
BEGIN {
	portion = 20
}

function check(t,	rows, goes) {
	goes = count[t, "-"] + 0
	rows = same[t] + count[t, "~"] + goes + count[t, "!"]
	if (most != "" ? goes > most + 0 : goes > rows / portion)
		printf "%s: %d of %d rows would go, more than %s: --at-most %d allows it\n",
		    t, goes, rows, most != "" ? most : "5 %", goes >too_many
}

function print_counts(t) {
	print t, lists[t], same[t], count[t, "~"] + 0, count[t, "+"] + 0,
	    count[t, "-"] + 0, count[t, "!"] + 0 >counts
}

function print_text(t) {
	if (lists[t] == 0 && same[t] + count[t, "+"] + count[t, "~"] == 0)
		printf "%-28s not listed\n", t
	else
		printf "%-28s %9d %9d %12d %13d %9d\n", t, same[t],
		    count[t, "~"], count[t, "+"], count[t, "-"], count[t, "!"]
}

function print_json(t) {
	printf "{\"table\":\"%s\",\"lists\":%d,\"same\":%d,\"differs\":%d,", t,
	    lists[t], same[t], count[t, "~"]
	printf "\"missing_here\":%d,\"missing_there\":%d,\"ended\":%d}\n",
	    count[t, "+"], count[t, "-"], count[t, "!"]
}

END {
	if (json == "")
		printf "%-28s %9s %9s %12s %13s %9s\n", "table", "same",
		    "differs", "missing here", "missing there", "ended"
	for (i = 1; i <= ntables; i++) {
		check(table[i])
		print_counts(table[i])
		if (json == "")
			print_text(table[i])
		else
			print_json(table[i])
	}
	exit differ + 0
}
