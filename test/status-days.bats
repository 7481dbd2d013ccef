# SPDX-License-Identifier: MIT
# What wos-status knows of days: which were read, until when it is valid itself,
# how these compare with those before, whose sign-ins failed; and what to do.

load helper
load status

setup() {
	wos_setup
	newdb app
}

# days N [OPTION...]: how much of each of the last N days was read.
days() {
	status --json --days "$@" "$app" | jq -r '[.days[].read] | join(" ")'
}

# valid [OPTION...]: for how many seconds after NOW.
valid() {
	status --json "$@" "$app" | jq "(.valid_until - $NOW) / 1000"
}

# other: a second cursor, which has seen no end.
other() {
	"$ROOT/test/bench/generate" 12 | wos-decode |
		whole --cursor-name other "$app"
}

# ---------------------------------------------------------------- valid until

# bats test_tags=slow
@test "status: valid until the newest event would have to be reached again" {
	one_event 0
	seen $((NOW - 60000))
	assert_equal "$(valid) $(valid --behind 1h)" '840 3540'
	# What is behind is so until somebody looks again.
	seen $((NOW - 3600000))
	assert_equal "$(valid)" 900
	# Of several cursors, the one that would be behind first.
	seen $((NOW - 60000))
	other
	seen $((NOW - 300000)) --cursor-name other
	assert_equal "$(valid) $(valid --cursor-name default)" '600 840'
}

@test "status: the page has the times that its script compares with the clock" {
	one_event 0
	seen $((NOW - 60000))
	run -0 status --html - "$app"
	assert_line "<html lang=\"en\" data-made=\"$NOW\" data-until=\"$((NOW + 840000))\">"
	assert_line '<meta http-equiv="refresh" content="841">'
	assert_output --partial 'it is valid until 2026-01-31 00:14 UTC.</p>'
	# Without its script nothing is green.
	refute_output --regexp 'class="[^"]*current'
	refute_output --partial "fill='%2314683f'"
}

# ---------------------------------------------------------------- what was read

@test "status: a day after the last sync was not read, and that one in part" {
	one_event $((3 * DAY))
	assert_equal "$(days 5)" 'none part none none none'
	seen $((NOW - 2 * DAY + 3600000))
	assert_equal "$(days 5)" 'none whole part none none'
	seen $((NOW - 900000))
	assert_equal "$(days 5)" 'none whole whole whole whole'
	seen $((NOW - 900001))
	assert_equal "$(days 5)" 'none whole whole part none'
}

@test "status: a day before all events was read, if the API had to have it" {
	one_event $((2 * DAY))
	seen "$NOW"
	assert_equal "$(days 5)" 'none none whole whole whole'
	# The event came soon after it had happened: the API had none before it.
	sql "$app" "UPDATE events_cursor SET processed_at = $((NOW - DAY))"
	assert_equal "$(days 5)" 'whole whole whole whole whole'
	assert_equal "$(days 33)" "none$(printf ' whole%.0s' {1..32})"
}

# bats test_tags=slow
@test "status: a day before what the cursor stands for, or in a gap" {
	one_event $((20 * DAY))
	seen "$NOW"
	assert_equal "$(days 6)" 'whole whole whole whole whole whole'
	wos-apply --gap $((NOW - 4 * DAY)):$((NOW - 2 * DAY + 1000)) "$app"
	assert_equal "$(days 6)" 'whole none none part whole whole'
	wos-apply --gap 0:0 "$app"
	sql "$app" "UPDATE cursor_scope SET since = $((NOW - 3 * DAY))"
	assert_equal "$(days 6)" 'none none whole whole whole whole'
	# Older events of some types are missing yet.
	sql "$app" "UPDATE cursor_scope SET since = NULL" \
	    "INSERT INTO cursor_scope (name, event_type, state)
		VALUES ('default', 'a.b', 'filling')"
	assert_equal "$(days 3)" 'part part part'
}

# bats test_tags=slow
@test "status: what was not read is no zero" {
	one_event $((2 * DAY + 1000))
	run -1 status --days 4 "$app"
	assert_line --regexp '^2026-01-28 +1 +0 +0 +0  .*, read in part$'
	assert_line --regexp '^2026-01-30 +- +- +- +-  -, not read$'
	assert_line "of the last 7 days not all was read"
	run -1 status --json --days 4 "$app"
	assert_equal "$(jq -c '[.days[].users]' <<<"$output")" '[0,null,null,null]'
	run -1 status --html - --days 4 "$app"
	assert_output --partial '<line class="unread none" x1="25%" x2="100%"'
	assert_output --partial '<th scope="row">2026-01-30, not read</th><td>–</td>'
	assert_output --partial '<title>Fri 30 Jan 2026: not read</title>'
	# Where all was read there is nothing of that.
	seen "$NOW"
	run -0 status --html - --days 2 "$app"
	refute_output --partial 'class="unread'
}

