CREATE TABLE "treatment_arms" (
    "scenario_id" UUID,
    "treatment_arm_id" VARCHAR,
    "study_id" VARCHAR,
    "arm_code" VARCHAR,
    "arm_name" VARCHAR,
    "arm_type" VARCHAR,
    "is_control" BOOLEAN,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
