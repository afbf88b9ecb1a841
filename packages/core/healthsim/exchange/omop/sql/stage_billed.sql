-- The contact that each claim belongs to: the encounter that it bills, else the one that is made of the claim itself.
-- takes: claims as TRUE
SELECT c.claim_id, c.is_denied, v.visit_id, v.person_id, v.provider_id, v.start_date, v.start_datetime
FROM stage_claim AS c
JOIN stage_visit AS v ON v.kind = 'encounter' AND v.id = c.encounter_id
UNION ALL
SELECT c.claim_id, c.is_denied, v.visit_id, v.person_id, v.provider_id, v.start_date, v.start_datetime
FROM stage_claim AS c
JOIN stage_visit AS v ON v.kind = 'claim' AND v.id = c.claim_id
