-- The last day with a contact or a claim.
SELECT greatest(
    coalesce((SELECT max(CAST(start_datetime AS DATE)) FROM main.encounters WHERE scenario_id = $scenario), DATE '1900-01-01'),
    coalesce((SELECT max(service_date) FROM main.claims WHERE scenario_id = $scenario), DATE '1900-01-01')
)
