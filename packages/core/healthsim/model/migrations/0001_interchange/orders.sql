ALTER TABLE orders ADD COLUMN reason_code VARCHAR;
ALTER TABLE orders ADD COLUMN reason_code_system VARCHAR;
