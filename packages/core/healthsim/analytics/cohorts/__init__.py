"""Who fulfils what: cohorts of a scenario's patients, by simple criteria or by OHDSI's Circe, with their attrition."""
