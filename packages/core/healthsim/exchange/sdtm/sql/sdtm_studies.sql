-- One row per study: by its entity, or by the subjects that name it; subjects of no study are of one that has no name.
SELECT
    t.study_id, coalesce(t.protocol_number, t.study_id) AS studyid, t.protocol_title, t.phase, t.indication,
    t.therapeutic_area, t.sponsor, t.target_enrollment, t.start_date, t.end_date
FROM studies AS t
UNION ALL BY NAME
SELECT DISTINCT coalesce(b.study_id, '') AS study_id, coalesce(b.study_id, 'STUDY') AS studyid
FROM subjects AS b
WHERE NOT EXISTS (FROM studies AS t WHERE t.study_id = b.study_id)
    AND (b.study_id IS NOT NULL OR NOT EXISTS (FROM studies AS t))
