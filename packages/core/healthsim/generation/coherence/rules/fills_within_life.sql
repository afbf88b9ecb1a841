-- Nobody fills a prescription before birth or after death.
-- severity: fail
-- columns: pharmacy_claims.service_date, rx_members.birth_date, rx_members.death_date
SELECT f.pharmacy_claim_id AS id, f.service_date, m.birth_date, m.death_date
FROM pharmacy_claims AS f
JOIN rx_members AS m ON m.rx_member_id = f.rx_member_id
WHERE f.status = 'paid' AND (f.service_date < m.birth_date OR f.service_date > m.death_date)
