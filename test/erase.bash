# SPDX-License-Identifier: MIT
# Lines about people who are to be forgotten:  load erase

# shellcheck disable=SC2154 # newdb sets app

# What Ada has, each value once in all of the lines, and her addresses.
ADA=(Ada-1 Lovelace-2 Grüße-3 ada-4@example.com old-5@example.com 192.0.2.66
	Mozilla-7 crm-8 'https://pictures.example.com/9' Countess-10 en-11
	countess-12@example.org team-13 work-14)

# event N TYPE DATA [CONTEXT]: N is its number and second.
event() {
	printf '{"object":"event","id":"event_%02d","event":"%s","data":%s,"created_at":"2026-11-01T00:00:%02d.000Z"%s}\n' \
	    "$1" "$2" "$3" "$1" "${4:+,\"context\":$4}"
}

# item SECOND TABLE DATA
item() {
	printf '{"object":"list_item","of":"%s","listed_at":"2026-11-01T00:01:%02d.000Z","data":%s}\n' \
	    "$2" "$1" "$3"
}

# lines: Ada's and others'.  She had another address once, and tried to sign in
# with that before anybody knew who she was.
lines() {
	event 1 authentication.password_failed '{"type":"password","status":"failed","user_id":null,"email":"Old-5@Example.com","ip_address":"192.0.2.66","error":{"code":"x","message":"none of old-5@example.com"}}'
	event 2 user.created '{"object":"user","id":"user_1","email":"old-5@example.com","first_name":"Ada-1","metadata":{"team":"team-13"},"updated_at":"2026-11-01T00:00:02.000Z"}'
	event 3 user.created '{"object":"user","id":"user_2","email":"grace@example.com","first_name":"Grace","updated_at":"2026-11-01T00:00:03.000Z"}'
	event 4 user.updated '{"object":"user","id":"user_1","email":"ada-4@example.com","first_name":"Ada-1","last_name":"Lovelace-2","name":"Gr\u00fc\u00dfe-3","external_id":"crm-8","profile_picture_url":"https:\/\/pictures.example.com\/9","locale":"en-11","big":12345678901234567890,"updated_at":"2026-11-01T00:00:04.000Z"}' '{"previous_attributes":{"email":"old-5@example.com"}}'
	event 5 session.created '{"object":"session","id":"session_1","user_id":"user_1","ip_address":"192.0.2.66","user_agent":"Mozilla-7","status":"active","updated_at":"2026-11-01T00:00:05.000Z"}'
	event 6 organization_membership.created '{"object":"organization_membership","id":"om_1","user_id":"user_1","organization_id":"org_1","role":{"slug":"admin"},"custom_attributes":{"title":"Countess-10"},"user":{"name":"Lovelace-2"},"updated_at":"2026-11-01T00:00:06.000Z"}'
	event 7 authentication.password_succeeded '{"type":"password","status":"succeeded","user_id":"user_1","email":"ada-4@example.com","user_agent":"Mozilla-7"}'
	event 8 flag.rule_updated '{"object":"feature_flag","id":"flag_1","slug":"beta","updated_at":"2026-11-01T00:00:08.000Z"}' '{"configured_targets":{"users":[{"id":"user_1","email":"ada-4@example.com"}]}}'
	event 9 dsync.activated '{"object":"directory","id":"directory_1","updated_at":"2026-11-01T00:00:09.000Z"}'
	event 10 dsync.user.created '{"object":"directory_user","id":"directory_user_1","directory_id":"directory_1","email":"ada-4@example.com","emails":[{"type":"work","value":"countess-12@example.org"}],"job_title":"work-14","first_name":"Ada-1","updated_at":"2026-11-01T00:00:10.000Z"}'
	event 11 invitation.created '{"object":"invitation","id":"invitation_1","email":"grace@example.com","state":"pending","inviter_user_id":"user_1","updated_at":"2026-11-01T00:00:11.000Z"}'
	event 12 organization.created '{"object":"organization","id":"org_1","name":"Acme","updated_at":"2026-11-01T00:00:12.000Z"}'
	item 1 user '{"object":"user","id":"user_1","email":"ada-4@example.com","first_name":"Ada-1","last_name":"Lovelace-2","updated_at":"2026-11-01T00:00:04.000Z"}'
	item 2 user '{"object":"user","id":"user_2","email":"grace@example.com","first_name":"Grace","updated_at":"2026-11-01T00:00:03.000Z"}'
}

apply() {
	wos-decode "$@" | wos-apply --no-cursor "$app"
}

# hers DB: how many of Ada's values are still in a row, whatever their form.
hers() {
	wos-apply --export "$1" >exported
	sql "$1" "SELECT * FROM \"user\"" "SELECT * FROM directory_user" \
	    "SELECT * FROM session" "SELECT * FROM authentication" \
	    "SELECT * FROM organization_membership" "SELECT * FROM parked_event" >rows
	printf '%s\n' "${ADA[@]}" >values
	cat exported rows | grep -icFf values || :
}
