ALTER TABLE medications ADD COLUMN dose_quantity DOUBLE;
ALTER TABLE medications ADD COLUMN dose_unit VARCHAR;
ALTER TABLE medications ADD COLUMN indication_code VARCHAR;
