ALTER TABLE pharmacy_claims ADD COLUMN authorization_number VARCHAR;
ALTER TABLE pharmacy_claims ADD COLUMN usual_and_customary_charge DECIMAL(14,2);
