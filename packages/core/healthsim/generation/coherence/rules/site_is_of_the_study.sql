-- The site of a subject belongs to the study of the subject.
-- severity: fail
-- columns: subjects.site_id, subjects.study_id, sites.study_id
SELECT s.subject_id AS id, s.site_id, s.study_id, t.study_id AS study_of_site
FROM subjects AS s
JOIN sites AS t ON t.site_id = s.site_id
WHERE s.study_id <> t.study_id
