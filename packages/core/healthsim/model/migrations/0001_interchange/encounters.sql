ALTER TABLE encounters ADD COLUMN type_code VARCHAR;
ALTER TABLE encounters ADD COLUMN type_code_system VARCHAR;
ALTER TABLE encounters ADD COLUMN reason_code VARCHAR;
ALTER TABLE encounters ADD COLUMN reason_code_system VARCHAR;
ALTER TABLE encounters ADD COLUMN admission_type_code VARCHAR;
ALTER TABLE encounters ADD COLUMN admission_source_code VARCHAR;
