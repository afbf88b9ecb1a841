ALTER TABLE members ADD COLUMN coverage_order INTEGER;
ALTER TABLE members ADD COLUMN termination_recorded DATE;
