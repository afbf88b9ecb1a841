CREATE TABLE "procedures" (
    "scenario_id" UUID,
    "procedure_id" VARCHAR,
    "patient_id" VARCHAR,
    "encounter_id" VARCHAR,
    "code" VARCHAR,
    "code_system" VARCHAR,
    "description" VARCHAR,
    "modifiers" JSON,
    "performed_datetime" TIMESTAMP,
    "performing_provider_id" VARCHAR,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
