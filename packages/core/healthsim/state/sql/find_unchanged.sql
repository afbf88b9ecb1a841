-- documents that the scenario holds as they come in again: they are not written anew, nor is what those of other formats carry
CREATE OR REPLACE TEMP TABLE unchanged AS
SELECT i.position, i.is_read
FROM incoming AS i
JOIN main.scenario_documents AS d ON d.entity_type = i.entity_type AND d.entity_id = i.final_id
WHERE d.{here} AND d.document::VARCHAR = i.document
    AND (
        i.is_read OR (
            {same_stays}
            AND d.provenance::VARCHAR IS NOT DISTINCT FROM i.provenance AND d.envelope::VARCHAR IS NOT DISTINCT FROM i.envelope
        )
    )
