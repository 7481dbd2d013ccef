-- SPDX-License-Identifier: MIT
-- Who are the administrators of each organization?

SELECT organization_name, user_email
FROM memberships
WHERE role_slug = 'admin'
	AND status = 'active'
ORDER BY organization_name, user_email;
