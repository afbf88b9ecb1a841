-- Inpatient stays and emergency visits within the history, and how many encounters there are at all.
SELECT
    count(*) AS n,
    1000 * count(*) FILTER (encounter_class = 'inpatient') / nullif($every_age::DOUBLE, 0) AS stays_per_1000,
    avg(datediff('day', start_datetime::DATE, end_datetime::DATE)) FILTER (encounter_class = 'inpatient') AS mean_stay,
    100 * count(*) FILTER (encounter_class = 'emergency') / nullif($every_age::DOUBLE, 0) AS emergency_per_100
FROM encounters
WHERE start_datetime::DATE > $start::DATE AND start_datetime::DATE <= $as_of::DATE
