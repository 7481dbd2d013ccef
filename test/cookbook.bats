# SPDX-License-Identifier: MIT
# Each question of wos-cookbook(7) has an answer, the same from each database.

load helper

setup() {
	wos_setup
	newdb app
}

# months EVENT [ORGANIZATION]: in which the events of that type happened, to members
# of that one alone, each once, in order.
months() {
	jq -r --arg type "$1" --arg org "${2-}" 'select(.event == $type and
	    ($org == "" or .data.organization_id == $org)) | .created_at[:7]' \
	    events.jsonl | sort -u | xargs
}

# answer NAME: the answer to that question, without times of the day.
answer() {
	local file=("$ROOT"/schema/cookbook/??-"$1".sql) text

	if [[ $DBKIND == postgres && -e ${file[0]%.sql}.postgres.sql ]]; then
		file=("${file[0]%.sql}.postgres.sql")
	fi
	text=$(sed '1,/^$/d' "${file[0]}")
	sql "$app" "${text%;}" |
		sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.+Z]*/TIME/'
}

# has NAME LINE...: this is the answer.
has() {
	printf '%s\n' "${@:2}" | diff -u --label "$1" - <(answer "$1") || return
	asked+=("$1")
}

@test "cookbook: twenty questions, each with an answer" {
	jq -nc -f "$DATA/cookbook.jq" >events.jsonl
	# PostgreSQL takes no JSON apart that has one of these.
	sed 's/"data":{/&"custom_attributes":{"note":"\\u0000\\ud800"},/' \
	    events.jsonl | wos-decode | wos-apply "$app"
	asked=()
	has lost-access '2@example.com|Beta|TIME'
	has failed-sign-ins 'Acme|2'
	has seats 'Acme|2' 'Beta|1'
	answer seats-by-month >seats
	grep -qx "Acme|$(months organization_membership.created org_Acme | sed 's/.* //')|2" seats
	grep -qx "Beta|$(months organization_membership.deleted org_Beta)|1" seats
	has group-without-membership 'Engineering|5@example.com'
	assert_equal "$(answer new-organizations | cut -d '|' -f 1 | xargs)" \
	    "$(months organization.created)"
	has users-without-organization 'user_4|4@example.com'
	has old-invitations '6@example.com|Beta|TIME'
	has inactive-connections 'Beta|Okta|OktaSAML|inactive'
	has admins 'Acme|1@example.com' 'Beta|3@example.com'
	has dormant-users '3@example.com|TIME'
	has role-changes '1@example.com|member|admin|TIME'
	has sessions-by-agent 'Firefox|1|1'
	has history 'TIME|user.created' \
	    'TIME|organization_membership.'{created,updated} \
	    'TIME|authentication.password_succeeded' 'TIME|session.created' \
	    'TIME|authentication.password_failed'
	has unverified-domains 'Beta|beta.example|failed|domain_verification_period_expired'
	has sign-in-methods 'password|1|1'
	has left-the-company 'Acme|2@example.com|suspended'
	has unused-keys 'Old|organization|org_Acme|'
	has no-single-sign-on 'Beta|1'
	has attacks '192.0.2.1|2|2'
	asked+=(seats-by-month new-organizations)
	diff <(printf '%s\n' "${asked[@]}" | sort) \
	    <(cd "$ROOT/schema/cookbook" && printf '%s\n' *.sql |
		sed -nE '/\.postgres/!s/^[0-9]+-(.*)\.sql$/\1/p' | sort)
	assert_equal "${#asked[@]}" 20
}
