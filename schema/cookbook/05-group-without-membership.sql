-- SPDX-License-Identifier: MIT
-- Who is in a directory group, but no member of the organization?

SELECT d.group_name, u.email
FROM directory_group_memberships AS d
	JOIN directory_users AS u ON u.id = d.user_id
	LEFT JOIN memberships AS m
		ON m.organization_id = u.organization_id
		AND lower(m.user_email) = lower(u.email)
WHERE m.id IS NULL
ORDER BY d.group_name, u.email;
