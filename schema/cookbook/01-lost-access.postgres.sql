-- SPDX-License-Identifier: MIT
-- Who lost access to an organization in the last week?

SELECT u.email, o.name AS organization, e.created_at
FROM (
	SELECT created_at,
		event #>> '{data,user_id}' AS user_id,
		event #>> '{data,organization_id}' AS organization_id
	FROM (
		-- U+0000, which PostgreSQL's JSON can't hold, is U+FFFD.
		SELECT created_at, regexp_replace(event_payload,
			'\\u(0000|d[89a-f]..)', '\\ufffd', 'gi')::json AS event
		FROM events
		WHERE event_type = 'organization_membership.deleted'
			AND created_at > now() - INTERVAL '7 days'
	) AS deleted
	UNION ALL
	SELECT updated_at, user_id, organization_id
	FROM memberships
	WHERE status = 'inactive'
		AND updated_at > now() - INTERVAL '7 days'
) AS e
	LEFT JOIN users AS u ON u.id = e.user_id
	LEFT JOIN organizations AS o ON o.id = e.organization_id
ORDER BY e.created_at;
