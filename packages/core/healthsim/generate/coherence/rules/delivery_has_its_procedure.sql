-- A stay for childbirth has the procedure that its DRG is for: a cesarean or a vaginal delivery (CPT 59400 to 59622,
-- ICD-10-PCS 10D and 10E).
-- severity: fail when generated
-- columns: encounters.drg_code, procedures.encounter_id, procedures.code
SELECT e.encounter_id AS id, e.drg_code, list_sort(list(p.code) FILTER (p.code IS NOT NULL)) AS procedures
FROM {encounters} AS e
LEFT JOIN {procedures} AS p ON p.encounter_id = e.encounter_id
WHERE regexp_matches(e.drg_code, '^(76[5-8]|77[45]|78[3-8]|79[678]|80[567])$')
GROUP BY e.encounter_id, e.drg_code
HAVING NOT coalesce(bool_or(regexp_matches(
    p.code,
    CASE WHEN regexp_matches(e.drg_code, '^(76[56]|78[3-8])$')
        THEN '^(59510|5951[45]|59618|5962[02]|10D00Z\w)$'
        ELSE '^(59400|59409|59410|5961[024]|10D07Z\w|10E0XZZ)$'
    END
)), false)
