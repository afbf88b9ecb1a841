-- What an accumulator has counted is at most its limit.
-- severity: fail
-- columns: accumulators.applied_amount, accumulators.limit_amount
SELECT accumulator_id AS id, accumulator_type, plan_year, applied_amount, limit_amount
FROM accumulators
WHERE applied_amount > limit_amount OR applied_amount < 0
