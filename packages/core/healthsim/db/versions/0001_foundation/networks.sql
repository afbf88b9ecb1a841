CREATE TABLE "networks" (
    "scenario_id" UUID,
    "network_id" VARCHAR,
    "name" VARCHAR,
    "network_type" VARCHAR,
    "plan_id" VARCHAR,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
