-- SPDX-License-Identifier: MIT
-- Which browsers and programs are users signed in with?

SELECT user_agent, count(*) AS sessions,
	count(DISTINCT user_id) AS users
FROM sessions
WHERE status = 'active'
GROUP BY user_agent
ORDER BY sessions DESC, user_agent;
