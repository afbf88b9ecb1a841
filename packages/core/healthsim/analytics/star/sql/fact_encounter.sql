-- One row per encounter.
-- kind: fact
-- grain: one row per encounter
-- holds: encounters
-- rows: encounters.encounter_id, owned by patient
-- dates: start = start_date_key; end = end_date_key
-- how: Readmission (HEDIS PCR, observed, without its rules of enrolment): an index admission is an inpatient stay of an adult
--   over at least one night, discharged alive, not transferred, neither of pregnancy nor of the newborn, and has 30 days of
--   data behind its discharge. It is followed by the person's next inpatient admission that is of neither as well and was not
--   planned: elective, for chemotherapy, radiotherapy or rehabilitation, or with the DRG of a transplant. HEDIS also knows
--   planned admissions by procedures; those lists are licensed.
-- columns:
--   person_key INTEGER: the patient
--   encounter_type_key INTEGER: class and type
--   facility_key INTEGER: where
--   attending_provider_key INTEGER [provider]: who
--   disposition_key INTEGER: how it ended; -2 unless inpatient, observation or emergency
--   principal_diagnosis_key INTEGER [diagnosis]: its principal diagnosis, else the first one
--   coverage_key INTEGER: coverage on the day it started; -2 when not covered
--   plan_key INTEGER: plan of that coverage; -2 when not covered
--   geography_key INTEGER: county of residence
--   age_band_key INTEGER: age at start
--   start_date_key INTEGER: day of start
--   end_date_key INTEGER: day of end; -2 while open
--   start_date DATE: day of start
--   end_date DATE: day of end
--   start_datetime TIMESTAMP: start (UTC)
--   end_datetime TIMESTAMP: end (UTC)
--   encounter_id VARCHAR: degenerate: the encounter
--   encounter_class VARCHAR: degenerate: inpatient, outpatient, emergency, observation, virtual, home
--   drg_code VARCHAR: degenerate: DRG
--   encounter_count INTEGER: 1
--   inpatient_count INTEGER: 1 for inpatient
--   emergency_count INTEGER: 1 for emergency
--   ed_stay_count INTEGER: 1 for emergency that became a stay: one of the patient begins in it, or on the day of its end or the
--     next day
--   observation_count INTEGER: 1 for observation
--   outpatient_count INTEGER: 1 for outpatient
--   virtual_count INTEGER: 1 for virtual
--   home_count INTEGER: 1 for home
--   length_of_stay_days INTEGER: nights of an inpatient stay that ended (same day = 0), else NULL
--   bed_days INTEGER: nights of an inpatient stay, at least 1; 0 for others
--   duration_minutes INTEGER: end - start
--   death_count INTEGER: 1 when the patient died in it
--   transfer_count INTEGER: 1 when it ended with a transfer to another acute hospital
--   index_admission_count INTEGER: 1: inpatient and an index admission as above
--   readmission_7_day_count INTEGER: 1 on an index admission that is followed by an unplanned admission within 7 days
--   readmission_30_day_count INTEGER: the same within 30 days
--   days_to_readmission INTEGER: days from the discharge of an index admission to the next unplanned admission,
--     whenever; else NULL
--   is_readmission_count INTEGER: 1 on an admission that is itself within 30 days of an index admission's discharge
--   ambulatory_care_sensitive_count INTEGER: 1 when the principal diagnosis is ambulatory-care-sensitive
--   enrolled_count INTEGER: 1 when covered on the day it started
--   claim_count INTEGER: claims that name this encounter
--   charge_amount DECIMAL(14,2): their charges, USD
--   allowed_amount DECIMAL(14,2): their allowed amounts, of paid claims
--   paid_amount DECIMAL(14,2): what the plan paid, of paid claims
--   member_amount DECIMAL(14,2): what the member owes, of paid claims
WITH lasting AS (
    SELECT *, CAST(start_datetime AS DATE) AS start_date, CAST(end_datetime AS DATE) AS end_date FROM encounters
), dated AS (
    SELECT
        *, {day_key(start_date)} AS start_key,
        {day_key(end_date)} AS end_key
    FROM lasting
), visit AS (
    SELECT
        e.encounter_id, e.encounter_type, e.admission_type_code, e.drg_code, e.start_datetime, e.end_datetime, e.facility_id, e.attending_provider_id,
        coalesce(e.encounter_class, 'unknown') AS encounter_class, e.start_date, e.end_date, e.start_key, e.end_key,
        coalesce(p.person_key, -1) AS person_key, coalesce(p.birth_date_key, -1) AS birth_date_key,
        coalesce(p.geography_key, -1) AS geography_key,
        CASE
            WHEN d.disposition_key IS NOT NULL THEN d.disposition_key
            WHEN e.encounter_class IN ('inpatient', 'observation', 'emergency') THEN -1
            ELSE -2
        END AS disposition_key,
        CASE
            WHEN d.is_death = 1 THEN 1
            WHEN e.encounter_class IN ('inpatient', 'observation', 'emergency') AND p.death_date BETWEEN e.start_date
                AND coalesce(e.end_date, e.start_date) THEN 1
            ELSE 0
        END AS death_count,
        coalesce(d.is_transfer, 0) AS transfer_count
    FROM dated AS e
    LEFT JOIN lookup_patient AS p ON p.patient_id = e.patient_id
    LEFT JOIN dim_disposition AS d
        ON d.code = CASE
            WHEN length(e.discharge_disposition_code) = 1 THEN concat('0', e.discharge_disposition_code)
            ELSE coalesce(e.discharge_disposition_code, lower(e.discharge_disposition))
        END
), chief AS (
    SELECT b.encounter_id, b.diagnosis_key, x.is_ambulatory_care_sensitive, replace(x.code, '.', '') AS code
    FROM bridge_encounter_diagnosis AS b
    JOIN dim_diagnosis AS x ON x.diagnosis_key = b.diagnosis_key
    WHERE b.is_principal = 1 AND b.encounter_id IS NOT NULL
), stay AS (
    SELECT
        v.encounter_id, v.person_key, v.start_datetime, v.end_datetime, v.start_date, v.end_date,
        CASE
            WHEN v.death_count = 0 AND v.transfer_count = 0 AND v.end_date > v.start_date AND NOT coalesce(c.of_birth, FALSE)
                AND (v.birth_date_key <= 0 OR {age_at(v.birth_date_key, v.start_key)} >= 18) THEN 1
            ELSE 0
        END AS is_index,
        CASE
            WHEN coalesce(c.of_birth, FALSE) OR coalesce(c.planned, FALSE) OR v.admission_type_code = '3'
                OR v.drg_code IN ('001', '002', '005', '006', '007', '008', '010', '014', '016', '017', '019', '650', '651', '652') THEN 0
            ELSE 1
        END AS is_unplanned
    FROM visit AS v
    LEFT JOIN (
        SELECT
            encounter_id,
            substring(code, 1, 1) IN ('O', 'P') OR substring(code, 1, 3) IN ('Z33', 'Z34', 'Z37', 'Z38', 'Z39', 'Z3A') AS of_birth,
            substring(code, 1, 4) IN ('Z510', 'Z511') OR code = 'Z5189' AS planned
        FROM chief
    ) AS c ON c.encounter_id = v.encounter_id
    WHERE v.encounter_class = 'inpatient' AND v.person_key > 0
), admitted AS (
    SELECT DISTINCT v.encounter_id
    FROM visit AS v
    JOIN stay AS s
        ON s.person_key = v.person_key AND s.start_datetime >= v.start_datetime
        AND s.start_date <= CAST(coalesce(v.end_date, v.start_date) + 1 AS DATE)
    WHERE v.encounter_class = 'emergency'
), pair AS (
    SELECT a.encounter_id, b.encounter_id AS later_id, date_diff('day', a.end_date, b.start_date) AS days
    FROM stay AS a
    JOIN stay AS b ON b.person_key = a.person_key AND b.encounter_id <> a.encounter_id AND b.start_datetime >= a.end_datetime
    WHERE a.is_index = 1 AND b.is_unplanned = 1
), chain AS (
    SELECT encounter_id, min(days) AS days_to_next, max(is_return) AS is_return
    FROM (
        SELECT encounter_id, days, 0 AS is_return FROM pair
        UNION ALL
        SELECT later_id, NULL, 1 FROM pair WHERE days <= 30
    ) AS links
    GROUP BY encounter_id
), money AS (
    SELECT
        encounter_id, count(*) AS claim_count, sum(charge_amount) AS charge_amount, sum(net_allowed_amount) AS allowed_amount,
        sum(net_paid_amount) AS paid_amount, sum(net_member_amount) AS member_amount
    FROM fact_claim
    WHERE encounter_id IS NOT NULL
    GROUP BY encounter_id
), flagged AS (
    SELECT
        v.*, n.days_to_next, coalesce(n.is_return, 0) AS is_readmission_count,
        CASE
            WHEN i.is_index = 1 AND date_diff('day', v.end_date, s.data_end_date) >= 30 THEN 1
            ELSE 0
        END AS index_admission_count
    FROM visit AS v
    CROSS JOIN dim_scenario AS s
    LEFT JOIN chain AS n ON n.encounter_id = v.encounter_id
    LEFT JOIN stay AS i ON i.encounter_id = v.encounter_id
    WHERE v.encounter_class = 'inpatient'
    UNION ALL
    SELECT *, NULL, 0, 0 FROM visit WHERE encounter_class <> 'inpatient'
)
SELECT
    v.person_key, coalesce(t.encounter_type_key, -1) AS encounter_type_key, coalesce(f.facility_key, -1) AS facility_key,
    coalesce(a.provider_key, -1) AS attending_provider_key, v.disposition_key,
    coalesce(c.diagnosis_key, -1) AS principal_diagnosis_key,
    coalesce(k.coverage_key, -2) AS coverage_key, coalesce(k.plan_key, -2) AS plan_key, v.geography_key,
    {age_at(v.birth_date_key, v.start_key)} AS age_band_key,
    coalesce(v.start_key, -1) AS start_date_key,
    coalesce(v.end_key, -2) AS end_date_key,
    v.start_date, v.end_date, v.start_datetime, v.end_datetime, v.encounter_id, v.encounter_class, v.drg_code,
    1 AS encounter_count,
    CASE WHEN v.encounter_class = 'inpatient' THEN 1 ELSE 0 END AS inpatient_count,
    CASE WHEN v.encounter_class = 'emergency' THEN 1 ELSE 0 END AS emergency_count,
    CASE WHEN d.encounter_id IS NOT NULL THEN 1 ELSE 0 END AS ed_stay_count,
    CASE WHEN v.encounter_class = 'observation' THEN 1 ELSE 0 END AS observation_count,
    CASE WHEN v.encounter_class = 'outpatient' THEN 1 ELSE 0 END AS outpatient_count,
    CASE WHEN v.encounter_class = 'virtual' THEN 1 ELSE 0 END AS virtual_count,
    CASE WHEN v.encounter_class = 'home' THEN 1 ELSE 0 END AS home_count,
    CASE WHEN v.encounter_class = 'inpatient' THEN date_diff('day', v.start_date, v.end_date) END AS length_of_stay_days,
    CASE WHEN v.encounter_class = 'inpatient' THEN greatest(1, coalesce(date_diff('day', v.start_date, v.end_date), 1)) ELSE 0 END AS bed_days,
    date_diff('minute', v.start_datetime, v.end_datetime) AS duration_minutes,
    v.death_count, v.transfer_count, v.index_admission_count,
    CASE WHEN v.index_admission_count = 1 AND v.days_to_next <= 7 THEN 1 ELSE 0 END AS readmission_7_day_count,
    CASE WHEN v.index_admission_count = 1 AND v.days_to_next <= 30 THEN 1 ELSE 0 END AS readmission_30_day_count,
    CASE WHEN v.index_admission_count = 1 THEN v.days_to_next END AS days_to_readmission,
    v.is_readmission_count,
    coalesce(c.is_ambulatory_care_sensitive, 0) AS ambulatory_care_sensitive_count,
    CASE WHEN k.coverage_key IS NOT NULL THEN 1 ELSE 0 END AS enrolled_count,
    coalesce(m.claim_count, 0) AS claim_count, coalesce(m.charge_amount, 0) AS charge_amount,
    coalesce(m.allowed_amount, 0) AS allowed_amount, coalesce(m.paid_amount, 0) AS paid_amount,
    coalesce(m.member_amount, 0) AS member_amount
FROM flagged AS v
LEFT JOIN dim_encounter_type AS t
    ON t.encounter_class = v.encounter_class AND t.encounter_type = coalesce(v.encounter_type, v.encounter_class)
LEFT JOIN lookup_facility AS f ON f.ref = v.facility_id
LEFT JOIN lookup_provider AS a ON a.ref = v.attending_provider_id
LEFT JOIN lookup_coverage AS k ON k.person_key = v.person_key AND v.start_date BETWEEN k.first_day AND k.last_day
LEFT JOIN chief AS c ON c.encounter_id = v.encounter_id
LEFT JOIN money AS m ON m.encounter_id = v.encounter_id
LEFT JOIN admitted AS d ON d.encounter_id = v.encounter_id
