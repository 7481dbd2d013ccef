-- SPDX-License-Identifier: MIT
-- In which organizations did sign-ins fail in the last 30 days, and how often?

SELECT m.organization_name, count(*) AS failed
FROM sign_ins AS s
	JOIN memberships AS m ON m.user_id = s.user_id
WHERE s.status = 'failed'
	AND s.event_at >
		strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-30 days')
GROUP BY m.organization_id, m.organization_name
ORDER BY failed DESC, m.organization_name;
