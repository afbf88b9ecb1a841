CREATE TABLE "network_facilities" (
    "scenario_id" UUID,
    "network_facility_id" VARCHAR,
    "network_id" VARCHAR,
    "tier" VARCHAR,
    "effective_date" DATE,
    "termination_date" DATE,
    "facility_id" VARCHAR,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
