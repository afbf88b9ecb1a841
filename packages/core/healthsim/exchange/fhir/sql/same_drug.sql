-- One row per medication of a care provider and the prescription that is the same drug: by reference, else by drug and day.
WITH named AS (
    SELECT p.patient_ordinal, p.prescription_id, m.medication_id, 1 AS rank
    FROM {prescriptions} AS p
    JOIN {medications} AS m ON m.medication_id = p.medication_id AND m.patient_ordinal = p.patient_ordinal
    UNION ALL
    SELECT p.patient_ordinal, p.prescription_id, m.medication_id, 2 AS rank
    FROM {prescriptions} AS p
    JOIN {medications} AS m
        ON
            m.patient_ordinal = p.patient_ordinal
            AND m.start_date = p.written_date
            AND coalesce(m.ndc = p.ndc, m.code = p.rxnorm_code)
    WHERE p.medication_id IS NULL
),
of_medication AS (
    SELECT * FROM named
    QUALIFY row_number() OVER (PARTITION BY medication_id ORDER BY rank, prescription_id) = 1
)
SELECT * FROM of_medication
QUALIFY row_number() OVER (PARTITION BY prescription_id ORDER BY rank, medication_id) = 1
