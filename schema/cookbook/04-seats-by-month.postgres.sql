-- SPDX-License-Identifier: MIT
-- How did the number of each organization's seats change from month to month?

SELECT o.name, c.month,
	sum(c.change) OVER (PARTITION BY o.id ORDER BY c.month) AS seats
FROM (
	SELECT
		event #>> '{data,organization_id}' AS organization_id,
		to_char(created_at, 'YYYY-MM') AS month,
		sum(CASE event_type WHEN 'organization_membership.created'
			THEN 1 ELSE -1 END) AS change
	FROM (
		-- U+0000, which PostgreSQL's JSON can't hold, is U+FFFD.
		SELECT created_at, event_type, regexp_replace(event_payload,
			'\\u(0000|d[89a-f]..)', '\\ufffd', 'gi')::json AS event
		FROM events
		WHERE event_type IN ('organization_membership.created',
			'organization_membership.deleted')
	) AS changes
	GROUP BY 1, 2
) AS c
	JOIN organizations AS o ON o.id = c.organization_id
ORDER BY o.name, c.month;
