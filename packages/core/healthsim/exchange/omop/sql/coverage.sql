-- One row per kind of code: how many codes and rows have a standard concept.
SELECT
    e.home AS domain,
    (SELECT count(*) FROM stage_map AS m WHERE m.home = e.home AND m.code || m.name <> '') AS codes,
    (SELECT count(*) FROM stage_map AS m WHERE m.home = e.home AND m.concept_id <> 0) AS mapped_codes,
    count(*) AS rows,
    count(*) FILTER (WHERE e.concept_id <> 0) AS mapped_rows
FROM stage_event AS e
GROUP BY e.home
ORDER BY e.home
