CREATE TABLE "dur_alerts" (
    "scenario_id" UUID,
    "dur_alert_id" VARCHAR,
    "rx_member_id" VARCHAR,
    "prescription_id" VARCHAR,
    "pharmacy_claim_id" VARCHAR,
    "alert_type" VARCHAR,
    "severity" VARCHAR,
    "message" VARCHAR,
    "outcome" VARCHAR,
    "created_at" TIMESTAMP,
    "source_type" VARCHAR,
    "source_system" VARCHAR,
    "skill_used" VARCHAR,
    "generation_seed" BIGINT,
    "part_of" VARCHAR,
    "saved_at" TIMESTAMP
);
