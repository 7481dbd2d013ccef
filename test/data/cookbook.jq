# SPDX-License-Identifier: MIT
# A small world, up to now: events for the questions of schema/cookbook.

# What happened so many days ago to an object, which has that as its updated_at.
def at($days): (now - $days * 86400) | floor | todate | sub("Z$"; ".000Z");
def event($type; $days; $data): { $type, $days, $data };
def object($type; $days; $data):
	event($type; $days; { updated_at: at($days) } + $data);

def user($n; $days; $more): object("user.created"; $days; {
	object: "user", id: "user_\($n)", email: "\($n)@example.com",
	created_at: at($days) } + $more);
def organization($n; $days): object("organization.created"; $days; {
	id: "org_\($n)", name: $n, created_at: at($days) });
def membership($type; $n; $user; $org; $role; $status; $days):
	object("organization_membership." + $type; $days; {
	id: "om_\($n)", user_id: "user_\($user)", organization_id: "org_\($org)",
	role: { slug: $role }, $status });
def sign_in($how; $user; $ip; $days): event("authentication." + $how; $days; {
	type: ($how | split("_")[0]), status: ($how | split("_")[1]),
	user_id: "user_\($user)", email: "\($user)@example.com", ip_address: $ip });
def directory_user($n; $email; $state): {
	id: "directory_user_\($n)", directory_id: "directory_1",
	organization_id: "org_Acme", email: $email, state: $state,
	updated_at: at(40) };

[
	organization("Acme"; 50), organization("Beta"; 49),
	user(1; 48; { last_sign_in_at: at(1) }), user(2; 47; {}),
	user(3; 200; { last_sign_in_at: at(100) }), user(4; 46; {}),
	membership("created"; 1; 1; "Acme"; "member"; "active"; 40),
	membership("updated"; 1; 1; "Acme"; "admin"; "active"; 39),
	membership("created"; 2; 2; "Acme"; "member"; "active"; 38),
	membership("created"; 3; 3; "Beta"; "admin"; "active"; 37),
	membership("created"; 4; 2; "Beta"; "member"; "active"; 36),
	membership("deleted"; 4; 2; "Beta"; "member"; "active"; 2),
	sign_in("password_failed"; 1; "192.0.2.1"; 0.1),
	sign_in("password_failed"; 2; "192.0.2.1"; 0.1),
	sign_in("password_succeeded"; 1; "192.0.2.2"; 1),
	object("dsync.activated"; 41; { id: "directory_1", state: "active",
		organization_id: "org_Acme", name: "Okta" }),
	object("dsync.group.created"; 40; { id: "directory_group_1",
		directory_id: "directory_1", organization_id: "org_Acme",
		name: "Engineering" }),
	(directory_user(1; "2@example.com"; "suspended"),
	 directory_user(2; "5@example.com"; "active") |
		event("dsync.user.created"; 40; .),
		event("dsync.group.user_added"; 39; { directory_id: "directory_1",
			user: ., group: { id: "directory_group_1",
			directory_id: "directory_1", organization_id: "org_Acme",
			name: "Engineering", updated_at: at(40) } })),
	object("invitation.created"; 8; { id: "invitation_1", state: "pending",
		email: "6@example.com", organization_id: "org_Beta",
		created_at: at(8) }),
	object("connection.deactivated"; 5; { id: "conn_1", name: "Okta",
		organization_id: "org_Beta", connection_type: "OktaSAML",
		state: "inactive" }),
	object("connection.activated"; 5; { id: "conn_2", name: "Entra",
		organization_id: "org_Acme", connection_type: "AzureSAML",
		state: "active" }),
	object("session.created"; 1; { id: "session_1", user_id: "user_1",
		status: "active", user_agent: "Firefox" }),
	event("organization_domain.verification_failed"; 3; {
		reason: "domain_verification_period_expired",
		organization_domain: { id: "org_domain_1", domain: "beta.example",
			organization_id: "org_Beta", state: "failed",
			updated_at: at(3) } }),
	object("api_key.created"; 120; { id: "api_key_1", name: "Old",
		owner: { type: "organization", id: "org_Acme" },
		created_at: at(120) })
] | to_entries | sort_by(-.value.days, .key) | to_entries[] |
{ object: "event", id: "event_\(100 + .key)", event: .value.value.type,
	data: .value.value.data, created_at: at(.value.value.days) }
