-- One row per specimen of results: the laboratory's own, else what was taken of a patient at a time.
SELECT
    patient_ordinal,
    specimen_key,
    any_value(owner_id) AS owner_id,
    min(specimen_id) AS specimen_id,
    min(specimen_type) AS specimen_type,
    min(specimen_code) AS specimen_code,
    min(collected_datetime) AS collected_datetime
FROM (
    SELECT
        *,
        coalesce(
            specimen_id,
            'specimen-' || md5(concat_ws('/', owner_id, collected_datetime, specimen_type, specimen_code))
        ) AS specimen_key
    FROM {lab_results}
    WHERE coalesce(specimen_id, specimen_type, specimen_code) IS NOT NULL
) AS taken
GROUP BY patient_ordinal, specimen_key
