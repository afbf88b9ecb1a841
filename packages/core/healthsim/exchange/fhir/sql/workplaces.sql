-- One row per provider: the facility of most of their encounters.
SELECT attending_provider_id AS provider_id, arg_max(facility_id, (encounters, facility_id)) AS facility_id
FROM (
    SELECT attending_provider_id, facility_id, count(*) AS encounters
    FROM {encounters} AS e
    WHERE facility_id IN (SELECT facility_id FROM facilities)
    GROUP BY attending_provider_id, facility_id
) AS counted
GROUP BY attending_provider_id
