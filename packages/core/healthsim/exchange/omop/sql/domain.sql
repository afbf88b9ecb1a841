-- One row per domain that concepts belong to.
SELECT id AS domain_id, name AS domain_name, concept_id AS domain_concept_id FROM stage_term WHERE kind = 'domain'
