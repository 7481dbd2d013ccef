# SPDX-License-Identifier: MIT
# The stand-in's lists of objects have the live ones' traps, or what is tested
# with them proves nothing.

load helper
load fetch

# get PATH [curl options]: asks the stand-in, as a client that knows the key.
get() {
	curl --silent --show-error -H "Authorization: Bearer $API_KEY" \
	    "${@:2}" "$API_URL$1"
}

ids() {
	jq -r '.data[].id'
}

@test "lists: without an order they run backwards, and end after one page" {
	world 12
	get '/user_management/users?limit=2' >page
	[ "$(ids <page)" = "$(ids <page | sort -r)" ]
	[ "$(jq -c .list_metadata page)" = \
	    "{\"before\":\"$(ids <page | tail -n 1)\",\"after\":null}" ]
	get "/user_management/users?limit=2&before=$(ids <page | tail -n 1)" >next
	[ "$(cat page next | jq -r '.data[].id' | sort -ru | wc -l)" = 4 ]
	[ "$(cat page next | ids)" = "$(cat page next | ids | sort -r)" ]
}

# bats test_tags=slow
@test "lists: asc and desc go on after the last id" {
	world 12
	for order in asc desc; do
		after=
		: >"$order"
		for n in $(seq 10); do
			get "/user_management/users?limit=10&order=$order${after:+&after=$after}" >page
			ids <page >>"$order"
			[ "$n" -gt 1 ] || [ "$(jq .list_metadata.before page)" = null ]
			after=$(jq -r '.list_metadata.after // ""' page)
			[ "$after" ] || break
		done
	done
	diff asc <(sort asc)
	diff <(sort asc) <(sort desc)
	jq -rs 'map(select(.event | startswith("user."))) | group_by(.data.id)[] |
	    select(last.event != "user.deleted") | last.data.id' all.jsonl |
	    sort | diff - asc
}

@test "lists: what needs a parent says so, word for word" {
	world 1
	run get '/directory_users?limit=100&order=desc' -w ' %{http_code}'
	assert_output '{"message":"Validation failed","errors":[{"field":"directory","code":"Please provide either \"directory\" or \"group\" parameters."},{"field":"group","code":"Please provide either \"directory\" or \"group\" parameters."}]} 422'
	run get '/directory_groups' -w ' %{http_code}'
	assert_output --partial '"field":"user"'
	run get /user_management/organization_memberships -w ' %{http_code}'
	assert_output --partial '"code":"missing_user_id_or_organization_id"} 400'
	run get /organizations/org_none/groups -w ' %{http_code}'
	assert_output "{\"message\":\"Organization not found: 'org_none'.\",\"code\":\"entity_not_found\",\"entity_id\":\"org_none\"} 404"
	run get /user_management/users?order=up -w ' %{http_code}'
	assert_output --partial ' 422'
}

@test "lists: memberships are the active ones unless all are asked for" {
	world 1
	org=$(get /organizations | ids)
	path="/user_management/organization_memberships?organization_id=$org"
	[ "$(get "$path" | jq -c '[.data[].status] | unique')" = '["active"]' ]
	get "$path&statuses=active,inactive,pending" >all
	[ "$(jq -c '[.data[].status] | unique' all)" = '["active","inactive","pending"]' ]
	jq -e 'all(.data[]; .user.id == .user_id and .organization_name)' all
}

@test "lists: items have secrets, and lack what events have" {
	world 12
	get /user_management/invitations | jq -e '.data[0] |
	    .token and (.accept_invitation_url | contains("secret_token_"))'
	get /connections | jq -e '.data[0] | has("external_key") | not'
	get /directories | jq -e '.data[0] | .state == "linked" and
	    (has("domains") | not) and .metadata.users.active == 3 and
	    .metadata.groups == 1'
	get /feature-flags | jq -e '.data[0] | has("environment_id") | not'
	get /user_management/waitlists | jq -e \
	    '.list_metadata == {before: null, after: null}'
	get /user_management/waitlists/waitlist_1/entries | jq -e \
	    '.data[0].object == "waitlist_entry"'
	get '/organizations?order=asc' | jq -e \
	    '.data[0].domains[0].object == "organization_domain"'
}

@test "lists: an organization's roles have the environment's among them" {
	world 1
	org=$(get /organizations | ids)
	[ "$(get "/authorization/organizations/$org/roles" | jq -c \
	    '[.data[].type], has("list_metadata")')" = \
	    '["EnvironmentRole","EnvironmentRole","EnvironmentRole","OrganizationRole"]
false' ]
	get "/authorization/organizations/$org/roles" | jq -e \
	    'all(.data[]; .object == "role" and (has("organization_id") | not))'
}

# bats test_tags=slow
@test "lists: who is in a group, and an account in its provider" {
	world 1
	directory=$(get /directories | ids)
	group=$(get "/directory_groups?directory=$directory" | ids)
	[ "$(get "/directory_users?group=$group" | ids | wc -l)" = 2 ]
	org=$(get /organizations | ids)
	group=$(get "/organizations/$org/groups" | ids)
	get "/organizations/$org/groups/$group/organization-memberships" >page
	jq -e '.data | length == 2 and (.[0] | has("role") | not)' page
	user=$(jq -r 'select(.event == "pipes.connected_account.connected").data.user_id' all.jsonl)
	get "/user_management/users/$user/data_providers" | jq -e \
	    '.data[0] | .slug == "github" and (.connected_accounts[0] |
	    has("provider_slug") | not)'
}

@test "lists: one object, or proof that it is gone" {
	world 4
	user=$(get /user_management/users | ids | head -n 1)
	[ "$(get "/user_management/users/$user" | jq -r .id)" = "$user" ]
	run get /directory_users/directory_user_none -w ' %{http_code}'
	assert_output --partial '"code":"entity_not_found","entity_id":"directory_user_none"} 404'
}

@test "lists: a page after an object that is gone is the first one" {
	world 4
	get '/user_management/users?order=asc&limit=3' >page
	printf '{"id":"event_x","event":"user.deleted","created_at":"2030-01-01","data":{"id":"%s"}}\n' \
	    "$(jq -r .list_metadata.after page)" >>events.jsonl
	get "/user_management/users?order=asc&limit=2&after=$(jq -r .list_metadata.after page)" |
	    jq -r '.data[].id' | diff - <(ids <page | head -n 2)
}

@test "lists: /directory_users takes four a second, and says a bare string" {
	world 1
	until_true five_are_too_many
}

# five_are_too_many: they are, unless they take more than a second.
five_are_too_many() {
	get '/directory_users?directory=x&n=[1-5]' -o body
	[ "$(cat body)" = '"Ratelimited"' ]
}

@test "lists: a list can be refused" {
	world 1 --list-status 403:/connections --list-status 404:/agents/
	run get /connections -w ' %{http_code}'
	assert_output '{"message":"Forbidden"} 403'
	run get /agents/blueprints -w ' %{http_code}'
	assert_output '{"message":"Not Found"} 404'
}
