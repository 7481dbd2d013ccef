-- SPDX-License-Identifier: MIT
-- Whose role changed, from what to what?

SELECT u.email, c.old_role, c.new_role, c.created_at
FROM (
	SELECT event_id, created_at,
		event #>> '{data,user_id}' AS user_id,
		lag(event #>> '{data,role,slug}') OVER w AS old_role,
		event #>> '{data,role,slug}' AS new_role
	FROM (
		-- U+0000, which PostgreSQL's JSON can't hold, is U+FFFD.
		SELECT event_id, created_at, regexp_replace(event_payload,
			'\\u(0000|d[89a-f]..)', '\\ufffd', 'gi')::json AS event
		FROM events
		WHERE event_type IN ('organization_membership.created',
			'organization_membership.updated')
	) AS changes
	WINDOW w AS (
		PARTITION BY event #>> '{data,id}'
		ORDER BY created_at, event_id)
) AS c
	LEFT JOIN users AS u ON u.id = c.user_id
WHERE c.old_role <> c.new_role
ORDER BY c.created_at;
