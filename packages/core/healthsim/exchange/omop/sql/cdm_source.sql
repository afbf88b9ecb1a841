-- What this database is: one row.
SELECT
    left(s.name, 255) AS cdm_source_name,
    left(s.name, 25) AS cdm_source_abbreviation,
    'HealthSim' AS cdm_holder,
    'Synthetic data of a HealthSim scenario; no row tells of a real person.' AS source_description,
    NULL AS source_documentation_reference,
    'HealthSim, healthsim export omop' AS cdm_etl_reference,
    CAST(s.updated_at AS DATE) AS source_release_date,
    greatest(CAST(s.updated_at AS DATE), $today) AS cdm_release_date,
    '5.4' AS cdm_version,
    756265 AS cdm_version_concept_id,
    left($vocabulary_version, 20) AS vocabulary_version
FROM scenarios AS s
