-- One row per thing done: at a contact, or on a line of a claim (where the contact does not say it).
-- takes: procedures as kind = 'procedure'
WITH found AS (
    SELECT
        'procedure' AS kind,
        p.procedure_id AS id,
        r.person_id,
        vocabulary_of(p.code_system, procedure_vocabulary(p.code)) AS vocabulary,
        p.code,
        p.description AS name,
        coalesce(p.performed_datetime, v.start_datetime) AS start_datetime,
        32817 AS type_concept_id,
        coalesce(d.provider_no, v.provider_id) AS provider_id,
        v.visit_id,
        json_extract_string(p.modifiers, '$[0]') AS modifier,
        1 AS quantity
    FROM procedures AS p
    JOIN stage_role AS r ON r.role = 'patient' AND r.id = p.patient_id
    LEFT JOIN stage_visit AS v ON v.kind = 'encounter' AND v.id = p.encounter_id
    LEFT JOIN stage_provider AS d ON d.provider_id = p.performing_provider_id
    UNION ALL
    SELECT
        'claim line',
        l.claim_line_id,
        b.person_id,
        procedure_vocabulary(l.procedure_code),
        l.procedure_code,
        NULL,
        coalesce(CAST(l.service_date AS TIMESTAMP), b.start_datetime),
        32810,
        b.provider_id,
        b.visit_id,
        json_extract_string(l.procedure_modifiers, '$[0]'),
        TRY_CAST(l.units AS INTEGER)
    FROM claim_lines AS l
    JOIN claims AS c ON c.claim_id = l.claim_id
    JOIN stage_billed AS b ON b.claim_id = c.claim_id AND NOT b.is_denied
    -- of a claim that was paid, a line may have been denied or taken back
    JOIN stage_status AS s
        ON s.claim_type = coalesce(c.claim_type, 'unknown') AND s.spelling = lower(coalesce(l.status, c.status, 'paid'))
        AND s.status NOT IN ('denied', 'rejected', 'reversed')
    WHERE l.procedure_code IS NOT NULL
      AND NOT EXISTS (
          SELECT 1
          FROM procedures AS p
          JOIN stage_visit AS o ON o.kind = 'encounter' AND o.id = p.encounter_id
          WHERE o.visit_id = b.visit_id AND plain_code(p.code) = plain_code(l.procedure_code)
      )
)
SELECT
    $offset + row_number() OVER (ORDER BY person_id, start_datetime, kind, id) AS event_id,
    * EXCLUDE (id, name) REPLACE (code_of(vocabulary, code) AS code),
    CAST(start_datetime AS DATE) AS start_date,
    left(coalesce(code, name), 50) AS source_value
FROM found
WHERE start_datetime IS NOT NULL
