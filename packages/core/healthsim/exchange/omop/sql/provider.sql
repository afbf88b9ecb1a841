-- One row per provider.
SELECT
    p.provider_no AS provider_id,
    left(coalesce(p.name, nullif(concat_ws(' ', p.given_name, p.family_name), ''), p.organization_name), 255) AS provider_name,
    left(p.npi, 20) AS npi,
    left(p.dea_number, 20) AS dea,
    coalesce(w.concept_id, 0) AS specialty_concept_id,
    NULL AS care_site_id,
    NULL AS year_of_birth,
    0 AS gender_concept_id,
    left(p.provider_id, 50) AS provider_source_value,
    left(coalesce(p.specialty, p.taxonomy_code), 50) AS specialty_source_value,
    0 AS specialty_source_concept_id,
    NULL AS gender_source_value,
    0 AS gender_source_concept_id
FROM stage_provider AS p
LEFT JOIN stage_word AS w ON w.kind = 'specialty' AND w.word = lower(trim(p.specialty))
