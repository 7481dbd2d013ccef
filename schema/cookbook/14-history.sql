-- SPDX-License-Identifier: MIT
-- What happened to a user?

SELECT created_at, event_type
FROM events
WHERE json_extract(event_payload, '$.data.id') = 'user_1'
	OR json_extract(event_payload, '$.data.user_id') = 'user_1'
ORDER BY created_at, event_id;
