-- One row per provider.
SELECT row_number() OVER (ORDER BY provider_id) AS provider_no, *
FROM providers
