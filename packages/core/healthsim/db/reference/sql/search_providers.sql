-- Providers by name, number, place and taxonomy; of several releases, the newest record of each.
WITH newest AS (
    SELECT * FROM reference.npi_providers
    WHERE ($release::VARCHAR IS NULL OR "release" = $release)
        AND ($npi::VARCHAR IS NULL OR npi = $npi)
    QUALIFY row_number() OVER (PARTITION BY npi ORDER BY "release" DESC) = 1
), matching AS (
    SELECT *,
        lower(concat_ws(' ', first_name, middle_name, last_name, organization_name, other_organization_name)) AS known_as
    FROM newest
    WHERE ($state::VARCHAR IS NULL OR practice_state = $state)
        AND ($city::VARCHAR IS NULL OR lower(practice_city) = lower($city))
        AND ($entity::VARCHAR IS NULL OR entity_type = $entity)
        AND ($postal::VARCHAR IS NULL OR starts_with(practice_postal_code, $postal))
        AND ($taxonomy::VARCHAR IS NULL OR (npi, "release") IN (
            SELECT (npi, "release") FROM reference.npi_taxonomies WHERE starts_with(taxonomy_code, $taxonomy)))
)
SELECT npi, entity_type, organization_name, last_name, first_name, middle_name, credential, sex, primary_taxonomy,
    practice_address_1, practice_address_2, practice_city, practice_state, practice_postal_code, practice_phone,
    enumeration_date, deactivation_date, "release", count(*) OVER () AS total_count
FROM matching
WHERE len(list_filter($words::VARCHAR[], LAMBDA w: NOT contains(known_as, w))) = 0
ORDER BY coalesce(last_name, organization_name), first_name, npi
LIMIT $most
