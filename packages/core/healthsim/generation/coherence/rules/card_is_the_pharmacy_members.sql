-- A pharmacy claim is routed by the card of its member.
-- severity: fail when generated
-- columns: pharmacy_claims.cardholder_id, pharmacy_claims.person_code, pharmacy_claims.group_number,
--   rx_members.cardholder_id, rx_members.person_code, rx_members.group_number
SELECT
    f.pharmacy_claim_id AS id, f.cardholder_id, m.cardholder_id AS on_the_card, f.person_code, f.group_number
FROM pharmacy_claims AS f
JOIN rx_members AS m ON m.rx_member_id = f.rx_member_id
WHERE f.cardholder_id <> m.cardholder_id OR f.person_code <> m.person_code OR f.group_number <> m.group_number
