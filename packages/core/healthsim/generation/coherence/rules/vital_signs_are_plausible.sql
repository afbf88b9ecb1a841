-- Vital signs are such as living people have.
-- severity: fail
-- columns: vital_signs.temperature_c, vital_signs.heart_rate, vital_signs.respiratory_rate, vital_signs.systolic_bp,
--   vital_signs.diastolic_bp, vital_signs.spo2, vital_signs.height_cm, vital_signs.weight_kg
SELECT
    vital_sign_id AS id, temperature_c, heart_rate, respiratory_rate, systolic_bp, diastolic_bp, spo2, height_cm,
    weight_kg
FROM vital_signs
WHERE temperature_c NOT BETWEEN 30 AND 43 OR heart_rate NOT BETWEEN 20 AND 260
    OR respiratory_rate NOT BETWEEN 4 AND 90 OR systolic_bp NOT BETWEEN 40 AND 280
    OR diastolic_bp NOT BETWEEN 15 AND 180 OR spo2 NOT BETWEEN 40 AND 100
    OR height_cm NOT BETWEEN 25 AND 240 OR weight_kg NOT BETWEEN 0.3 AND 450
