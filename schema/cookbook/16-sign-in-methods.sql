-- SPDX-License-Identifier: MIT
-- How do users sign in?

SELECT type, count(*) AS sign_ins,
	count(DISTINCT user_id) AS users
FROM sign_ins
WHERE status = 'succeeded'
	AND event_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-30 days')
GROUP BY type
ORDER BY sign_ins DESC, type;