# bats test_tags=slow
@test "status: a day that one of two cursors has read was read in part" {
	one_event $((3 * DAY))
	seen "$NOW"
	other
	assert_equal "$(days 3)" 'whole whole whole'
	sql "$app" "UPDATE sync_cursor SET event_at = $((NOW - 9 * DAY))
	    WHERE name = 'other'"
	assert_equal "$(days 3)" 'part part part'
	assert_equal "$(days 3 --cursor-name default)" 'whole whole whole'
}

# ---------------------------------------------------------------- the days before

# events TYPE N AGE: so many events of a type, that long before NOW.
events() {
	sql "$app" "INSERT INTO events_cursor (event_id, event_payload, created_at,
		processed_at, event_type)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < $2)
	    SELECT '$1$3' || i, '{}', $NOW - $3, $NOW, '$1' FROM n"
}

# periods: 7 days and those before, 30 days and those before, of what is not 0.
periods() {
	status --json "$app" | jq -r '.periods | group_by(.what)[] |
	    [.[0].what, (.[] | .now, .before // "-")] | join(" ")' |
		grep -v -e ' 0 0 0 0' -e ' 0 - 0 -'
}

# bats test_tags=slow
@test "status: the last days, beside as many before them" {
	one_event $((70 * DAY))
	seen "$NOW"
	events user.created 3 $((7 * DAY))
	events user.created 5 $((7 * DAY + 1))
	events user.created 7 $((14 * DAY))
	events user.created 9 $((30 * DAY + 1))
	events user.created 1 $((60 * DAY + 1))
	events organization.created 2 1
	events organization_membership.created 4 1
	events authentication.sso_failed 6 1
	events authentication.sso_started 1 1
	events authentication.oauth_succeeded 8 $((59 * DAY))
	periods | diff -u - <(sort <<-'END'
	events 16 12 28 17
	failed sign-ins 6 0 6 0
	new memberships 4 0 4 0
	new organizations 2 0 2 0
	new users 3 12 15 9
	sign-ins 0 0 0 8
	END
	)
	run -0 status "$app"
	assert_line --regexp '^new users +3 +12 +15 +9$'
	run -0 status --html - "$app"
	assert_line '<tr><th scope="row">New users</th><td><b>3</b></td><td>12</td><td>−75 %</td><td><b>15</b></td><td>9</td><td>+67 %</td></tr>'
}

# bats test_tags=slow
@test "status: there is nothing to compare with that was not read" {
	one_event $((10 * DAY))
	seen "$NOW"
	assert_equal "$(periods)" 'events 0 - 1 -'
	sql "$app" 'UPDATE sync_cursor SET tail_seen_at = NULL'
	run -1 status --json "$app"
	assert_equal "$(jq -c '.periods[] | select(.what == "events") |
	    [.days, .now, .read]' <<<"$output")" '[7,null,"none"]
[30,1,"part"]'
	run -1 status --html - "$app"
	assert_output --partial '30 days,<br>in part</th>'
}

# ---------------------------------------------------------------- failed sign-ins

# sign_in ID TYPE USER ORGANIZATION CODE: one of today, and NULL is nothing.
sign_in() {
	local code=NULL org=NULL user=NULL

	[[ ! $3 ]] || user="'$3'"
	[[ ! $4 ]] || org="'$4'"
	[[ ! $5 ]] || code="'$5'"
	sql "$app" "INSERT INTO authentication (event_id, event_type, event_at,
	    user_id, sso_organization_id, error_code)
	    VALUES ('$1', 'authentication.$2', $NOW, $user, $org, $code)"
}

# bats test_tags=slow
@test "status: which sign-ins failed most, by reason and by organization" {
	one_event 0
	seen "$NOW"
	sql "$app" "INSERT INTO organization (id, name) VALUES ('org_a', 'Acme <b>')" \
	    "INSERT INTO organization_membership (id, user_id, organization_id)
		VALUES ('m1', 'u', 'org_a'), ('m2', 'u', 'org_b')"
	sign_in 1 sso_failed u org_c idp_refused # of org_c, whoever it was
	sign_in 2 password_failed u '' invalid_credentials
	sign_in 3 password_failed u '' invalid_credentials
	sign_in 4 password_failed '' '' invalid_credentials
	sign_in 5 mfa_failed '' '' ''
	sign_in 6 mfa_failed '' '' ''
	sign_in 7 password_succeeded u '' ''
	sql "$app" "INSERT INTO authentication (event_id, event_type, event_at)
	    VALUES ('8', 'authentication.sso_failed', $((NOW - 30 * DAY)))"
	run -0 status --json "$app"
	assert_equal "$(jq -c '.failures.reasons[], .failures.organizations[] |
	    [.[]]' <<<"$output")" '[3,"invalid_credentials"]
[2,"authentication.mfa_failed"]
[1,"idp_refused"]
[3,null,null]
[2,"org_a","Acme <b>"]
[2,"org_b",null]
[1,"org_c",null]'
	run -0 status "$app"
	assert_line '   failed  sign-ins of the last 30 days, by reason'
	assert_line '        3  invalid_credentials'
	assert_line '        2  Acme <b>, org_a'
	assert_line '        3  of no organization that is known'
	run -0 status --html - "$app"
	assert_output --partial '<bdi>Acme &lt;b&gt;</bdi></th><td>2</td>'
	refute_output --partial 'Acme <b>'
}

# bats test_tags=slow
@test "status: the ten most frequent ones, however many there are" {
	one_event 0
	sql "$app" "INSERT INTO authentication (event_id, event_type, event_at,
		error_code, sso_organization_id)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < 30)
	    SELECT 'e' || i, 'authentication.sso_failed', $NOW, 'c' || i,
		'o' || i FROM n"
	run -1 status --json "$app"
	assert_equal "$(jq -c '.failures | map_values(length)' <<<"$output")" \
	    '{"reasons":10,"organizations":10}'
}

