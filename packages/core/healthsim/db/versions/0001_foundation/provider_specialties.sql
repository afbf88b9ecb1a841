CREATE TABLE "provider_specialties" (
    "scenario_id" UUID,
    "provider_specialty_id" VARCHAR,
    "provider_id" VARCHAR,
    "specialty" VARCHAR,
    "taxonomy_code" VARCHAR,
    "is_primary" BOOLEAN,
    "board_certified" BOOLEAN,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
