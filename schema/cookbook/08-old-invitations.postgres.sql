-- SPDX-License-Identifier: MIT
-- Which invitations have been pending for more than a week?

SELECT email, organization_name, created_at
FROM invitations
WHERE state = 'pending'
	AND created_at < now() - INTERVAL '7 days'
ORDER BY created_at;