# ---------------------------------------------------------------- what to do

# nexts: what the text says to do, one after the other.
nexts() {
	status "$app" | sed -n 's/^next: //p'
}

# bats test_tags=slow
@test "status: what to do, for each verdict" {
	wos-apply "$app" </dev/null
	assert_equal "$(nexts)" "run wos-sync"
	one_event $((21 * DAY))
	assert_equal "$(nexts)" "see that wos-sync runs: wos-doctor looks at its timer, the key and the API
let wos-sync run until it ends with status 0"
	sql "$app" "UPDATE sync_cursor SET event_at = $((NOW - 31 * DAY))"
	nexts | head -n 1 | grep -q 'status 4, wos-sync --resume'
	seen "$NOW"
	assert_equal "$(nexts)" ""
	park
	nexts | grep -q 'wos-apply --parked'
	wos-apply --gap 1:2 "$app"
	nexts | head -n 1 | grep -q '^run wos-sync --list, .*--gap 0:0'
	wos-apply --gap 0:0 "$app"
	sql "$app" 'DELETE FROM events_cursor'
	nexts | head -n 1 | grep -q 'reads again from the oldest'
	seen $((NOW + DAY))
	nexts | grep -q 'compare the clocks'
	# The page has them all, and JSON each with its reason.
	run -1 status --html - "$app"
	assert_output --partial '<h2>What to do</h2><ul class="steps">'
	assert_line '<li>Compare the clocks with wos-doctor, and set the one that is wrong.</li>'
	run -1 status --json "$app"
	assert_equal "$(jq '[.reasons[] | select(.next == null)] | length' \
	    <<<"$output")" 0
}

# bats test_tags=slow
@test "status: what to do about a run that failed, by its reason" {
	one_event 0
	seen "$NOW"
	sql "$app" "INSERT INTO sync_run (name, began_at, ended_at, exit_status,
	    reason) VALUES ('default', $NOW, $NOW, 1, 'no such word')"
	assert_equal "$(nexts)" ""
	for reason in usage key limit api network forgotten fetch decode busy \
	    database locked signal sync; do
		sql "$app" "UPDATE sync_run SET reason = '$reason'"
		[[ $(nexts) == [a-z]* && $(nexts) != *$'\n'* ]] || fail "$reason"
	done
	sql "$app" "UPDATE sync_run SET reason = 'forgotten'"
	nexts | grep -q '^run wos-sync --resume, '
	assert_equal "$(status --json "$app" | jq -r .runs[0].next)" "$(nexts)"
	status --html - "$app" | grep -q '^<li>Run wos-sync --resume, .*\.</li>$'
	# One that never ended, and one that is at work.
	sql "$app" "UPDATE sync_run SET ended_at = NULL, reason = NULL,
	    began_at = 1" "UPDATE sync_cursor SET tail_seen_at = $((NOW - 3 * DAY)),
	    moved_at = $((NOW - 3 * DAY))"
	nexts | head -n 1 | grep -q '^see in the system.s log'
}
