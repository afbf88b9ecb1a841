CREATE OR REPLACE TEMP TABLE replaced (entity_type VARCHAR, entity_id VARCHAR, position BIGINT, is_read BOOLEAN, provenance JSON)
