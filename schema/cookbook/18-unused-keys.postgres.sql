-- SPDX-License-Identifier: MIT
-- Which API keys have not been used for 90 days?

SELECT name, owner_type, owner_id, last_used_at
FROM api_keys
WHERE coalesce(last_used_at, created_at) <
	now() - INTERVAL '90 days'
ORDER BY name;
