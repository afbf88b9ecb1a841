ALTER TABLE lab_results ADD COLUMN code_system VARCHAR;
ALTER TABLE lab_results ADD COLUMN order_id VARCHAR;
ALTER TABLE lab_results ADD COLUMN loinc_name VARCHAR;
ALTER TABLE lab_results ADD COLUMN specimen_id VARCHAR;
ALTER TABLE lab_results ADD COLUMN specimen_type VARCHAR;
ALTER TABLE lab_results ADD COLUMN specimen_code VARCHAR;
ALTER TABLE lab_results ADD COLUMN status VARCHAR;
