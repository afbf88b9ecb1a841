-- VS: one row per vital sign that was measured of a subject between consent and the end of participation.
WITH tests AS (
    SELECT col0 AS measure, col1 AS testcd, col2 AS test, col3 AS unit FROM ({tests})
),
long AS (
    UNPIVOT (SELECT vital_sign_id, patient_id, observation_datetime, {numbers} FROM vital_signs)
    ON {measures}
    INTO NAME measure VALUE value
),
measured AS (
    SELECT
        l.*, t.testcd, t.test, t.unit, s.unique_id,
        row_number() OVER (
            PARTITION BY s.unique_id ORDER BY l.observation_datetime, l.vital_sign_id, t.testcd
        ) AS number
    FROM long AS l
    JOIN tests AS t ON t.measure = l.measure
    JOIN sdtm_subjects AS s ON s.patient_id = l.patient_id
    WHERE s.study = $study
        AND CAST(l.observation_datetime AS DATE) >= coalesce(s.informed_consent_date, s.screening_date)
        AND CAST(l.observation_datetime AS DATE) <= s.rfpendtc
)
SELECT {variables}
FROM measured AS a
JOIN sdtm_subjects AS s ON s.unique_id = a.unique_id AND s.patient_id = a.patient_id AND s.study = $study
ORDER BY s.unique_id, a.number
