-- The body mass index is weight / height squared, up to rounding.
-- severity: fail
-- columns: vital_signs.bmi, vital_signs.height_cm, vital_signs.weight_kg
SELECT vital_sign_id AS id, bmi, height_cm, weight_kg
FROM vital_signs
WHERE abs(bmi - weight_kg / nullif((height_cm / 100) ^ 2, 0)) > greatest(0.3, 0.02 * bmi)
