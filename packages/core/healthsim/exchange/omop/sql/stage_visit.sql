-- One row per contact: encounters, and claims for care that belong to no encounter with a person and a date. A stay that goes on
-- ends on the last day that contacts tell of, as the CDM wants of those who are in hospital at the time of extraction.
-- takes: encounters as kind = 'encounter'
WITH encounter AS (
    SELECT
        'encounter' AS kind,
        e.encounter_id AS id,
        r.person_id,
        CAST(e.start_datetime AS DATE) AS start_date,
        e.start_datetime,
        e.end_datetime,
        e.encounter_class AS class,
        e.attending_provider_id AS provider,
        e.facility_id AS facility,
        coalesce(e.discharge_disposition_code, e.discharge_disposition) AS discharged_to,
        e.end_datetime IS NULL AND (e.status = 'in-progress' OR e.discharge_disposition_code = '30') IS TRUE AS goes_on
    FROM encounters AS e
    JOIN stage_role AS r ON r.role = 'patient' AND r.id = e.patient_id
    WHERE e.start_datetime IS NOT NULL
),
contact AS (
    SELECT * FROM encounter
    UNION ALL
    SELECT
        'claim',
        c.claim_id,
        c.person_id,
        c.start_date,
        CAST(c.start_date AS TIMESTAMP),
        CAST(c.end_date AS TIMESTAMP),
        CASE
            WHEN c.bill_type[1:3] IN ('011', '012', '018', '021') OR c.bill_type[1:2] IN ('11', '12', '18', '21') THEN 'inpatient'
            WHEN c.place_of_service = '21' OR c.admission_date IS NOT NULL THEN 'inpatient'
            WHEN c.place_of_service = '23' THEN 'emergency'
            WHEN c.place_of_service IN ('02', '10') THEN 'virtual'
            WHEN c.place_of_service = '12' THEN 'home'
            ELSE 'outpatient'
        END,
        c.provider,
        c.facility,
        NULL,
        FALSE
    FROM stage_claim AS c
    WHERE c.claim_type IS DISTINCT FROM 'pharmacy'
      AND c.person_id IS NOT NULL
      AND c.start_date IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM encounter AS e WHERE e.id = c.encounter_id)
),
told AS (
    SELECT max(greatest(start_datetime, coalesce(end_datetime, start_datetime))) AS until
    FROM contact
),
ended AS (
    SELECT c.* REPLACE (CASE WHEN c.goes_on THEN t.until ELSE coalesce(c.end_datetime, c.start_datetime) END AS end_datetime)
    FROM contact AS c
    CROSS JOIN told AS t
)
SELECT
    row_number() OVER (ORDER BY c.person_id, c.start_datetime, c.kind, c.id) AS visit_id,
    c.kind,
    c.id,
    c.person_id,
    c.start_date,
    c.start_datetime,
    greatest(c.start_date, CAST(c.end_datetime AS DATE)) AS end_date,
    greatest(c.start_datetime, c.end_datetime) AS end_datetime,
    c.class,
    v.provider_no AS provider_id,
    s.care_site_id,
    c.discharged_to
FROM ended AS c
LEFT JOIN stage_provider AS v ON v.provider_id = c.provider
LEFT JOIN stage_care_site AS s ON s.kind = 'facility' AND s.id = c.facility
