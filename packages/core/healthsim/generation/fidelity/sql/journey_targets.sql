-- One row per target of a journey: how many people went through it (of these, for whom another step happened), and of them the
-- percentage for whom the step happened at least once.
WITH expected AS (
    SELECT
        unnest($journeys::VARCHAR[]) AS journey, unnest($names::VARCHAR[]) AS target, unnest($steps::VARCHAR[]) AS step,
        unnest($others::VARCHAR[]) AS other
), people AS (
    SELECT journey, patient_id, coalesce(list(DISTINCT step) FILTER (happened), []) AS happened
    FROM journey_steps
    GROUP BY journey, patient_id
)
SELECT e.journey, e.target, count(*) AS n, 100.0 * count(*) FILTER (list_contains(p.happened, e.step)) / count(*) AS percent
FROM expected AS e
JOIN people AS p ON p.journey = e.journey AND (e.other IS NULL OR list_contains(p.happened, e.other))
GROUP BY e.journey, e.target
