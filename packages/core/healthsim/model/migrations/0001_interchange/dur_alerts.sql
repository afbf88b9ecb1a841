ALTER TABLE dur_alerts ADD COLUMN reason_for_service_code VARCHAR;
ALTER TABLE dur_alerts ADD COLUMN professional_service_code VARCHAR;
ALTER TABLE dur_alerts ADD COLUMN result_of_service_code VARCHAR;
ALTER TABLE dur_alerts ADD COLUMN clinical_significance_code VARCHAR;
