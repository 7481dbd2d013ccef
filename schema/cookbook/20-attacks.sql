-- SPDX-License-Identifier: MIT
-- From which addresses did sign-ins of several users fail in the last day?

SELECT ip_address, count(*) AS failed,
	count(DISTINCT email) AS users
FROM sign_ins
WHERE status = 'failed'
	AND event_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 days')
GROUP BY ip_address
HAVING count(DISTINCT email) > 1
ORDER BY failed DESC, ip_address;
