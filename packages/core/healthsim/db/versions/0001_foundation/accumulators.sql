CREATE TABLE "accumulators" (
    "scenario_id" UUID,
    "accumulator_id" VARCHAR,
    "member_id" VARCHAR,
    "plan_year" INTEGER,
    "accumulator_type" VARCHAR,
    "level" VARCHAR,
    "limit_amount" DECIMAL(14,2),
    "applied_amount" DECIMAL(14,2),
    "as_of_date" DATE,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
