-- One row per medical claim that tells of care, dated by itself or by its first line. One that was reversed or voided tells
-- of none; a denied one tells that there was some, but proves neither condition nor procedure.
WITH line AS (
    SELECT claim_id, min(service_date) AS service_date
    FROM claim_lines
    GROUP BY claim_id
)
SELECT
    c.claim_id,
    c.encounter_id,
    coalesce(m.person_id, p.person_id) AS person_id,
    coalesce(c.admission_date, c.service_date, l.service_date) AS start_date,
    coalesce(c.discharge_date, c.service_end_date) AS end_date,
    c.admission_date,
    c.claim_type,
    c.bill_type,
    c.place_of_service,
    coalesce(c.rendering_provider_id, c.billing_provider_id) AS provider,
    c.facility_id AS facility,
    s.status IN ('denied', 'rejected') AS is_denied
FROM claims AS c
LEFT JOIN line AS l ON l.claim_id = c.claim_id
LEFT JOIN stage_role AS m ON m.role = 'member' AND m.id = c.member_id
LEFT JOIN stage_role AS p ON p.role = 'patient' AND p.id = c.patient_id
JOIN stage_status AS s
    ON s.claim_type = coalesce(c.claim_type, 'unknown') AND s.spelling = lower(coalesce(c.status, 'paid'))
WHERE s.status <> 'reversed'
