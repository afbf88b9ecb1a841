-- one row per provider
SELECT
    k.provider_id, p.provider_name AS name, p.npi, p.dea AS dea_number,
    coalesce(p.specialty_source_value, c.concept_name) AS specialty, p.doc
FROM cdm.provider AS p
JOIN key_provider AS k ON k.number = p.provider_id
LEFT JOIN cdm.concept AS c ON c.concept_id = p.specialty_concept_id AND c.concept_id <> 0
