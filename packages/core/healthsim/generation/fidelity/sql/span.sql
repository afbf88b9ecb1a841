-- The first and the last day of care.
SELECT min(day), max(day)
FROM (
    SELECT start_datetime::DATE AS day FROM encounters
    UNION ALL SELECT service_date FROM claims
    UNION ALL SELECT service_date FROM pharmacy_claims
    UNION ALL SELECT diagnosed_date FROM diagnoses WHERE NOT EXISTS (FROM encounters) AND NOT EXISTS (FROM claims)
)
