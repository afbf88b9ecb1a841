-- How a stay ended: codes of the uniform bill (patient discharge status). Shared.
-- kind: code
-- natural key: code
-- how: By the code of the uniform bill, else by the words.
-- columns:
--   code VARCHAR: 01, 02 ...; the text in lower case when only that was recorded
--   description VARCHAR: as recorded, else the code's meaning
--   disposition_group VARCHAR: home, home health, transfer, post-acute, hospice, left against advice, died, still
--     patient, other
--   is_death INTEGER: 1 for died
--   is_transfer INTEGER: 1 for a transfer to another acute hospital
WITH used AS (
    SELECT
        CASE
            WHEN length(discharge_disposition_code) = 1 THEN concat('0', discharge_disposition_code)
            ELSE coalesce(discharge_disposition_code, lower(discharge_disposition))
        END AS code,
        min(discharge_disposition) AS description
    FROM encounters
    WHERE coalesce(discharge_disposition_code, discharge_disposition) IS NOT NULL
    GROUP BY 1
), placed AS (
    SELECT
        u.code, r.value AS disposition_group, r.label AS meaning,
        row_number() OVER (
            PARTITION BY u.code ORDER BY CASE WHEN r.rule_set = 'disposition' THEN 1 ELSE 2 END, r.priority, r.code_from
        ) AS place
    FROM used AS u
    JOIN code_rules AS r
        ON (r.rule_set = 'disposition' AND r.code_from = u.code)
        OR (r.rule_set = 'disposition_text' AND strpos(coalesce(lower(u.description), u.code), r.code_from) > 0)
)
SELECT
    u.code, coalesce(u.description, p.meaning) AS description, coalesce(p.disposition_group, 'other') AS disposition_group,
    CASE WHEN p.disposition_group = 'died' THEN 1 ELSE 0 END AS is_death,
    CASE WHEN p.disposition_group = 'transfer' THEN 1 ELSE 0 END AS is_transfer
FROM used AS u
LEFT JOIN placed AS p ON p.code = u.code AND p.place = 1
