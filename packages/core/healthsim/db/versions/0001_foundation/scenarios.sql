-- One row per scenario. entity_counts holds {plural: n}, kept by every write and proved by the doctor.
CREATE TABLE scenarios (
    scenario_id UUID,
    name VARCHAR,
    description VARCHAR,
    product VARCHAR,
    format VARCHAR,
    created_at TIMESTAMP,
    updated_at TIMESTAMP,
    entity_count BIGINT,
    entity_counts JSON,
    attributes JSON,
    envelope JSON
);
