-- SPDX-License-Identifier: MIT
-- Which invitations have been pending for more than a week?

SELECT email, organization_name, created_at
FROM invitations
WHERE state = 'pending'
	AND created_at < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-7 days')
ORDER BY created_at;
