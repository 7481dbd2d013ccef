-- SPDX-License-Identifier: MIT
-- How many organizations were created each month?

SELECT to_char(created_at, 'YYYY-MM') AS month,
	count(*) AS organizations
FROM organizations
GROUP BY 1
ORDER BY 1;
