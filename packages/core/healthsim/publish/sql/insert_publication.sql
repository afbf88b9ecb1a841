-- the row of a publication; the time is that of the database
INSERT INTO sharing.publications BY NAME
SELECT
    $publication_id AS publication_id, $name AS name, $version AS version, $published_id AS published_id, $published_at AS published_at,
    $published_by AS published_by, $note AS note, $program AS program, $schema_version AS schema_version, $engine AS engine,
    $persons AS persons, $entity_count AS entity_count, $row_count AS row_count, $has_star AS has_star, $contents AS contents,
    $reference_data AS reference_data
