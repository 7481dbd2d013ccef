-- SPDX-License-Identifier: MIT
-- Which connections are not active?

SELECT organization_name, name, connection_type, state
FROM connections
WHERE state <> 'active'
ORDER BY organization_name, name;
