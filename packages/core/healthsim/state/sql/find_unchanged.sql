-- documents of other formats that the scenario holds as they come in again: neither they nor what they carry is written anew
CREATE OR REPLACE TEMP TABLE unchanged AS
SELECT i.position
FROM incoming AS i
JOIN main.scenario_documents AS d ON d.entity_type = i.entity_type AND d.entity_id = i.final_id
WHERE d.{here} AND i.is_read AND d.document::VARCHAR = i.document
