-- People on a statin, and those of them in whom a reason for it had been found.
WITH drugs AS (
    SELECT patient_id, start_date AS day, name FROM medications
    UNION ALL SELECT patient_id, written_date, drug_name FROM prescriptions
),
users AS (
    SELECT patient_id, min(day) AS since
    FROM drugs
    WHERE regexp_matches(name, '(atorva|rosuva|simva|prava|lova|pitava|fluva)statin', 'i')
    GROUP BY patient_id
),
reasons AS (
    SELECT patient_id, min(coalesce(onset_date, diagnosed_date)) AS since
    FROM diagnoses
    WHERE regexp_matches(code, '^(E78|I2[0-5]|I6[3-9]|I70|I73|E0[89]|E1[0-3]|Z86\.?73|Z95\.?[15])')
    GROUP BY patient_id
)
SELECT
    count(*) AS n,
    100.0 * count(*) FILTER (r.patient_id IS NOT NULL AND coalesce(r.since <= u.since, TRUE)) / nullif(count(*), 0)
        AS with_a_reason
FROM users AS u
LEFT JOIN reasons AS r ON r.patient_id = u.patient_id
