-- the document of an entity remembers which columns of its row others gave: it may come in again without them
UPDATE main.scenario_documents AS d
SET provenance = json_merge_patch(d.provenance::JSON, json_object('given', f.given))
FROM filled_own AS f
WHERE d.{here} AND d.entity_type = {type} AND d.entity_id = f.{id} AND f.part_of IS NULL AND len(f.given) > 0
    AND contains(d.provenance::VARCHAR, '"read_as"') AND f.given IS DISTINCT FROM (d.provenance::JSON -> '$.given')::VARCHAR[]
