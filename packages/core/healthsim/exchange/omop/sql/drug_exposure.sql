-- One row per event whose concept is a drug.
SELECT
    e.event_id AS drug_exposure_id,
    e.person_id,
    e.concept_id AS drug_concept_id,
    e.start_date AS drug_exposure_start_date,
    e.start_datetime AS drug_exposure_start_datetime,
    coalesce(e.end_date, e.start_date) AS drug_exposure_end_date,
    CAST(coalesce(e.end_date, e.start_date) AS TIMESTAMP) AS drug_exposure_end_datetime,
    NULL AS verbatim_end_date,
    e.type_concept_id AS drug_type_concept_id,
    NULL AS stop_reason,
    CASE WHEN e.refills >= 0 THEN e.refills END AS refills,
    CASE WHEN e.quantity > 0 THEN TRY_CAST(e.quantity AS DECIMAL(18, 3)) END AS quantity,
    CASE WHEN e.days_supply > 0 THEN e.days_supply END AS days_supply,
    e.sig,
    coalesce(w.concept_id, 0) AS route_concept_id,
    left(e.lot, 50) AS lot_number,
    e.provider_id,
    e.visit_id AS visit_occurrence_id,
    NULL AS visit_detail_id,
    e.source_value AS drug_source_value,
    e.source_concept_id AS drug_source_concept_id,
    left(e.route, 50) AS route_source_value,
    NULL AS dose_unit_source_value
FROM stage_event AS e
LEFT JOIN stage_word AS w ON w.kind = 'route' AND w.word = lower(trim(e.route))
WHERE e.domain_id = 'Drug'
