ALTER TABLE patients ADD COLUMN smoking_status VARCHAR;
ALTER TABLE patients ADD COLUMN smoking_status_code VARCHAR;
ALTER TABLE patients ADD COLUMN smoking_status_date DATE;
