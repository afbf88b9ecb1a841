-- The local concepts. CPT is used without its text, so that a code without a name has itself.
SELECT
    concept_id, left(coalesce(name, vocabulary || ' ' || code), 255) AS concept_name, domain_id, vocabulary AS vocabulary_id,
    'Undefined' AS concept_class_id, NULL AS standard_concept, left(code, 50) AS concept_code, DATE '1970-01-01' AS valid_start_date,
    DATE '2099-12-31' AS valid_end_date, NULL AS invalid_reason
FROM stage_local
