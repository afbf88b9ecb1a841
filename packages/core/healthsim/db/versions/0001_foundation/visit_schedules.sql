CREATE TABLE "visit_schedules" (
    "scenario_id" UUID,
    "visit_schedule_id" VARCHAR,
    "visit_num" DECIMAL(14,2),
    "visit_name" VARCHAR,
    "study_id" VARCHAR,
    "planned_day" INTEGER,
    "window_before_days" INTEGER,
    "window_after_days" INTEGER,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
