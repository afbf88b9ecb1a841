-- Every coded event with its concept, and the domain of that concept, which decides the table that it goes to.
SELECT
    d.event_id, d.kind, 'Condition' AS home, d.person_id, m.concept_id, m.domain_id, m.source_concept_id, d.start_date,
    CAST(d.start_date AS TIMESTAMP) AS start_datetime, greatest(d.start_date, d.end_date) AS end_date, d.type_concept_id,
    d.provider_id, d.visit_id, d.source_value, d.status, NULL AS modifier, NULL AS quantity, NULL AS days_supply,
    NULL AS refills, NULL AS sig, NULL AS route, NULL AS lot, NULL AS value_number, NULL AS value_text, NULL AS unit,
    NULL AS low, NULL AS high, NULL AS operator, NULL AS value_concept_id
FROM stage_diagnosis AS d
JOIN stage_map AS m ON m.home = 'Condition' AND m.vocabulary = d.vocabulary AND m.code = coalesce(d.code, '')
UNION ALL
SELECT
    p.event_id, p.kind, 'Procedure', p.person_id, m.concept_id, m.domain_id, m.source_concept_id, p.start_date,
    p.start_datetime, p.start_date, p.type_concept_id, p.provider_id, p.visit_id, p.source_value, NULL, p.modifier, p.quantity,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM stage_procedure AS p
JOIN stage_map AS m ON m.home = 'Procedure' AND m.vocabulary = p.vocabulary AND m.code = coalesce(p.code, '')
UNION ALL
SELECT
    d.event_id, d.kind, 'Drug', d.person_id, m.concept_id, m.domain_id, m.source_concept_id, d.start_date,
    CAST(d.start_date AS TIMESTAMP), d.last_date, d.type_concept_id, d.provider_id, d.visit_id, d.source_value, NULL, NULL,
    d.quantity, d.days_supply, d.refills, d.sig, d.route, d.lot, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM stage_drug AS d
JOIN stage_map AS m
    ON m.home = 'Drug' AND m.vocabulary = d.vocabulary AND m.code = d.code AND m.name = coalesce(lower(d.name), '')
UNION ALL
SELECT
    r.event_id, r.kind, 'Measurement', r.person_id, m.concept_id, m.domain_id, m.source_concept_id, r.start_date,
    r.start_datetime, r.start_date, r.type_concept_id, r.provider_id, r.visit_id, r.source_value, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, r.value_number, r.value_text, r.unit, r.low, r.high, r.operator, NULL
FROM stage_result AS r
JOIN stage_map AS m ON m.home = 'Measurement' AND m.vocabulary = r.vocabulary AND m.code = coalesce(r.code, '')
UNION ALL
-- an allergy to a drug is no exposure to it: the drug is the value of the observation
SELECT
    a.event_id, a.kind, 'Observation', a.person_id,
    CASE m.domain_id WHEN 'Drug' THEN 439224 ELSE m.concept_id END,
    CASE m.domain_id WHEN 'Drug' THEN 'Observation' ELSE m.domain_id END,
    m.source_concept_id, a.start_date,
    CAST(a.start_date AS TIMESTAMP), a.start_date, 32817, NULL, NULL, a.source_value, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, a.value_text, NULL, NULL, NULL, NULL,
    CASE m.domain_id WHEN 'Drug' THEN m.concept_id END
FROM stage_allergy AS a
JOIN stage_map AS m ON m.home = 'Observation' AND m.vocabulary = a.vocabulary AND m.code = a.code
