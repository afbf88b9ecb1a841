-- Clinical trials of a scenario.
-- kind: scoped
-- natural key: study_id
-- rows: studies.study_id
-- columns:
--   study_id VARCHAR: the study
--   protocol_number VARCHAR: protocol
--   protocol_title VARCHAR: title
--   phase VARCHAR: phase
--   therapeutic_area VARCHAR: area
--   indication VARCHAR: indication
--   sponsor VARCHAR: sponsor
--   status VARCHAR: status
--   target_enrollment INTEGER: planned subjects
--   start_date DATE: start
--   end_date DATE: end
SELECT
    study_id, protocol_number, protocol_title, phase, therapeutic_area, indication, sponsor, status, target_enrollment,
    start_date, end_date
FROM studies
