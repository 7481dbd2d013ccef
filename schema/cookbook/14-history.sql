-- SPDX-License-Identifier: MIT
-- What happened to a user?

SELECT created_at, event_type
FROM events
WHERE event_payload LIKE '%"user_1"%'
ORDER BY created_at, event_id;
