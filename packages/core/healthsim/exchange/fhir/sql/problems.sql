-- One row per patient and condition that an encounter names and that is on the problem list: the first that names it.
SELECT *
FROM {diagnoses}
WHERE
    on_problem_list
    AND coalesce(category, 'encounter-diagnosis') = 'encounter-diagnosis'
QUALIFY row_number() OVER (
    PARTITION BY owner_id, coalesce(code, description)
    ORDER BY diagnosed_date, diagnosis_id
) = 1
