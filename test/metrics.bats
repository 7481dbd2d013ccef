# SPDX-License-Identifier: MIT
# wos-sync --metrics: the numbers of runs, for Prometheus.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's, app is newdb's

load helper
load fetch
load stream

setup() {
	wos_setup
	export XDG_RUNTIME_DIR=$PWD # where the lock of a server's database is
}

# metric NAME: its value in wos.prom, of whichever database.
metric() {
	sed -n "s/^$1{.*} //p" wos.prom
}

# metrics NAME...: several, in a line.
metrics() {
	local name

	for name; do
		metric "wos_$name"
	done | xargs
}

# run_of: fetched, applied and parked by the last run, and what it exited with.
run_of() {
	metrics last_run_events_{fetched,applied,parked} last_run_exit_status
}

# promtool_check COMMAND FILE: what Prometheus itself thinks of it.  Where its
# tool is not installed nobody knows; scripts/bootstrap observe brings it.
promtool_check() {
	PATH=$PATH:${XDG_CACHE_HOME:-$HOME/.cache}/wos/bin
	type -P promtool >/dev/null || return 0
	case $1 in
	metrics) promtool check metrics <"$2" ;;
	tests) promtool test rules "$2" ;;
	*) promtool check "$@" ;;
	esac
}

# well_formed: the file is what Prometheus reads: of each metric a HELP, a TYPE
# and a value, once; and nothing else is beside it.
well_formed() {
	local label='"([^"\\]|\\[\\"])*"'

	iconv -f UTF-8 -t UTF-8 wos.prom >/dev/null
	SAMPLE="^[a-z_]+[{]database=$label,cursor=${label}(,reason=\"[a-z]+\")?[}] [0-9]+([.][0-9]+)?\$" awk '
		NR % 3 == 1 && !/^# HELP wos_[a-z_]* [A-Z].*[.]$/ ||
		    NR % 3 == 2 && !/^# TYPE wos_[a-z_]* gauge$/ ||
		    NR % 3 == 0 && $0 !~ ENVIRON["SAMPLE"] { print; bad = 1 }
		NR % 3 == 1 { name = $3; bad = bad || seen[name]++ }
		NR % 3 == 2 { bad = bad || $3 != name }
		NR % 3 == 0 { bad = bad || index($0, name "{") != 1 }
		END { exit bad || NR < 24 || NR % 3 != 0 }' wos.prom ||
		fail "$(cat wos.prom)"
	[ "$(stat -c %a wos.prom 2>/dev/null || stat -f %Lp wos.prom)" = "${MODE:-640}" ]
	[ "$(echo wos.prom*)" = wos.prom ]
	promtool_check metrics wos.prom
}

# until_metric NAME WANT: waits for a run in the background to say so.
until_metric() {
	until_true metric_is "$@" || {
		printf 'until_metric: %s: %s, not %s\n' "$1" "$(metric "$1")" "$2" >&2
		return 1
	}
}

metric_is() {
	[[ $(metric "$1" 2>/dev/null) == "$2" ]]
}

# What is in it.

# bats test_tags=slow
@test "metrics: a run, and another that finds nothing" {
	local before

	newdb app
	api "$DATA/sample.jsonl"
	before=$(date +%s)
	umask 077
	run -0 --separate-stderr wos-sync --metrics wos.prom "$app"
	assert_output ''
	[ -z "$stderr" ]
	MODE=600 # less than usual, as umask says; and so it stays
	well_formed
	assert_equal "$(run_of)" '15 15 0 0'
	(($(metric wos_last_run_rows_changed) >= 30))
	[ "$(metric wos_cursor_event_timestamp_seconds)" = 1793613489.618 ]
	[ "$(metric wos_last_success_timestamp_seconds)" = \
	    "$(metric wos_last_run_timestamp_seconds)" ]
	[ "$(metrics running parked_events)" = '0 0' ]
	awk -v before="$before" -v at="$(metric wos_last_run_timestamp_seconds)" \
	    -v took="$(metric wos_last_run_duration_seconds)" \
	    -v event="$(metric wos_cursor_event_timestamp_seconds)" \
	    -v age="$(metric wos_cursor_age_seconds)" \
	    -v tail="$(metric wos_tail_seen_timestamp_seconds)" \
	    -v seen="$(metric wos_tail_seen_age_seconds)" \
	    -v size="$(metric wos_database_size_bytes)" 'BEGIN {
		exit !(at >= before && at < before + 300 && took > 0 && took < 300 &&
		    age > at - event - 5 && age < at - event + 300 &&
		    tail >= before && seen >= 0 && seen < 300 && size > 100000) }'
	wos-sync --metrics=wos.prom "$app"
	well_formed
	assert_equal "$(run_of) $(metric wos_last_run_rows_changed)" '0 0 0 0 0'
	[ "$(metric wos_cursor_event_timestamp_seconds)" = 1793613489.618 ]
}

