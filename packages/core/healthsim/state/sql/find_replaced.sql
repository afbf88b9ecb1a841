-- documents that the scenario holds under the id of an incoming one; the new one takes their place in the order
CREATE OR REPLACE TEMP TABLE replaced AS
SELECT d.entity_type, d.entity_id, min(d.position) AS position
FROM main.scenario_documents AS d
SEMI JOIN incoming AS i ON i.entity_type = d.entity_type AND i.final_id = d.entity_id
WHERE d.{here}
GROUP BY ALL
