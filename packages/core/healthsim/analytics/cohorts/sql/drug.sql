-- One row per patient and day of a drug, by RxNorm code, NDC, or a word of its name: medications, prescriptions, and
-- fills that were paid (not rejected, pending, reversed or voided).
WITH found AS (
    SELECT h.patient_id, coalesce(m.start_date, CAST(e.start_datetime AS DATE)) AS day, m.code, m.ndc, m.name
    FROM medications AS m
    LEFT JOIN encounters AS e ON e.encounter_id = m.encounter_id
    JOIN cohort_human AS h ON h.role = 'patient' AND h.id = coalesce(m.patient_id, e.patient_id)
    UNION ALL
    SELECT coalesce(h.patient_id, x.patient_id), p.written_date, p.rxnorm_code, p.ndc, p.drug_name
    FROM prescriptions AS p
    LEFT JOIN cohort_human AS h ON h.role = 'patient' AND h.id = p.patient_id
    LEFT JOIN cohort_human AS x ON x.role = 'rx_member' AND x.id = p.rx_member_id
    UNION ALL
    SELECT
        coalesce(x.patient_id, h.patient_id), f.service_date, p.rxnorm_code, coalesce(f.ndc, p.ndc),
        coalesce(f.drug_name, p.drug_name)
    FROM pharmacy_claims AS f
    LEFT JOIN prescriptions AS p ON p.prescription_id = f.prescription_id
    LEFT JOIN cohort_human AS x ON x.role = 'rx_member' AND x.id = coalesce(f.rx_member_id, p.rx_member_id)
    LEFT JOIN cohort_human AS h ON h.role = 'patient' AND h.id = p.patient_id
    JOIN cohort_status AS s ON s.claim_type = 'pharmacy' AND s.spelling = lower(coalesce(f.status, 'paid'))
    WHERE s.status = 'paid'
)
SELECT DISTINCT f.patient_id, f.day
FROM found AS f
JOIN (SELECT unnest($terms) AS term) AS t
    ON f.code = t.term OR f.ndc = t.term OR contains(' ' || lower(f.name) || ' ', ' ' || lower(t.term) || ' ')
WHERE f.patient_id IS NOT NULL AND f.day IS NOT NULL
