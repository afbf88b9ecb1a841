-- Providers of a scenario in every role: attending, performing, prescribing, billing, primary care.
-- kind: scoped
-- natural key: provider_id
-- rows: providers.provider_id
-- columns:
--   provider_id VARCHAR: the provider
--   npi VARCHAR: number
--   name VARCHAR: person or organisation
--   entity_type_code VARCHAR: 1 person, 2 organisation
--   credential VARCHAR: MD, DO, NP ...
--   specialty VARCHAR: as recorded
--   taxonomy_code VARCHAR: NUCC taxonomy
--   is_primary_care INTEGER: 1 for family, general, internal medicine, paediatrics, geriatrics and primary care
--   is_synthetic INTEGER: 1 when the number is synthetic
--   city VARCHAR: practice
--   state VARCHAR: practice
--   county_fips VARCHAR: practice
--   geography_key INTEGER: county of practice
SELECT
    p.provider_id, p.npi,
    coalesce(p.name, p.organization_name, nullif(trim(concat(coalesce(p.given_name, ''), ' ', coalesce(p.family_name, ''))), '')) AS name,
    p.entity_type_code, p.credential, p.specialty, p.taxonomy_code,
    CASE
        WHEN lower(p.specialty) LIKE '%family%' OR lower(p.specialty) LIKE '%general practice%'
            OR lower(p.specialty) LIKE '%internal medicine%' OR lower(p.specialty) LIKE '%pediatrics%'
            OR lower(p.specialty) LIKE '%geriatric%' OR lower(p.specialty) LIKE '%primary care%' THEN 1
        WHEN p.taxonomy_code LIKE '207Q%' OR p.taxonomy_code LIKE '208D%' OR p.taxonomy_code LIKE '207R00000%'
            OR p.taxonomy_code LIKE '208000000%' OR p.taxonomy_code LIKE '363LF%' OR p.taxonomy_code LIKE '363LP2300%' THEN 1
        ELSE 0
    END AS is_primary_care,
    CASE WHEN p.is_synthetic THEN 1 ELSE 0 END AS is_synthetic,
    p.city, p.state, p.county_fips, coalesce(g.geography_key, -1) AS geography_key
FROM providers AS p
LEFT JOIN dim_geography AS g ON g.geoid = p.county_fips
