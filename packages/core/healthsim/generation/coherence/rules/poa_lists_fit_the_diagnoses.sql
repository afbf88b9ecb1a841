-- A claim says of each further diagnosis, in their order, whether it was there at admission: two lists of one length.
-- severity: fail when generated
-- columns: claims.other_diagnoses, claims.other_diagnoses_poa
SELECT claim_id AS id, other_diagnoses, other_diagnoses_poa
FROM claims
WHERE other_diagnoses_poa IS NOT NULL
    AND coalesce(json_array_length(other_diagnoses_poa), 0) <> coalesce(json_array_length(other_diagnoses), 0)
