-- The systolic blood pressure is above the diastolic one.
-- severity: fail
-- columns: vital_signs.systolic_bp, vital_signs.diastolic_bp
SELECT vital_sign_id AS id, systolic_bp, diastolic_bp
FROM vital_signs
WHERE systolic_bp <= diastolic_bp
