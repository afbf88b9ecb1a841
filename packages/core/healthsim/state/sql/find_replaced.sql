-- documents that the scenario holds under the id of an incoming one; the new one takes their place in the order
CREATE OR REPLACE TEMP TABLE replaced AS
SELECT d.entity_type, d.entity_id, min(d.position) AS position, bool_or(i.is_read) AS is_read,
    any_value(d.provenance) AS provenance
FROM main.scenario_documents AS d
JOIN incoming AS i ON i.entity_type = d.entity_type AND i.final_id = d.entity_id
WHERE d.{here} AND i.position NOT IN (SELECT u.position FROM unchanged AS u)
GROUP BY ALL
