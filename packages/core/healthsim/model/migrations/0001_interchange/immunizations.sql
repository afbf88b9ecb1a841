ALTER TABLE immunizations ADD COLUMN status VARCHAR;
ALTER TABLE immunizations ADD COLUMN performing_provider_id VARCHAR;
