-- One row per medication of the clinical record, and per prescription of the pharmacy record.
-- kind: fact
-- grain: one row per medication or prescription
-- holds: medications or prescriptions
-- rows: medications.medication_id as order_id where order_source = 'medication', owned by visit
-- rows: prescriptions.prescription_id as order_id where order_source = 'prescription', owned by patient or rx_member
-- tells of: encounters.encounter_id
-- dates: start = start_date_key; end = end_date_key
-- columns:
--   person_key INTEGER: the patient
--   drug_key INTEGER: what
--   encounter_type_key INTEGER: class and type of its encounter; -2 without encounter
--   prescriber_provider_key INTEGER [provider]: who
--   age_band_key INTEGER: age at start
--   start_date_key INTEGER: start, else the day it was written
--   start_date DATE: the same
--   end_date_key INTEGER: end; -2 while open
--   end_date DATE: the same
--   order_source VARCHAR: medication or prescription
--   order_id VARCHAR: degenerate: medication_id or prescription_id
--   encounter_id VARCHAR: degenerate
--   status VARCHAR: as recorded
--   route VARCHAR: as recorded
--   indication VARCHAR: as recorded
--   days_supply INTEGER: of a prescription
--   refills_authorized INTEGER: of a prescription
--   order_count INTEGER: 1 for a medication
--   prescription_count INTEGER: 1 for a prescription
--   first_order_count INTEGER: 1 on the person's first row of this drug class (of this drug where the class is unknown)
WITH ordered AS (
    SELECT
        'medication' AS order_source, m.medication_id AS order_id, m.encounter_id, coalesce(m.code, m.ndc, lower(trim(m.name))) AS code,
        m.prescriber_provider_id, coalesce(m.start_date, CAST(e.start_datetime AS DATE)) AS start_date, m.end_date,
        lower(m.status) AS status, m.route, m.indication,
        e.encounter_id AS known_encounter_id, e.encounter_class, e.encounter_type, CAST(NULL AS INTEGER) AS days_supply, CAST(NULL AS INTEGER) AS refills_authorized,
        coalesce(m.patient_id, e.patient_id) AS patient_id, CAST(NULL AS VARCHAR) AS rx_member_id
    FROM medications AS m
    LEFT JOIN encounters AS e ON e.encounter_id = m.encounter_id
    UNION ALL
    SELECT
        'prescription', r.prescription_id, NULL, coalesce(r.rxnorm_code, r.ndc, lower(trim(r.drug_name))),
        r.prescriber_provider_id, r.written_date, r.expiration_date, NULL, NULL, NULL, NULL, NULL, NULL, r.days_supply, r.refills_authorized,
        r.patient_id, r.rx_member_id
    FROM prescriptions AS r
), dated AS (
    SELECT
        *, coalesce({day_key(start_date)}, -1) AS start_date_key,
        coalesce({day_key(end_date)}, -2) AS end_date_key
    FROM ordered
), keyed AS (
    SELECT
        o.*, coalesce(d.drug_key, -1) AS drug_key, d.line, coalesce(p.person_key, x.person_key, -1) AS person_key,
        coalesce(p.birth_date_key, x.birth_date_key, -1) AS birth_date_key
    FROM dated AS o
    LEFT JOIN lookup_patient AS p ON p.patient_id = o.patient_id
    LEFT JOIN lookup_rx_member AS x ON x.rx_member_id = o.rx_member_id
    LEFT JOIN lookup_drug AS d ON d.code = o.code
), first_one AS (
    -- numbers of one width, so that the texts sort as the days do
    SELECT
        person_key, line,
        substring(min(concat(
            CAST(CASE WHEN start_date_key < 0 THEN 999999999 ELSE 100000000 + start_date_key END AS VARCHAR), order_source, order_id
        )), 10) AS earliest
    FROM keyed
    WHERE person_key > 0 AND drug_key > 0
    GROUP BY person_key, line
)
SELECT
    k.person_key, k.drug_key,
    CASE WHEN k.known_encounter_id IS NULL THEN -2 ELSE coalesce(t.encounter_type_key, -1) END AS encounter_type_key,
    coalesce(v.provider_key, -1) AS prescriber_provider_key,
    {age_at(k.birth_date_key, k.start_date_key)} AS age_band_key,
    k.start_date_key, k.start_date, k.end_date_key, k.end_date,
    k.order_source, k.order_id, k.encounter_id, k.status, k.route, k.indication, k.days_supply, k.refills_authorized,
    CASE WHEN k.order_source = 'medication' THEN 1 ELSE 0 END AS order_count,
    CASE WHEN k.order_source = 'prescription' THEN 1 ELSE 0 END AS prescription_count,
    CASE WHEN f.earliest = concat(k.order_source, k.order_id) THEN 1 ELSE 0 END AS first_order_count
FROM keyed AS k
LEFT JOIN first_one AS f ON f.person_key = k.person_key AND f.line = k.line
LEFT JOIN dim_encounter_type AS t
    ON t.encounter_class = coalesce(k.encounter_class, 'unknown')
    AND t.encounter_type = coalesce(k.encounter_type, k.encounter_class, 'unknown')
LEFT JOIN lookup_provider AS v ON v.ref = k.prescriber_provider_id
