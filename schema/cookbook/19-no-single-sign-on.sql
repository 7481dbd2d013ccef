-- SPDX-License-Identifier: MIT
-- Which organizations have no active connection, and how many members?

SELECT o.name, count(m.id) AS members
FROM organizations AS o
	LEFT JOIN connections AS c ON c.organization_id = o.id
		AND c.state = 'active'
	LEFT JOIN memberships AS m ON m.organization_id = o.id
WHERE c.id IS NULL
GROUP BY o.id, o.name
ORDER BY members DESC, o.name;