@test "metrics: what is parked is counted, and is a success" {
	newdb app
	wos-apply "$app" </dev/null
	forbid "$app" user 'not here' "new.id = 'user_2'"
	{
		users 1 3
		echo '{"id":"event_4","event":"user.created","data":{},"created_at":"2026-01-01T00:00:04Z"}'
	} >events
	run -3 wos-sync --metrics wos.prom "$app" --from events
	well_formed
	assert_equal "$(run_of)" '4 2 2 3'
	assert_equal "$(metric wos_parked_events)" 2
	[ "$(metric wos_last_success_timestamp_seconds)" = \
	    "$(metric wos_last_run_timestamp_seconds)" ]
}

# bats test_tags=slow
@test "metrics: rows are those of the stream, less what was taken back" {
	local batch

	for batch in 1 2 1000; do
		newdb app
		wos-apply "$app" </dev/null
		forbid "$app" user 'not here' "new.id = 'user_2'"
		users 1 5 >events
		printf '%512s\n' '' >counts
		wos-decode events | WOS_COUNTS_FILE=counts run -3 wos-apply \
		    --batch "$batch" "$app"
		# A row in the ledger and one in the table, for each of four.
		assert_equal "$(xargs <counts)" \
		    'events_applied 4 events_parked 1 rows_changed 8'
		[ "$(wc -c <counts)" = 513 ]
		wos-decode events | WOS_COUNTS_FILE=counts run -3 wos-apply \
		    --batch "$batch" "$app"
		[ "$(wc -c <counts)" = 513 ]
	done
}

# bats test_tags=slow
@test "metrics: programs that can't leave their numbers do what they do" {
	newdb app
	api "$DATA/sample.jsonl"
	for WOS_COUNTS_FILE in /nowhere/counts /dev/full . ''; do
		export WOS_COUNTS_FILE
		wos-fetch | wos-decode | wos-apply "$app"
	done
	run -0 sql "$app" 'SELECT count(*) FROM events_cursor'
	assert_output 15
	TMPDIR=/nowhere run -0 --separate-stderr wos-sync --metrics wos.prom "$app"
	[[ $stderr == *mktemp* ]]
	well_formed
	[ "$(run_of)" = 0 ]
}

@test "metrics: a link to the file stays one" {
	api "$DATA/sample.jsonl"
	mkdir dir
	ln -s dir/real.prom link
	wos-sync --metrics link app.db
	wos-sync --metrics link app.db
	[ -h link ]
	cp dir/real.prom wos.prom
	well_formed
	[ "$(run_of)" = '0 0 0 0' ]
}

@test "metrics: the labels name database and cursor, as they are called" {
	api "$DATA/sample.jsonl"
	name=$'a "b" \\ \xC3\xA9\xFF\n{x=\x01}.db'
	wos-sync --metrics wos.prom --cursor-name 'my "c"' "$name"
	well_formed
	grep -qF '{database="'"$PWD"'/a \"b\" \\ '$'\xC3\xA9''\\xFF\\x0A{x=\\x01}.db",cursor="my \"c\""} 15' \
	    wos.prom
	[ "$(metric wos_cursor_event_timestamp_seconds)" = 1793613489.618 ]
	wos-sync --metrics wos.prom --cursor-name 'my "c"' "$name"
	well_formed
}

