ALTER TABLE claims ADD COLUMN billing_facility_id VARCHAR;
ALTER TABLE claims ADD COLUMN admission_type_code VARCHAR;
ALTER TABLE claims ADD COLUMN admission_source_code VARCHAR;
ALTER TABLE claims ADD COLUMN discharge_status_code VARCHAR;
ALTER TABLE claims ADD COLUMN remittance_date DATE;
ALTER TABLE claims ADD COLUMN principal_diagnosis_poa VARCHAR;
ALTER TABLE claims ADD COLUMN other_diagnoses_poa JSON;
ALTER TABLE claims ADD COLUMN admitting_diagnosis VARCHAR;
