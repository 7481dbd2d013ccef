-- SPDX-License-Identifier: MIT
-- How many organizations were created each month?

SELECT substr(created_at, 1, 7) AS month,
	count(*) AS organizations
FROM organizations
GROUP BY 1
ORDER BY 1;
