-- The patient of a claim is the patient that its member is.
-- severity: fail when generated
-- columns: claims.member_id, claims.patient_id, members.patient_id
SELECT c.claim_id AS id, c.member_id, c.patient_id, m.patient_id AS patient_of_member
FROM claims AS c
JOIN members AS m ON m.member_id = c.member_id
WHERE c.patient_id <> m.patient_id
