-- One row per document that is a FHIR resource: its type and id there, and whose it is: its row's patient, else whom it names.
WITH resource AS (
    SELECT
        entity_type,
        entity_id,
        position,
        json_extract_string(document, '$.resourceType') AS resource_type,
        json_extract_string(document, '$.id') AS resource_id,
        coalesce(
            json_extract_string(document, '$.subject.reference'),
            json_extract_string(document, '$.patient.reference'),
            json_extract_string(document, '$.beneficiary.reference'),
            json_extract_string(document, '$.for.reference'),
            json_extract_string(document, '$.target[0].reference')
        ) AS subject
    FROM scenario_documents
    WHERE json_extract_string(document, '$.resourceType') IS NOT NULL
),
owner AS ({owners})
SELECT
    r.entity_type,
    r.entity_id,
    r.position,
    r.resource_type,
    coalesce(r.resource_id, r.entity_id) AS resource_id,
    r.entity_type || '/' || r.entity_id AS carrier,
    coalesce(o.patient_ordinal, p.patient_ordinal, q.patient_ordinal) AS patient_ordinal
FROM resource AS r
LEFT JOIN owner AS o ON o.entity_type = r.entity_type AND o.entity_id = r.entity_id
LEFT JOIN patient_order AS p ON p.owner_id = regexp_extract(r.subject, '[^/:]+$')
LEFT JOIN patient_order AS q ON r.resource_type = 'Patient' AND q.owner_id = r.entity_id
ORDER BY r.position
