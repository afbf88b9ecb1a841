-- One row per person, quality measure and calendar year in which the person is eligible.
-- kind: fact
-- grain: one row per eligible person, quality measure and year
-- holds: people who are eligible for a quality measure
-- empty without: patients, members
-- dates: year = period_end_date_key by year
-- how: One file of measures/ each says who is eligible for a measure, and who fulfils it; their words are in
--   dim_measure.
-- columns:
--   person_key INTEGER: who
--   measure_key INTEGER: what
--   plan_key INTEGER: plan of the last month covered in the year; -2 when not covered
--   pcp_provider_key INTEGER [pcp]: primary care provider of that coverage, else of the person
--   geography_key INTEGER: county of residence
--   age_band_key INTEGER: age on 31 December
--   period_end_date_key INTEGER: 31 December
--   measurement_year INTEGER: the year
--   eligible_count INTEGER: 1
--   exclusion_count INTEGER: 1 when excluded
--   denominator_count INTEGER: eligible and not excluded
--   numerator_count INTEGER: 1 when in the denominator and met
--   gap_count INTEGER: 1 when care is missing: denominator without numerator; with it, where a low rate is good
--   measure_value DOUBLE: what decided: the last result, the proportion of days covered; else NULL
WITH judged AS (
    {measures}
)
SELECT
    j.person_key, m.measure_key, p.plan_key, p.pcp_provider_key, p.geography_key, p.age AS age_band_key,
    p.end_key AS period_end_date_key, j."year" AS measurement_year,
    1 AS eligible_count, j.excluded AS exclusion_count, 1 - j.excluded AS denominator_count,
    CASE WHEN j.excluded = 0 THEN j.met ELSE 0 END AS numerator_count,
    CASE WHEN j.excluded = 1 THEN 0 WHEN m.higher_is_better = 1 THEN 1 - j.met ELSE j.met END AS gap_count,
    j.measure_value
FROM judged AS j
JOIN dim_measure AS m ON m.domain = 'quality' AND m.measure_id = j.measure_id
JOIN quality_person AS p ON p.person_key = j.person_key AND p."year" = j."year"
