-- publications, the newest version of each name first
SELECT
    publication_id, name, version, published_id, published_at, published_by, note, program, schema_version, engine, persons, entity_count,
    row_count, has_star, contents, reference_data, withdrawn_at, withdrawn_by
FROM sharing.publications
WHERE $name IS NULL OR name = $name
ORDER BY name, version DESC
