-- One row per line of a claim, with what it takes from the claim: its place, and how many diagnoses there are to point to.
SELECT
    l.*,
    {ordinal} AS line_ordinal,
    c.place_of_service AS claim_place,
    c.status IN ('paid', 'denied', 'reversed') AS claim_is_decided,
    coalesce(json_array_length(c.other_diagnoses), 0) + (c.principal_diagnosis IS NOT NULL)::INTEGER AS diagnosis_count
FROM {claim_lines} AS l
LEFT JOIN {claims} AS c ON c.claim_id = l.claim_id