@test "metrics: no password" {
	export WORKOS_API_KEY=$API_KEY
	run ! wos-sync --metrics wos.prom 'postgresql://u:secret@127.0.0.1:1/app'
	well_formed
	[ "$(grep -c 'database="postgresql://u@127.0.0.1:1/app"' wos.prom)" -ge 8 ]
	run ! grep secret wos.prom
	run ! wos-sync --metrics wos.prom "host=127.0.0.1 port=1 password=secret"
	run ! grep secret wos.prom
}

# However it ends.

# bats test_tags=slow
@test "metrics: a run that fails says so, and keeps the last success" {
	local success last

	newdb app
	api "$DATA/sample.jsonl"
	wos-sync --metrics wos.prom "$app"
	success=$(metric wos_last_success_timestamp_seconds)
	last=$(metric wos_last_run_timestamp_seconds)
	# fails STATUS ARGUMENT...
	fails() {
		run -"$1" wos-sync --metrics wos.prom "$app" "${@:2}"
		well_formed
		assert_equal "$(run_of)" "0 0 0 $1"
		assert_equal "$(metric wos_last_success_timestamp_seconds)" "$success"
		[[ $(metric wos_last_run_timestamp_seconds) > $last ]]
		[ "$(metric wos_cursor_event_timestamp_seconds)" = 1793613489.618 ]
	}
	WORKOS_API_KEY=sk_another fails 1
	fails 2 --no-such-option
	WORKOS_BASE_URL=http://127.0.0.1:1 fails 75 --retries 0
	if [[ $app == *.db ]]; then
		exec 8>"$app.sync.lock"
	else
		# shellcheck disable=SC2144 # there is one
		exec 8>"$(echo "wos-$UID"/*.lock)"
	fi
	flock 8
	fails 75
	exec 8>&-
	sql "$app" "UPDATE sync_cursor SET event_id = 'event_unknown', tail_seen_at = NULL"
	run -4 wos-sync --metrics wos.prom "$app"
	well_formed
	assert_equal "$(metric wos_last_run_exit_status)" 4
	assert_equal "$(metric wos_last_success_timestamp_seconds)" "$success"
	unset WORKOS_API_KEY
	run -2 wos-sync --metrics wos.prom "$app"
	assert_equal "$(metric wos_last_run_exit_status)" 2
	assert_equal "$(metric wos_last_success_timestamp_seconds)" "$success"
}

@test "metrics: of a database that can't be opened, less is told" {
	api "$DATA/sample.jsonl"
	echo 'this is no database, and long enough to be looked at as one' >app.db
	run -1 wos-sync --metrics wos.prom app.db
	well_formed
	assert_equal "$(run_of)" '0 0 0 1'
	run ! grep -e wos_cursor -e wos_last_success wos.prom
	run -1 wos-sync --metrics wos.prom nowhere/app.db
	well_formed
	assert_equal "$(metric wos_last_run_exit_status)" 1
}

# bats test_tags=slow
@test "metrics: a run that a signal ends" {
	local signal number

	for signal in TERM:143 HUP:129; do
		number=${signal#*:} signal=${signal%:*}
		rm -f app.db*
		api --fault 2+:hang "$DATA/sample.jsonl"
		wos-sync --metrics wos.prom app.db --page-size 5 3>&- &
		STARTED+=($!)
		until_sql app.db 5 'SELECT count(*) FROM events_cursor'
		kill -s "$signal" "${STARTED[-1]}"
		ends_with "$number" "${STARTED[-1]}"
		well_formed
		assert_equal "$(run_of)" "5 5 0 $number"
		run ! grep wos_last_success wos.prom
	done
}

# bats test_tags=slow
@test "metrics: what was in the file before is not trusted" {
	local old name='wos_last_success_timestamp_seconds{database="'$PWD'/app.db",cursor="default"}'

	export WORKOS_API_KEY=$API_KEY
	MODE=644 # what it was made with stays
	for old in "$name NaN" "$name 1;id" "$name -1.000" "$name 1e999" \
	    "${name/app/other} 1.000" "$name" "$name "; do
		printf '%s\n' "$old" >wos.prom
		run -2 wos-sync --metrics wos.prom app.db --no-such
		well_formed
		run ! grep wos_last_success wos.prom
	done
	head -c 100000 /dev/urandom >wos.prom
	run -2 wos-sync --metrics wos.prom app.db --no-such
	well_formed
	printf '\n%s 12.345\n' "$name" >wos.prom
	run -2 wos-sync --metrics wos.prom app.db --no-such
	well_formed
	assert_equal "$(metric wos_last_success_timestamp_seconds)" 12.345
}

# bats test_tags=slow
@test "metrics: a file that can't be written costs a message, and no more" {
	local file

	api "$DATA/sample.jsonl"
	mkdir dir
	for file in nowhere/wos.prom dir /dev/null/wos.prom; do
		rm -f app.db*
		run -0 --separate-stderr wos-sync --metrics "$file" app.db
		assert_equal "$stderr" "wos-sync: $file: can't be written"
		[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
	done
	[ -z "$(ls dir)" ]
	mkfifo fifo
	ln -s fifo link
	ln -s nowhere/wos.prom lost
	for file in fifo link lost; do
		run -0 --separate-stderr wos-sync --metrics "$file" app.db
		[[ $stderr == "wos-sync: "*": can't be written" ]]
	done
	[ -p fifo ]
	[ -h link ]
	[ -h lost ]
	# As it would be with the database in the environment.
	run -0 --separate-stderr wos-sync --metrics app.db app.db
	assert_equal "$stderr" "wos-sync: app.db: can't be written"
	[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
	run -2 wos-sync --metrics
}

@test "metrics: --resume counts what it got in the end" {
	api "$DATA/sample.jsonl"
	wos-sync app.db
	sql app.db "UPDATE sync_cursor SET event_id = 'event_unknown',
	    tail_seen_at = NULL"
	run -0 wos-sync --metrics wos.prom --resume app.db
	well_formed
	(($(metric wos_last_run_events_fetched) > 0))
	assert_equal "$(metric wos_last_run_exit_status)" 0
}

@test "metrics: events that may be missing are told until they are dealt with" {
	api "$DATA/sample.jsonl"
	for gap in 0:0 1792000000000:1792400000000 0:0; do
		wos-sync --metrics wos.prom app.db
		wos-apply --gap "$gap" app.db
	done
	assert_equal "$(metric wos_cursor_complete)" 0
	wos-sync --metrics wos.prom app.db
	assert_equal "$(metric wos_cursor_complete)" 1
}

# While it stays.

# bats test_tags=slow
@test "metrics: --follow says how far it is, and when it is over" {
	local pid

	newdb app
	head -n 9 "$DATA/sample.jsonl" >events
	api events
	WOS_TAIL_EVERY=0.1 wos-sync --metrics wos.prom --follow=0.05 "$app" 3>&- &
	pid=$!
	STARTED+=("$pid")
	until_metric wos_last_run_events_applied 9
	until_metric wos_running 1
	until_sql "$app" 1 \
	    'SELECT count(*) FROM sync_cursor WHERE tail_seen_at IS NOT NULL'
	tail -n +10 "$DATA/sample.jsonl" >>events
	until_metric wos_last_run_events_applied 15
	until_metric wos_last_run_events_fetched 15
	until_metric wos_cursor_event_timestamp_seconds 1793613489.618
	assert_equal "$(run_of)" '15 15 0 0'
	metric wos_last_success_timestamp_seconds | grep -q .
	kill -TERM "$pid"
	ends_with 0 "$pid"
	well_formed
	assert_equal "$(run_of) $(metric wos_running)" '15 15 0 0 0'
}

@test "metrics: --follow that never came to the end is no success" {
	local pid

	api --fault every:503 "$DATA/sample.jsonl"
	WOS_TAIL_EVERY=0.1 wos-sync --metrics wos.prom --follow=0.05 app.db 3>&- 2>/dev/null &
	pid=$!
	STARTED+=("$pid")
	until_metric wos_running 1
	kill -TERM "$pid"
	ends_with 0 "$pid"
	well_formed
	assert_equal "$(metrics running last_run_exit_status)" '0 0'
	run ! grep wos_last_success wos.prom
}

@test "metrics: when it was compared with what the API lists" {
	newdb app
	echo 'CREATE TABLE mine (id INTEGER)' >other.sql
	sqlite3 other.db <other.sql
	wos-apply --metrics wos.prom --exit-status 0 other.db
	[ "$(metrics verified_timestamp_seconds verify_unfinished)" = 0 ]
	api "$DATA/sample.jsonl"
	wos-sync --metrics wos.prom "$app"
	[ "$(metrics verified_timestamp_seconds verified_differences \
	    verified_tables_not_listed verify_unfinished)" = 0 ]
	wos-apply --verify-begin --now 1793620000000 "$app" >began
	sql "$app" 'SELECT object FROM verified' | sed 's/$/ 1 5 1 1 1 0/' |
		wos-apply --verify-end 1793620000000 "$app"
	echo user 0 0 0 0 0 0 | wos-apply --verify-end 1793620000000 "$app"
	wos-sync --metrics wos.prom "$app"
	well_formed
	n=$(sql "$app" 'SELECT count(*) FROM verified')
	[ "$(metrics verified_timestamp_seconds verified_differences \
	    verified_tables_not_listed verify_unfinished)" = \
	    "1793620000.000 $((3 * (n - 1))) 1 0" ]
	wos-apply --verify-begin=user "$app" >began
	wos-sync --metrics wos.prom "$app"
	[ "$(metric wos_verify_unfinished)" = 1 ]
	[ "$(metric wos_verified_timestamp_seconds)" = 1793620000.000 ]
}

# wos-alerts.yml and wos-grafana.json.

# compared: app.db and its wos.prom, of a run after it was compared with the API;
# and what only a run that failed leaves.
compared() {
	wos-sync app.db
	wos-apply --verify-begin --now 1793620000000 app.db >began
	sql app.db 'SELECT object FROM verified' | sed 's/$/ 1 5 0 0 0 0/' |
		wos-apply --verify-end 1793620000000 app.db
	wos-sync --metrics wos.prom app.db
	WORKOS_API_KEY=sk_wrong run -1 wos-sync --metrics failed.prom app.db
	grep '^wos_last_run_failure' failed.prom >>wos.prom
}

# there_are FILE: each metric that the file names is one of these.
there_are() {
	local name names

	names=$(grep -oE '\bwos_[a-z_]+' "$1" | sort -u)
	[[ $names == *wos_tail_seen_timestamp_seconds* ]]
	for name in $names; do
		[ -n "$(metric "$name")" ] || fail "$name"
	done
}

@test "metrics: the alerts are rules for Prometheus, of metrics that there are" {
	cp "$ROOT/packaging/watch/wos-alerts.yml" rules.yml
	grep -q 'alert:' rules.yml
	promtool_check rules rules.yml
	api "$DATA/sample.jsonl"
	compared
	there_are rules.yml
}

# bats test_tags=sqlite,slow
@test "metrics: each alert fires when it should, and not before" {
	cp "$ROOT/packaging/watch/wos-alerts.yml" rules.yml
	cp "$DATA/alerts.yml" .
	# Each has a test of both.
	sed -n 's/.*alert: //p' rules.yml >names
	while read -r name; do
		grep -q "alertname: $name, exp_alerts: \[\]" alerts.yml
		grep -qx " *alertname: $name" alerts.yml
	done <names
	promtool_check tests alerts.yml
}

@test "metrics: the dashboard asks for metrics that there are, as Prometheus wants it" {
	local json=$ROOT/packaging/watch/wos-grafana.json

	api "$DATA/sample.jsonl"
	compared
	jq -r '.panels[].targets[].expr, .templating.list[].definition // empty' \
	    "$json" >queries
	[ "$(wc -l <queries)" -ge 15 ]
	there_are queries
	# Nothing is shown twice or not at all.
	grep -o '^wos_[a-z_]*' wos.prom | grep -v '_age_' | while read -r name; do
		grep -q "$name" queries || fail "$name is not shown"
	done
	# As rules: what Grafana puts for its variables is a pattern.
	jq '{groups: [{name: "wos", rules: [.panels[].targets[].expr |
	    gsub("[$](database|cursor)"; ".*") | {record: "wos:panel", expr: .}]}]}' \
	    "$json" >queries.yml
	promtool_check rules queries.yml
	# Panels lie beside one another, each with a name of its own.
	jq -e '[.panels[].title] | length == (unique | length)' "$json"
	jq -e '[.panels[].gridPos | . as $p | range(.w) as $x | range($p.h) as $y |
	    [$p.x + $x, $p.y + $y]] | length == (unique | length) and
	    all(.[]; .[0] < 24)' "$json"
}
