CREATE TABLE "trial_visits" (
    "scenario_id" UUID,
    "trial_visit_id" VARCHAR,
    "visit_num" DECIMAL(14,2),
    "visit_name" VARCHAR,
    "subject_id" VARCHAR,
    "usubjid" VARCHAR,
    "visit_date" DATE,
    "study_day" INTEGER,
    "visit_status" VARCHAR,
    "window_deviation_days" INTEGER,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
