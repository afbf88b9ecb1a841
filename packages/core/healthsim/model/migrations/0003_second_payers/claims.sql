ALTER TABLE claims ADD COLUMN secondary_member_id VARCHAR;
ALTER TABLE claims ADD COLUMN secondary_paid DECIMAL(14,2);
