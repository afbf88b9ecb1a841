-- Clinical trials.
SELECT
    study_id, protocol_number, protocol_title, phase, therapeutic_area, indication, sponsor, status, target_enrollment,
    start_date, end_date
FROM studies
