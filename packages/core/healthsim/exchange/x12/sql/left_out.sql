-- One row: what the transactions of X12 have no room for.
SELECT
    (SELECT count(*) FROM claims WHERE claim_type IN ('dental', 'pharmacy')),
    (
        SELECT count(*) FROM claims AS c
        WHERE c.claim_type IS DISTINCT FROM 'dental' AND c.claim_id NOT IN (SELECT claim_id FROM claim_lines WHERE claim_id IS NOT NULL)
    ),
    (SELECT count(*) FROM claims WHERE status IS NULL OR status = 'pended'),
    (SELECT count(*) FROM lab_results) + (SELECT count(*) FROM vital_signs) + (SELECT count(*) FROM medications)
    + (SELECT count(*) FROM prescriptions) + (SELECT count(*) FROM pharmacy_claims) + (SELECT count(*) FROM immunizations)
    + (SELECT count(*) FROM allergies) + (SELECT count(*) FROM clinical_notes) + (SELECT count(*) FROM orders)
    + (SELECT count(*) FROM subjects) + (SELECT count(*) FROM adverse_events) + (SELECT count(*) FROM exposures)
