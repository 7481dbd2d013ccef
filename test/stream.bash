# SPDX-License-Identifier: MIT
# For the tests of wos-decode and wos-apply:  load stream

# event ID TYPE AT DATA: an event as wos-fetch writes it.
event() {
	printf '{"object":"event","id":"%s","event":"%s","data":%s,"created_at":"%s","context":{}}\n' \
	    "$1" "$2" "$4" "$3"
}

# users FROM TO [EMAIL]: event_N creates user_N at minute N, for each N; times
# grow with N.  In awk, since bats takes its time over each command of a loop.
users() {
	EMAIL=${3-} awk -v from="$1" -v to="$2" -v given="${3+yes}" 'BEGIN {
		for (n = from; n <= to; n++) {
			at = sprintf("2026-01-%02dT%02d:%02d:00.000Z", n / 1440 + 1,
			    n / 60 % 24, n % 60)
			mail = given ? ENVIRON["EMAIL"] : n "@example.com"
			printf "{\"object\":\"event\",\"id\":\"event_%d\"," \
			    "\"event\":\"user.created\",\"data\":{\"object\":\"user\"," \
			    "\"id\":\"user_%d\",\"email\":\"%s\",\"created_at\":\"%s\"," \
			    "\"updated_at\":\"%s\"},\"created_at\":\"%s\"," \
			    "\"context\":{}}\n", n, n, mail, at, at, at
		}
	}'
}

# user N [EMAIL]: one of them.
user() {
	users "$1" "$1" "${@:2}"
}

# group NAME [STATEMENT...]: a group of the SQL stream, made by hand.
group() {
	printf 'SAVEPOINT "%s";\n' "$1"
	(($# < 2)) || printf '%s\n' "${@:2}"
	printf 'RELEASE "%s";\n' "$1"
}

# ids DB [TABLE]: the ids in the table user, or another, in one line.
ids() {
	sql "$1" "SELECT id FROM \"${2-user}\" ORDER BY length(id), id" | paste -sd ' ' -
}

# cursor DB [NAME]: the event that it holds, as another program sees it.
cursor() {
	sql "$1" "SELECT event_id FROM sync_cursor WHERE name = '${2-default}'"
}

# has_schema DB: the SQLite file has the schema that --schema prints, and no more.
has_schema() {
	wos-apply --schema sqlite | sqlite3 want.db
	diff <(sql "$1" .schema | sort) <(sql want.db .schema | sort)
}

# until_sql DB WANT STATEMENT: waits until the answer is this.
until_sql() {
	until_true says "$@" || {
		printf 'until_sql: %s: %s, not %s\n' "$3" "$(sql "$1" "$3" 2>&1)" "$2" >&2
		return 1
	}
}

# says DB WANT STATEMENT: the answer is this.
says() {
	[[ $(sql "$1" "$3" 2>&1) == "$2" ]]
}

# feed NAME COMMAND...: starts the command in the background with its standard
# input from us: write to fd $FEED; ended says that there is no more and gives
# the command's exit status.  Its output is in NAME.out and NAME.err.
feed() {
	local fifo=$BATS_TEST_TMPDIR/$1.in

	mkfifo "$fifo"
	"${@:2}" <"$fifo" >"$1.out" 2>"$1.err" 3>&- &
	FED=$!
	STARTED+=("$FED")
	exec {FEED}>"$fifo"
}

ended() {
	exec {FEED}>&-
	wait "$FED"
}

# manual PROGRAM FILE: the manual has every option and exit status that the
# program's --help has, and no option of its own.
manual() {
	diff <("$1" --help | grep -o -e '--[a-z][a-z-]*' | sort -u) \
	    <(sed -n '/^\.Sh SYN/,/^\.Sh ENV\|^\.Sh EXIT/p' "$2" |
		    grep -o '\(Fl\|,\) -[a-z][a-z-]*' | sed 's/.* /-/' | sort -u)
	diff <("$1" --help | sed -n '/^Exit status/,$p' | grep -o '\<[0-9][0-9]*\>') \
	    <(sed -n '/^\.Sh EXIT/,/^\.Sh EX[^I]/p' "$2" | sed -n 's/^\.It \([0-9]\)/\1/p')
}
