-- The last day that the data tell of, as the star finds it; else the day on which the scenario was made, which stays the same.
SELECT coalesce(s.data_end_date, CAST(coalesce(s.created_at, s.updated_at) AS DATE))
FROM dim_scenario AS s
