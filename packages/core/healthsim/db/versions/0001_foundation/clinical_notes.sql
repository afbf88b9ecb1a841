CREATE TABLE "clinical_notes" (
    "scenario_id" UUID,
    "clinical_note_id" VARCHAR,
    "patient_id" VARCHAR,
    "encounter_id" VARCHAR,
    "note_type" VARCHAR,
    "note_datetime" TIMESTAMP,
    "author" VARCHAR,
    "content" VARCHAR,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
