# SPDX-License-Identifier: MIT
# The same with jq, for sqlite3: a statement for the ledger and one for the
# object of each event, with the columns that one would pick first.
# Use: jq -rn -f events.jq EVENTS | sqlite3 DATABASE

def q:
	if . == null then "NULL"
	elif type == "string" then "'" + gsub("'"; "''") + "'"
	elif type == "boolean" then (if . then "1" else "0" end)
	elif type == "number" then tostring
	else tojson | q
	end;
def ms:
	if . == null then null
	else (.[0:19] + "Z" | fromdateiso8601) * 1000 + (.[20:23] | tonumber)
	end;

def ledger:
	"INSERT INTO events_cursor (event_id, event_payload, created_at, event_type) VALUES (\(.id | q), \(tojson | q), \(.created_at | ms), \(.event | q)) ON CONFLICT DO NOTHING;";

def upsert($table; $row):
	($row | keys_unsorted | map("\"\(.)\"")) as $names |
	"INSERT INTO \"\($table)\" (\($names | join(", "))) VALUES (\($row | map(q) | join(", "))) ON CONFLICT DO UPDATE SET \($names | map("\(.) = excluded.\(.)") | join(", "));";

def common: {id, created_at: (.created_at | ms), updated_at: (.updated_at | ms)};

def object($table):
	if $table == "user" then
		common + {email, first_name, last_name, name, email_verified, profile_picture_url, external_id, metadata, last_sign_in_at: (.last_sign_in_at | ms)}
	elif $table == "organization" then
		common + {name, domains, metadata, external_id}
	elif $table == "organization_membership" then
		common + {user_id, organization_id, status, role_slug: .role.slug, roles}
	elif $table == "session" then
		common + {user_id, organization_id, auth_method, status, ip_address, user_agent}
	elif $table == "directory" then
		common + {organization_id, type, name, state}
	else
		common + {directory_id, organization_id, idp_id, email, first_name, last_name, name, state, custom_attributes}
	end;

def effect:
	.event as $name | .data as $data |
	if $name | startswith("authentication.") then
		upsert("authentication"; {event_id: .id, event_type: $name, event_at: (.created_at | ms)} + ($data | {type, status, user_id, email, ip_address, user_agent}))
	elif $data.object == null then empty
	elif $name | endswith(".deleted") then
		"DELETE FROM \"\($data.object)\" WHERE id = \($data.id | q);"
	else
		upsert($data.object; $data | object($data.object))
	end;

"PRAGMA journal_mode = WAL;", "PRAGMA synchronous = NORMAL;", "BEGIN;",
(foreach inputs as $event (0; . + 1;
	($event | ledger, effect),
	if . % 1000 == 0 then "COMMIT;", "BEGIN;" else empty end)),
"COMMIT;"
