-- How the local concepts map to standard ones.
WITH pair AS (SELECT concept_id AS one, target_concept_id AS two FROM stage_local WHERE target_concept_id <> 0)
SELECT
    one AS concept_id_1, two AS concept_id_2, 'Maps to' AS relationship_id, DATE '1970-01-01' AS valid_start_date,
    DATE '2099-12-31' AS valid_end_date, NULL AS invalid_reason
FROM pair
UNION ALL
SELECT two, one, 'Mapped from', DATE '1970-01-01', DATE '2099-12-31', NULL
FROM pair
