CREATE TABLE "disposition_events" (
    "scenario_id" UUID,
    "disposition_event_id" VARCHAR,
    "subject_id" VARCHAR,
    "usubjid" VARCHAR,
    "dsterm" VARCHAR,
    "dsdecod" VARCHAR,
    "dscat" VARCHAR,
    "dsstdtc" DATE,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
