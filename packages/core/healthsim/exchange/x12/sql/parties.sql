-- One row per provider and facility: who bills, who gave the care, and where.
SELECT
    'provider ' || provider_id AS party_id,
    CASE WHEN entity_type_code = '2' OR (family_name IS NULL AND organization_name IS NOT NULL) THEN '2' ELSE '1' END
        AS entity_type,
    coalesce(CASE WHEN entity_type_code = '2' THEN organization_name END, family_name, organization_name, name) AS name,
    CASE WHEN entity_type_code IS DISTINCT FROM '2' THEN given_name END AS given_name,
    npi, taxonomy_code, tax_id, phone, address_line1, address_line2, city, state, postal_code
FROM providers
UNION ALL BY NAME
SELECT
    'facility ' || facility_id AS party_id, '2' AS entity_type, name, npi,
    CASE facility_type WHEN 'hospital' THEN '282N00000X' WHEN 'clinic' THEN '261Q00000X' END AS taxonomy_code,
    tax_id, phone, address_line1, address_line2, city, state, postal_code
FROM facilities
