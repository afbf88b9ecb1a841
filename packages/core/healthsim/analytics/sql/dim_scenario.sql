-- The scenario itself, with the days between which its events lie.
WITH event AS (
    SELECT min(CAST(start_datetime AS DATE)) AS earliest, max(CAST(coalesce(end_datetime, start_datetime) AS DATE)) AS latest
    FROM encounters
    UNION ALL SELECT min(service_date), max(coalesce(service_end_date, service_date)) FROM claims
    UNION ALL SELECT min(service_date), max(service_date) FROM pharmacy_claims
    UNION ALL SELECT min(diagnosed_date), max(diagnosed_date) FROM diagnoses
    UNION ALL SELECT min(CAST(performed_datetime AS DATE)), max(CAST(performed_datetime AS DATE)) FROM procedures
    UNION ALL SELECT min(CAST(collected_datetime AS DATE)), max(CAST(collected_datetime AS DATE)) FROM lab_results
    UNION ALL SELECT min(CAST(observation_datetime AS DATE)), max(CAST(observation_datetime AS DATE)) FROM vital_signs
    UNION ALL SELECT min(start_date), max(start_date) FROM medications
    UNION ALL SELECT min(visit_date), max(visit_date) FROM trial_visits
    UNION ALL SELECT min(aestdtc), max(coalesce(aeendtc, aestdtc)) FROM adverse_events
    UNION ALL SELECT min(exstdtc), max(coalesce(exendtc, exstdtc)) FROM exposures
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
