-- SPDX-License-Identifier: MIT
-- How did the number of each organization's seats change from month to month?

SELECT o.name, c.month,
	sum(c.change) OVER (PARTITION BY o.id ORDER BY c.month) AS seats
FROM (
	SELECT
		json_extract(event_payload, '$.data.organization_id')
			AS organization_id,
		substr(created_at, 1, 7) AS month,
		sum(CASE event_type WHEN 'organization_membership.created'
			THEN 1 ELSE -1 END) AS change
	FROM events
	WHERE event_type IN ('organization_membership.created',
		'organization_membership.deleted')
	GROUP BY 1, 2
) AS c
	JOIN organizations AS o ON o.id = c.organization_id
ORDER BY o.name, c.month;
