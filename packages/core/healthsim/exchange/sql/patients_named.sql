-- one row per patient that is named by its id or its MRN: (how it was named, its id)
SELECT n.named, p.patient_id
FROM (SELECT unnest($patients) AS named) AS n
JOIN patients AS p ON n.named IN (p.patient_id, p.mrn)
