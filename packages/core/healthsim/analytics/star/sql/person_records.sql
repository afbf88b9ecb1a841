-- Which person each record of a product is. A record says it by person_id; else by an ssn that a record with a
-- person_id has too; else by the patient or member that it points to; else the ssn, or the record, stands for the
-- person. since is the first day of a coverage.
-- kind: base
WITH known AS (
    SELECT ssn, min(person_id) AS person_id
    FROM (
        SELECT ssn, person_id FROM persons
        UNION ALL SELECT ssn, person_id FROM patients
        UNION ALL SELECT ssn, person_id FROM members
        UNION ALL SELECT ssn, person_id FROM rx_members
        UNION ALL SELECT ssn, person_id FROM subjects
    ) AS every
    WHERE ssn IS NOT NULL AND person_id IS NOT NULL
    GROUP BY ssn
), patient AS (
    SELECT
        p.patient_id, p.ssn,
        CASE
            WHEN coalesce(p.person_id, k.person_id) IS NOT NULL THEN concat('person/', coalesce(p.person_id, k.person_id))
            WHEN p.ssn IS NOT NULL THEN concat('ssn/', p.ssn)
            ELSE concat('patient/', p.patient_id)
        END AS person_id
    FROM patients AS p
    LEFT JOIN known AS k ON k.ssn = p.ssn
), member AS (
    SELECT
        m.member_id, m.member_number, m.ssn, m.coverage_start,
        CASE
            WHEN coalesce(m.person_id, k.person_id) IS NOT NULL THEN concat('person/', coalesce(m.person_id, k.person_id))
            WHEN p.person_id IS NOT NULL THEN p.person_id
            WHEN m.ssn IS NOT NULL THEN concat('ssn/', m.ssn)
            WHEN m.member_number IS NOT NULL THEN concat('member/', m.member_number)
            ELSE concat('member/', m.member_id)
        END AS person_id
    FROM members AS m
    LEFT JOIN known AS k ON k.ssn = m.ssn
    LEFT JOIN patient AS p ON p.patient_id = m.patient_id
), by_number AS (
    SELECT ref, min(person_id) AS person_id
    FROM (SELECT member_id AS ref, person_id FROM member UNION ALL SELECT member_number, person_id FROM member) AS refs
    WHERE ref IS NOT NULL
    GROUP BY ref
), by_ssn AS (
    SELECT ssn, min(person_id) AS person_id
    FROM (SELECT ssn, person_id FROM patient UNION ALL SELECT ssn, person_id FROM member) AS numbered
    WHERE ssn IS NOT NULL
    GROUP BY ssn
)
SELECT 'person' AS entity_type, person_id AS entity_id, concat('person/', person_id) AS person_id, CAST(NULL AS DATE) AS since FROM persons
UNION ALL
SELECT 'patient', patient_id, person_id, NULL FROM patient
UNION ALL
SELECT 'member', member_id, person_id, coverage_start FROM member
UNION ALL
SELECT
    'rx_member', r.rx_member_id,
    CASE
        WHEN coalesce(r.person_id, k.person_id) IS NOT NULL THEN concat('person/', coalesce(r.person_id, k.person_id))
        WHEN m.person_id IS NOT NULL THEN m.person_id
        WHEN s.person_id IS NOT NULL THEN s.person_id
        WHEN r.ssn IS NOT NULL THEN concat('ssn/', r.ssn)
        ELSE concat('rx_member/', r.rx_member_id)
    END,
    r.effective_date
FROM rx_members AS r
LEFT JOIN known AS k ON k.ssn = r.ssn
LEFT JOIN by_number AS m ON m.ref = r.member_id
LEFT JOIN by_ssn AS s ON s.ssn = r.ssn
UNION ALL
SELECT
    'subject', j.subject_id,
    CASE
        WHEN coalesce(j.person_id, k.person_id) IS NOT NULL THEN concat('person/', coalesce(j.person_id, k.person_id))
        WHEN p.person_id IS NOT NULL THEN p.person_id
        WHEN s.person_id IS NOT NULL THEN s.person_id
        WHEN j.ssn IS NOT NULL THEN concat('ssn/', j.ssn)
        ELSE concat('subject/', j.subject_id)
    END,
    NULL
FROM subjects AS j
LEFT JOIN known AS k ON k.ssn = j.ssn
LEFT JOIN patient AS p ON p.patient_id = j.patient_id
LEFT JOIN by_ssn AS s ON s.ssn = j.ssn
