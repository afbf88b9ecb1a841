-- One row per patient: its number, which follows from its id, its split, which follows from the number, and its shard.
WITH numbered AS (
    SELECT
        patient_id, CAST('0x' || left(md5(patient_id), 15) AS BIGINT) AS subject_id,
        (row_number() OVER (ORDER BY patient_id) - 1) // $per_shard AS shard
    FROM patients
)
SELECT
    patient_id, subject_id, shard,
    CASE
        WHEN subject_id % 100 < $train THEN 'train'
        WHEN subject_id % 100 < $train + $tuning THEN 'tuning'
        ELSE 'held_out'
    END AS split
FROM numbered
