-- DRGs that depend on how a stay ends: infarctions of those who leave alive (280 to 282) or die (283 to 285), newborns
-- who die or are sent on (789), addiction treatment left against advice (894).
-- severity: fail
-- columns: encounters.drg_code, encounters.discharge_disposition_code
SELECT e.encounter_id AS id, e.drg_code, e.discharge_disposition_code
FROM encounters AS e
WHERE (e.drg_code IN ('280', '281', '282') AND e.discharge_disposition_code = '20')
    OR (e.drg_code IN ('283', '284', '285') AND e.discharge_disposition_code <> '20')
    OR (e.drg_code BETWEEN '790' AND '795' AND e.discharge_disposition_code = '20')
    OR (e.drg_code = '789' AND e.discharge_disposition_code IN ('01', '06', '07'))
    OR (e.drg_code = '894' AND e.discharge_disposition_code <> '07')
