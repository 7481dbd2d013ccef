-- SPDX-License-Identifier: MIT
-- How many seats does each organization use?

SELECT organization_name, count(*) AS seats
FROM memberships
WHERE status = 'active'
GROUP BY organization_id, organization_name
ORDER BY seats DESC, organization_name;
