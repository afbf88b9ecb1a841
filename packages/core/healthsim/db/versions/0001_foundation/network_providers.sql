CREATE TABLE "network_providers" (
    "scenario_id" UUID,
    "network_provider_id" VARCHAR,
    "provider_id" VARCHAR,
    "network_id" VARCHAR,
    "tier" VARCHAR,
    "effective_date" DATE,
    "termination_date" DATE,
    "accepting_new_patients" BOOLEAN,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
