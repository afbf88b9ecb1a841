-- One row per scenario that has been built. Not scoped: it is the scope.
-- kind: scenario
-- how: With the days between which its events lie.
-- columns:
--   scenario_id UUID: the scenario
--   name VARCHAR: its name
--   description VARCHAR: what is said about it
--   product VARCHAR: the product that it came from
--   data_start_date DATE: the first event of any kind
--   data_end_date DATE: the last event of any kind: what follows it is not observed (censoring)
--   created_at TIMESTAMP: when it was made (UTC)
--   updated_at TIMESTAMP: when it was last written (UTC)
WITH event AS (
    SELECT min(CAST(start_datetime AS DATE)) AS earliest, max(CAST(coalesce(end_datetime, start_datetime) AS DATE)) AS latest
    FROM encounters
    UNION ALL
    SELECT min(coalesce(service_date, admission_date)), max(coalesce(service_end_date, discharge_date, service_date, admission_date))
    FROM claims
    UNION ALL SELECT min(service_date), max(service_date) FROM claim_lines
    UNION ALL SELECT min(service_date), max(service_date) FROM pharmacy_claims
    UNION ALL SELECT min(diagnosed_date), max(diagnosed_date) FROM diagnoses
    UNION ALL SELECT min(CAST(performed_datetime AS DATE)), max(CAST(performed_datetime AS DATE)) FROM procedures
    UNION ALL SELECT min(CAST(collected_datetime AS DATE)), max(CAST(collected_datetime AS DATE)) FROM lab_results
    UNION ALL SELECT min(CAST(observation_datetime AS DATE)), max(CAST(observation_datetime AS DATE)) FROM vital_signs
    UNION ALL SELECT min(start_date), max(start_date) FROM medications
    UNION ALL SELECT min(visit_date), max(visit_date) FROM trial_visits
    UNION ALL SELECT min(aestdtc), max(coalesce(aeendtc, aestdtc)) FROM adverse_events
    UNION ALL SELECT min(exstdtc), max(coalesce(exendtc, exstdtc)) FROM exposures
    UNION ALL SELECT min(informed_consent_date), max(informed_consent_date) FROM subjects
    UNION ALL SELECT min(screening_date), max(screening_date) FROM subjects
    UNION ALL SELECT min(randomization_date), max(randomization_date) FROM subjects
    UNION ALL SELECT min(completion_date), max(completion_date) FROM subjects
    UNION ALL SELECT min(discontinuation_date), max(discontinuation_date) FROM subjects
), span AS (
    SELECT min(coverage_start) AS earliest, max(CASE WHEN coverage_end < DATE '2099-01-01' THEN coverage_end ELSE coverage_start END) AS latest
    FROM members
)
SELECT
    s.scenario_id, s.name, s.description, s.product,
    coalesce((SELECT min(earliest) FROM event), (SELECT earliest FROM span)) AS data_start_date,
    coalesce((SELECT max(latest) FROM event), (SELECT latest FROM span)) AS data_end_date,
    s.created_at, s.updated_at
FROM scenarios AS s
