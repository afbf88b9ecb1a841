-- One row per role of a human being: which human it is. Roles are joined by the person, the ssn, or a reference.
WITH said AS (
    SELECT ssn, person_id FROM main.persons WHERE scenario_id = $scenario
    UNION ALL
    SELECT ssn, person_id FROM main.patients WHERE scenario_id = $scenario
    UNION ALL
    SELECT ssn, person_id FROM main.members WHERE scenario_id = $scenario
    UNION ALL
    SELECT ssn, person_id FROM main.rx_members WHERE scenario_id = $scenario
    UNION ALL
    SELECT ssn, person_id FROM main.subjects WHERE scenario_id = $scenario
),
by_ssn AS (
    SELECT ssn, min(person_id) AS person_id
    FROM said
    WHERE ssn IS NOT NULL AND person_id IS NOT NULL
    GROUP BY ssn
),
patient AS (
    SELECT
        p.patient_id AS id,
        coalesce('person/' || coalesce(p.person_id, s.person_id), 'ssn/' || p.ssn, 'patient/' || p.patient_id) AS human
    FROM main.patients AS p
    LEFT JOIN by_ssn AS s ON s.ssn = p.ssn
    WHERE p.scenario_id = $scenario
),
member AS (
    SELECT
        m.member_id AS id,
        coalesce(
            p.human,
            'person/' || coalesce(m.person_id, s.person_id),
            'ssn/' || m.ssn,
            'member number/' || m.member_number,
            'member/' || m.member_id
        ) AS human
    FROM main.members AS m
    LEFT JOIN patient AS p ON p.id = m.patient_id
    LEFT JOIN by_ssn AS s ON s.ssn = m.ssn
    WHERE m.scenario_id = $scenario
)
SELECT 'person' AS role, person_id AS id, 'person/' || person_id AS human
FROM main.persons
WHERE scenario_id = $scenario
UNION ALL
SELECT 'patient', id, human FROM patient
UNION ALL
SELECT 'member', id, human FROM member
UNION ALL
SELECT
    'rx_member',
    r.rx_member_id,
    coalesce(
        m.human, 'person/' || coalesce(r.person_id, s.person_id), 'ssn/' || r.ssn, 'rx_member/' || r.rx_member_id
    )
FROM main.rx_members AS r
LEFT JOIN member AS m ON m.id = r.member_id
LEFT JOIN by_ssn AS s ON s.ssn = r.ssn
WHERE r.scenario_id = $scenario
UNION ALL
SELECT
    'subject',
    t.subject_id,
    coalesce(
        p.human, 'person/' || coalesce(t.person_id, s.person_id), 'ssn/' || t.ssn, 'subject/' || t.subject_id
    )
FROM main.subjects AS t
LEFT JOIN patient AS p ON p.id = t.patient_id
LEFT JOIN by_ssn AS s ON s.ssn = t.ssn
WHERE t.scenario_id = $scenario
