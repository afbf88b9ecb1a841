-- A fill is for the pharmacy member whose prescription it is.
-- severity: fail
-- columns: pharmacy_claims.rx_member_id, prescriptions.rx_member_id
SELECT f.pharmacy_claim_id AS id, f.rx_member_id, p.rx_member_id AS member_of_prescription
FROM pharmacy_claims AS f
JOIN prescriptions AS p ON p.prescription_id = f.prescription_id
LEFT JOIN rx_members AS one ON one.rx_member_id = f.rx_member_id
LEFT JOIN rx_members AS other ON other.rx_member_id = p.rx_member_id
-- one person may have several spans of coverage
WHERE f.rx_member_id <> p.rx_member_id AND coalesce(one.person_id <> other.person_id, TRUE)
