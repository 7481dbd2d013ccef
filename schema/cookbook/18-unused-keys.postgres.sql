-- SPDX-License-Identifier: MIT
-- Which API keys have not been used for 90 days?

SELECT k.name, k.owner_type, k.owner_id, k.last_used_at
FROM api_keys AS k
WHERE coalesce(k.last_used_at, k.created_at) < now() - INTERVAL '90 days'
ORDER BY k.name;
