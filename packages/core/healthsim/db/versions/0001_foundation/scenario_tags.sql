CREATE TABLE scenario_tags (
    scenario_id UUID,
    tag VARCHAR,
    position INTEGER
);
