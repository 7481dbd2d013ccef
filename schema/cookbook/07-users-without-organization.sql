-- SPDX-License-Identifier: MIT
-- Which users are in no organization?

SELECT u.id, u.email
FROM users AS u
	LEFT JOIN memberships AS m ON m.user_id = u.id
WHERE m.id IS NULL
ORDER BY u.email;
