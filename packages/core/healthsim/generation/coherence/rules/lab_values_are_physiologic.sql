-- Laboratory values are such as living people have; checked for common tests in their usual unit.
-- severity: fail
-- columns: lab_results.loinc_code, lab_results.unit, lab_results.value_numeric
WITH limits (loinc_code, unit, lowest, highest) AS (
    VALUES
        ('4548-4', '%', 3, 20), ('17856-6', '%', 3, 20), ('2345-7', 'mg/dL', 10, 1500), ('2339-0', 'mg/dL', 10, 1500),
        ('1558-6', 'mg/dL', 10, 1500), ('2160-0', 'mg/dL', 0.1, 30), ('3094-0', 'mg/dL', 1, 300),
        ('33914-3', 'mL/min/{1.73_m2}', 1, 200), ('62238-1', 'mL/min/{1.73_m2}', 1, 200),
        ('98979-8', 'mL/min/{1.73_m2}', 1, 200), ('48642-3', 'mL/min/{1.73_m2}', 1, 200),
        ('2951-2', 'mmol/L', 100, 190), ('2823-3', 'mmol/L', 1.5, 10), ('2075-0', 'mmol/L', 60, 150),
        ('2028-9', 'mmol/L', 3, 60), ('17861-6', 'mg/dL', 4, 20), ('2093-3', 'mg/dL', 40, 900),
        ('2085-9', 'mg/dL', 3, 200), ('13457-7', 'mg/dL', 1, 600), ('18262-6', 'mg/dL', 1, 600),
        ('2089-1', 'mg/dL', 1, 600), ('2571-8', 'mg/dL', 10, 12000), ('718-7', 'g/dL', 2, 26),
        ('4544-3', '%', 5, 80), ('20570-8', '%', 5, 80), ('6690-2', '10*3/uL', 0.01, 600), ('777-3', '10*3/uL', 1, 3000),
        ('789-8', '10*6/uL', 0.5, 10), ('1742-6', 'U/L', 1, 20000), ('1920-8', 'U/L', 1, 20000),
        ('6768-6', 'U/L', 5, 5000), ('1975-2', 'mg/dL', 0.05, 60), ('1751-7', 'g/dL', 0.5, 8),
        ('2885-2', 'g/dL', 2, 15), ('3016-3', 'm[IU]/L', 0.001, 500), ('3016-3', 'u[IU]/mL', 0.001, 500),
        ('14959-1', 'mg/g{creat}', 0.1, 30000), ('9318-7', 'mg/g', 0.1, 30000), ('2857-1', 'ng/mL', 0.001, 10000),
        ('30934-4', 'pg/mL', 0, 70000), ('33762-6', 'pg/mL', 0, 100000), ('6301-6', '{INR}', 0.5, 20),
        ('34714-6', '{INR}', 0.5, 20), ('1988-5', 'mg/L', 0, 700), ('2524-7', 'mmol/L', 0.1, 35),
        ('1989-3', 'ng/mL', 1, 300), ('2276-4', 'ng/mL', 0.5, 100000)
)
SELECT l.lab_result_id AS id, l.loinc_code, l.value_numeric, l.unit
FROM lab_results AS l
JOIN limits AS x ON x.loinc_code = l.loinc_code AND lower(x.unit) = lower(l.unit)
WHERE l.value_numeric < x.lowest OR l.value_numeric > x.highest
