-- for how many people of a scenario steps of each journey were planned
SELECT journey, count(DISTINCT patient_id) AS travellers
FROM journey_steps
WHERE {here}
GROUP BY journey
ORDER BY journey
