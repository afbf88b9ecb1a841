-- What quality measures ask of a person and a year: since when conditions are known, what was done, the last results.
-- kind: work
-- empty without: patients, members
-- uses: immunizations.immunization_id, owned by patient
WITH ever AS (
    SELECT
        person_key,
        min(CASE WHEN concept = 'diabetes' THEN first_date END) AS diabetes_from,
        min(CASE WHEN concept = 'hypertension' THEN first_date END) AS hypertension_from,
        min(CASE WHEN concept = 'ascvd' THEN first_date END) AS ascvd_from,
        min(CASE WHEN concept = 'esrd' THEN first_date END) AS esrd_from,
        min(CASE WHEN concept = 'pregnancy' THEN first_date END) AS pregnancy_from,
        min(CASE WHEN concept = 'mastectomy' THEN first_date END) AS mastectomy_from,
        min(CASE WHEN concept = 'colorectal_cancer' THEN first_date END) AS colorectal_cancer_from,
        min(CASE WHEN concept = 'hysterectomy' THEN first_date END) AS hysterectomy_from,
        min(CASE WHEN concept = 'depression' THEN first_date END) AS depression_from,
        min(CASE WHEN concept = 'hospice' THEN first_date END) AS hospice_from
    FROM quality_event
    GROUP BY person_key
), yearly AS (
    SELECT
        person_key, "year",
        max(CASE WHEN concept = 'hba1c' THEN 1 ELSE 0 END) AS has_hba1c,
        max(CASE WHEN concept = 'eye_exam' THEN 1 ELSE 0 END) AS has_eye_exam,
        max(CASE WHEN concept = 'egfr' THEN 1 ELSE 0 END) AS has_egfr,
        max(CASE WHEN concept = 'uacr' THEN 1 ELSE 0 END) AS has_uacr,
        max(CASE WHEN concept = 'statin' THEN 1 ELSE 0 END) AS has_statin,
        max(CASE WHEN concept = 'well_visit' THEN 1 ELSE 0 END) AS has_well_visit,
        max(CASE WHEN concept = 'fit' THEN 1 ELSE 0 END) AS has_fit,
        max(CASE WHEN concept = 'pregnancy' THEN 1 ELSE 0 END) AS has_pregnancy
    FROM quality_event
    GROUP BY person_key, "year"
), screened AS (
    SELECT
        p.person_key, p."year",
        max(CASE WHEN e.concept = 'mammogram' THEN e.last_date END) AS mammogram_last,
        max(CASE WHEN e.concept = 'colonoscopy' THEN e.last_date END) AS colonoscopy_last,
        max(CASE WHEN e.concept = 'stool_dna' THEN e.last_date END) AS stool_dna_last,
        max(CASE WHEN e.concept = 'sigmoidoscopy' THEN e.last_date END) AS sigmoidoscopy_last,
        max(CASE WHEN e.concept = 'pap' THEN e.last_date END) AS pap_last,
        max(CASE WHEN e.concept = 'hpv' THEN e.last_date END) AS hpv_last
    FROM quality_person AS p
    JOIN quality_event AS e ON e.person_key = p.person_key AND e."year" <= p."year"
    WHERE e.concept IN ('mammogram', 'colonoscopy', 'stool_dna', 'sigmoidoscopy', 'pap', 'hpv')
    GROUP BY p.person_key, p."year"
), result AS (
    SELECT f.person_key, year(f.observed_date) AS "year", d.analyte, f.observed_date, f.value_numeric
    FROM fact_observation AS f
    JOIN dim_observation_type AS d ON d.observation_type_key = f.observation_type_key
    WHERE d.analyte IN ('hba1c', 'systolic_bp', 'diastolic_bp') AND f.value_numeric IS NOT NULL AND f.person_key > 0
), newest AS (
    SELECT person_key, "year", analyte, max(observed_date) AS last_date FROM result GROUP BY person_key, "year", analyte
), last_result AS (
    SELECT
        n.person_key, n."year", min(CASE WHEN n.analyte = 'hba1c' THEN r.value_numeric END) AS hba1c,
        min(CASE WHEN n.analyte = 'systolic_bp' THEN r.value_numeric END) AS systolic,
        min(CASE WHEN n.analyte = 'diastolic_bp' THEN r.value_numeric END) AS diastolic
    FROM newest AS n
    JOIN result AS r
        ON r.person_key = n.person_key AND r."year" = n."year" AND r.analyte = n.analyte AND r.observed_date = n.last_date
    GROUP BY n.person_key, n."year"
), dose AS (
    SELECT p.person_key, v.value AS vaccine, count(DISTINCT i.administered_date) AS doses
    FROM immunizations AS i
    JOIN lookup_patient AS l ON l.patient_id = i.patient_id
    JOIN dim_person AS p ON p.person_key = l.person_key
    JOIN code_rules AS v
        ON v.rule_set = 'quality_vaccine'
        AND v.code_from = CASE WHEN length(i.cvx_code) = 1 THEN concat('0', i.cvx_code) ELSE i.cvx_code END
    WHERE date_diff('day', p.birth_date, i.administered_date) BETWEEN 0 AND 731
    GROUP BY p.person_key, v.value
), dosed AS (
    SELECT
        person_key, max(CASE WHEN vaccine = 'dtap' THEN doses ELSE 0 END) AS dtap,
        max(CASE WHEN vaccine = 'ipv' THEN doses ELSE 0 END) AS ipv,
        max(CASE WHEN vaccine = 'mmr' THEN doses ELSE 0 END) AS mmr, max(CASE WHEN vaccine = 'hib' THEN doses ELSE 0 END) AS hib,
        max(CASE WHEN vaccine = 'hepb' THEN doses ELSE 0 END) AS hepb, max(CASE WHEN vaccine = 'vzv' THEN doses ELSE 0 END) AS vzv,
        max(CASE WHEN vaccine = 'pcv' THEN doses ELSE 0 END) AS pcv
    FROM dose
    GROUP BY person_key
), taken AS (
    SELECT
        f.person_key, year(f.service_date) AS "year", max(CASE WHEN d.is_insulin = 1 THEN year(f.service_date) END) AS insulin_year,
        max(CASE WHEN d.ingredient = 'sacubitril' THEN year(f.service_date) END) AS sacubitril_year
    FROM fact_rx_fill AS f
    JOIN dim_drug AS d ON d.drug_key = f.drug_key
    WHERE f.fill_count = 1 AND (d.is_insulin = 1 OR d.ingredient = 'sacubitril')
    GROUP BY f.person_key, year(f.service_date)
)
SELECT
    p.person_key, p."year", p.end_day, p.gender, p.age,
    e.diabetes_from, e.hypertension_from, e.ascvd_from, e.esrd_from, e.pregnancy_from, e.mastectomy_from, e.colorectal_cancer_from,
    e.hysterectomy_from, e.depression_from, e.hospice_from,
    coalesce(y.has_hba1c, 0) AS has_hba1c, coalesce(y.has_eye_exam, 0) AS has_eye_exam, coalesce(y.has_egfr, 0) AS has_egfr,
    coalesce(y.has_uacr, 0) AS has_uacr, coalesce(y.has_statin, 0) AS has_statin, coalesce(y.has_well_visit, 0) AS has_well_visit,
    coalesce(y.has_fit, 0) AS has_fit, coalesce(y.has_pregnancy, 0) AS has_pregnancy,
    s.mammogram_last, s.colonoscopy_last, s.stool_dna_last, s.sigmoidoscopy_last, s.pap_last, s.hpv_last,
    r.hba1c, r.systolic, r.diastolic, t.insulin_year, t.sacubitril_year,
    CASE
        WHEN v.dtap >= 4 AND v.ipv >= 3 AND v.mmr >= 1 AND v.hib >= 3 AND v.hepb >= 3 AND v.vzv >= 1 AND v.pcv >= 4 THEN 1 ELSE 0
    END AS vaccines_complete
FROM quality_person AS p
LEFT JOIN ever AS e ON e.person_key = p.person_key
LEFT JOIN yearly AS y ON y.person_key = p.person_key AND y."year" = p."year"
LEFT JOIN screened AS s ON s.person_key = p.person_key AND s."year" = p."year"
LEFT JOIN last_result AS r ON r.person_key = p.person_key AND r."year" = p."year"
LEFT JOIN taken AS t ON t.person_key = p.person_key AND t."year" = p."year"
LEFT JOIN dosed AS v ON v.person_key = p.person_key
