ALTER TABLE allergies ADD COLUMN verification_status VARCHAR;
