-- A stay for childbirth has the procedure that its DRG is for: a cesarean or a vaginal delivery (CPT 59400 to 59622,
-- ICD-10-PCS 10D and 10E).
-- severity: fail when generated
-- columns: encounters.drg_code, procedures.encounter_id, procedures.code
SELECT e.encounter_id AS id, e.drg_code, list_sort(list(p.code) FILTER (p.code IS NOT NULL)) AS procedures
FROM deliveries AS e
LEFT JOIN procedures AS p ON p.encounter_id = e.encounter_id
GROUP BY e.encounter_id, e.drg_code, e.cesarean
HAVING NOT coalesce(bool_or(regexp_matches(
    p.code,
    CASE WHEN e.cesarean
        THEN '^(59510|5951[45]|59618|5962[02]|10D00Z\w)$'
        ELSE '^(59400|59409|59410|5961[024]|10D07Z\w|10E0XZZ)$'
    END
)), FALSE)
