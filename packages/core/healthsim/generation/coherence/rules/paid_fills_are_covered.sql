-- A fill is paid when the pharmacy member was covered on its day.
-- severity: fail
-- columns: pharmacy_claims.service_date, rx_members.effective_date, rx_members.termination_date
SELECT f.pharmacy_claim_id AS id, f.service_date, m.effective_date, m.termination_date
FROM pharmacy_claims AS f
JOIN rx_members AS m ON m.rx_member_id = f.rx_member_id
WHERE f.status = 'paid' AND (f.service_date < m.effective_date OR f.service_date > m.termination_date)
