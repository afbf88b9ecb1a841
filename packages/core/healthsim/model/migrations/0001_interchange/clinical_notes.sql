ALTER TABLE clinical_notes ADD COLUMN loinc_code VARCHAR;
