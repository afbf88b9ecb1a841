-- One row per diagnosis code: how many persons have it in the clinical record.
WITH found AS (
    -- whoever is not known is nobody in particular
    SELECT diagnosis_key, count(DISTINCT person_key) FILTER (WHERE person_key > 0) AS persons, sum(diagnosis_count) AS diagnoses
    FROM analytics.bridge_encounter_diagnosis
    WHERE scenario_key = $scenario
    GROUP BY diagnosis_key
), everybody AS (
    SELECT count(*) AS persons FROM analytics.dim_person WHERE scenario_key = $scenario
)
SELECT
    x.code, coalesce(x.description, x.block_name) AS diagnosis, x.chapter_name AS chapter, f.persons, f.diagnoses,
    100.0 * f.persons / nullif(e.persons, 0) AS percent_of_persons
FROM found AS f
JOIN analytics.dim_diagnosis AS x ON x.diagnosis_key = f.diagnosis_key
CROSS JOIN everybody AS e
ORDER BY f.persons DESC, x.code
LIMIT $top
