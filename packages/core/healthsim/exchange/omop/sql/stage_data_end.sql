-- The last day that the scenario tells of; coverage that lasts on is observed until then.
SELECT coalesce(max(day), (SELECT CAST(updated_at AS DATE) FROM scenarios)) AS day
FROM (
    SELECT max(end_date) AS day FROM stage_visit
    UNION ALL
    SELECT max(start_date) FROM stage_event
)
