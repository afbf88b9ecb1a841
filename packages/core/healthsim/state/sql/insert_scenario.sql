INSERT INTO main.scenarios
    (scenario_id, name, description, product, format, created_at, updated_at, entity_count, entity_counts,
     attributes, envelope)
VALUES
    ($id, $name, $description, $product, $format, $created_at, $updated_at, 0, '{}', $attributes, $envelope)
