-- SPDX-License-Identifier: MIT
-- Which domains are not verified, and why did it fail?

SELECT o.name, d.domain, d.state, f.reason
FROM organization_domains AS d
	JOIN organizations AS o ON o.id = d.organization_id
	LEFT JOIN organization_domain_failures AS f
		ON f.organization_domain_id = d.id
WHERE d.state NOT IN ('verified', 'legacy_verified')
ORDER BY o.name, d.domain;
