-- SPDX-License-Identifier: MIT
-- Who was suspended in the directory, but is still an active member?

SELECT m.organization_name, m.user_email, u.state
FROM directory_users AS u
	JOIN memberships AS m ON m.organization_id = u.organization_id
		AND lower(m.user_email) = lower(u.email)
WHERE u.state <> 'active'
	AND m.status = 'active'
ORDER BY m.organization_name, m.user_email;
