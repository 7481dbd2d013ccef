-- SPDX-License-Identifier: MIT
-- Whose role changed, from what to what?

SELECT u.email, c.old_role, c.new_role, c.created_at
FROM (
	SELECT event_id, created_at,
		event_payload::json #>> '{data,user_id}' AS user_id,
		lag(event_payload::json #>> '{data,role,slug}')
			OVER w AS old_role,
		event_payload::json #>> '{data,role,slug}' AS new_role
	FROM events
	WHERE event_type IN ('organization_membership.created',
		'organization_membership.updated')
	WINDOW w AS (
		PARTITION BY event_payload::json #>> '{data,id}'
		ORDER BY created_at, event_id)
) AS c
	LEFT JOIN users AS u ON u.id = c.user_id
WHERE c.old_role <> c.new_role
ORDER BY c.created_at;
