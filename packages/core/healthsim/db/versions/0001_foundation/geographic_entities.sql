CREATE TABLE "geographic_entities" (
    "scenario_id" UUID,
    "geographic_entity_id" VARCHAR,
    "population" INTEGER,
    "geoid" VARCHAR,
    "name" VARCHAR,
    "geography_level" VARCHAR,
    "state" VARCHAR,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
