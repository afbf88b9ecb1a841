-- Procedures on the organs of one sex are on that sex: hysterectomy, cervical smears, mammograms; the prostate.
-- severity: fail
-- columns: procedures.code, patients.gender
SELECT x.procedure_id AS id, x.code, p.gender
FROM procedures AS x
JOIN lives AS p ON p.patient_id = x.patient_id
WHERE (p.gender = 'M' AND regexp_matches(x.code, '^(5[678]\d\d\d|8814[1-8]|8815[0-5]|8816[4-7]|8817[45]|77067|Q0091|G0101|G0123|G014[1-8])$'))
    OR (p.gender = 'F' AND regexp_matches(x.code, '^(5[45]\d\d\d|84153|84154|G010[23])$'))
