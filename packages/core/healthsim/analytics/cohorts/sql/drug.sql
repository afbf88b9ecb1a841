-- One row per patient and day of a drug, by RxNorm code, NDC, or a word of its name: medications, prescriptions, and
-- fills that were neither rejected nor reversed.
WITH found AS (
    SELECT patient_id, start_date AS day, code, ndc, name
    FROM main.medications
    WHERE scenario_id = $scenario
    UNION ALL
    SELECT patient_id, written_date, rxnorm_code, ndc, drug_name
    FROM main.prescriptions
    WHERE scenario_id = $scenario
    UNION ALL
    SELECT p.patient_id, f.service_date, p.rxnorm_code, f.ndc, coalesce(f.drug_name, p.drug_name)
    FROM main.pharmacy_claims AS f
    JOIN main.prescriptions AS p ON p.scenario_id = $scenario AND p.prescription_id = f.prescription_id
    WHERE f.scenario_id = $scenario AND coalesce(f.status, 'paid') NOT IN ('rejected', 'reversed')
)
SELECT DISTINCT f.patient_id, f.day
FROM found AS f
JOIN (SELECT unnest($terms) AS term) AS t
    ON f.code = t.term OR f.ndc = t.term OR contains(' ' || lower(f.name) || ' ', ' ' || lower(t.term) || ' ')
WHERE f.day IS NOT NULL
