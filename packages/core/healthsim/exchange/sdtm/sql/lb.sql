-- LB: one row per laboratory result of a subject between consent and the end of participation.
-- What CDISC has no name for here is named by its LOINC code, else by its place among all such tests.
WITH named AS (
    SELECT col0 AS loinc, col1 AS testcd, col2 AS test, col3 AS category FROM ({tests})
),
others AS (
    SELECT test_name, 'LAB' || lpad(CAST(row_number() OVER (ORDER BY test_name) AS VARCHAR), 5, '0') AS testcd
    FROM lab_results
    WHERE loinc_code IS NULL
    GROUP BY test_name
),
collected AS (
    SELECT
        r.*, s.unique_id,
        coalesce(n.testcd, 'L' || nullif(left(regexp_replace(r.loinc_code, '[^0-9A-Z]', '', 'g'), 7), ''), o.testcd) AS testcd,
        coalesce(n.test, left(coalesce(r.test_name, r.loinc_code, 'Unknown'), 40)) AS test,
        coalesce(n.category, 'OTHER') AS category,
        row_number() OVER (
            PARTITION BY s.unique_id ORDER BY r.collected_datetime, r.loinc_code, r.lab_result_id
        ) AS number
    FROM lab_results AS r
    JOIN sdtm_subjects AS s ON s.patient_id = r.patient_id
    LEFT JOIN named AS n ON n.loinc = r.loinc_code
    LEFT JOIN others AS o ON r.loinc_code IS NULL AND o.test_name IS NOT DISTINCT FROM r.test_name
    WHERE s.study = $study
        AND CAST(r.collected_datetime AS DATE) >= coalesce(s.informed_consent_date, s.screening_date)
        AND CAST(r.collected_datetime AS DATE) <= s.rfpendtc
)
SELECT {variables}
FROM collected AS a
JOIN sdtm_subjects AS s ON s.unique_id = a.unique_id AND s.patient_id = a.patient_id AND s.study = $study
ORDER BY s.unique_id, a.number
