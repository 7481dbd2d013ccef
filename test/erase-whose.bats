# SPDX-License-Identifier: MIT
# Whose an address is: of erasures that were stopped, and of those who act as others.

# shellcheck disable=SC2030,SC2031,SC2154 # tests are subshells; newdb sets names

load helper
load stream
load erase

setup() {
	wos_setup
	newdb app
}

@test "erase: who acted as a user is somebody else, whose address is theirs alone" {
	{
		event 1 user.created '{"object":"user","id":"user_1","email":"ada-4@example.com"}'
		event 2 user.created '{"object":"user","id":"user_2","email":"help@example.com"}'
		for n in 3 4; do
			event "$n" session.created '{"object":"session","id":"session_'"$n"'","user_id":"user_'"$((n * 2 - 5))"'","ip_address":"192.0.2.'"$n"'","impersonator":{"email":"'"$([[ $n == 4 ]] || echo help@example.com)"'","reason":"a ticket"}}'
		done
		event 5 authentication.password_failed '{"user_id":null,"email":"help@example.com"}'
		event 6 flag.created '{"object":"feature_flag","id":"flag_1","owner":{"email":"help@example.com"}}'
	} >lines.jsonl
	apply lines.jsonl
	wos-erase user_1 "$app"
	assert_equal "$(sql "$app" "SELECT email FROM authentication" \
	    "SELECT owner_email FROM feature_flag")" $'help@example.com\nhelp@example.com'
	assert_equal "$(sql "$app" "SELECT ip_address FROM session ORDER BY id")" $'\n192.0.2.4'
	diff <(wos-erase user_1 <lines.jsonl) <(wos-apply --export "$app")
	newdb other
	wos-decode lines.jsonl | wos-apply "$other"
	wos-erase user_2 "$other"
	assert_equal "$(sql "$other" "SELECT ip_address FROM session ORDER BY id")" $'\n192.0.2.4'
	wos-apply --export "$other" >exported
	diff <(wos-erase user_2 <lines.jsonl) exported
	run ! grep -F help@example.com exported
	# A session that began when the address was theirs is told of again.
	event 20 session.revoked '{"object":"session","id":"session_9","user_id":"user_7","impersonator":{"email":"HELP@example.com"},"created_at":"2026-11-01T00:00:03.000Z","updated_at":"2031-01-01T00:00:00.000Z"}' |
		sed 's/2026-11-01T00:00:20/2031-01-01T00:00:00/' >later.jsonl
	wos-decode later.jsonl | wos-apply --no-cursor "$other"
	assert_equal "$(sql "$other" "SELECT status IS NULL, impersonator_email IS NULL
		FROM session WHERE id = 'session_9'" | tr t1 x)" "x|x"
}

# stuck TABLE: from now on the database lets nobody change its rows; unstuck ends that.
stuck() {
	if [[ $DBKIND == postgres ]]; then
		sql "$app" "CREATE FUNCTION stuck() RETURNS TRIGGER LANGUAGE plpgsql
			AS 'BEGIN RAISE ''stuck''; END'" "CREATE TRIGGER stuck BEFORE UPDATE
			ON \"$1\" FOR EACH ROW EXECUTE FUNCTION stuck()"
	else
		sql "$app" "CREATE TRIGGER stuck BEFORE UPDATE ON \"$1\"
			BEGIN SELECT raise(ABORT, 'stuck'); END"
	fi
}

unstuck() {
	if [[ $DBKIND == postgres ]]; then
		sql "$app" "DROP FUNCTION stuck() CASCADE" 2>/dev/null
	else
		sql "$app" "DROP TRIGGER stuck"
	fi
}

# bats test_tags=slow
@test "erase: one that was stopped is ended by running it again" {
	{ lines; echo '{"id":"event_99","event":"user.updated","data":{"email":"OLD-5@example.com"}}'; } >lines.jsonl
	for who in 'user_1 directory_user_1' 'old-5@example.com countess-12@example.org'; do
		for table in user authentication events_cursor parked_event; do
			newdb app
			run -3 apply lines.jsonl
			stuck "$table"
			# shellcheck disable=SC2086 # they are words
			run -1 wos-erase $who "$app"
			unstuck
			# shellcheck disable=SC2086
			wos-erase $who "$app"
			assert_equal "$table $(hers "$app")" "$table 0"
		done
	done
}
