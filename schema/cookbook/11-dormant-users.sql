-- SPDX-License-Identifier: MIT
-- Which users have not signed in for 90 days?

SELECT email, last_sign_in_at
FROM users
WHERE coalesce(last_sign_in_at, created_at) <
	strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-90 days')
ORDER BY email;
