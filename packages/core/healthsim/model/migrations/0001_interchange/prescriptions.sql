ALTER TABLE prescriptions ADD COLUMN dose_quantity DOUBLE;
ALTER TABLE prescriptions ADD COLUMN dose_unit VARCHAR;
ALTER TABLE prescriptions ADD COLUMN route VARCHAR;
ALTER TABLE prescriptions ADD COLUMN frequency VARCHAR;
ALTER TABLE prescriptions ADD COLUMN medication_id VARCHAR;
