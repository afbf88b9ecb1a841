-- A kind of result by its code and unit.
-- kind: lookup
SELECT code, unit, observation_type_key
FROM dim_observation_type
WHERE observation_type_key > 0
