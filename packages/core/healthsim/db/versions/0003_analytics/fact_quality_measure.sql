-- One row per person, quality measure and calendar year in which the person is eligible.
CREATE TABLE analytics.fact_quality_measure (
    scenario_key INTEGER,         -- the scenario
    person_key INTEGER,           -- who
    measure_key INTEGER,          -- what
    plan_key INTEGER,             -- plan of the last month covered in the year; -2 when not covered
    pcp_provider_key INTEGER,     -- primary care provider of that coverage, else of the person
    geography_key INTEGER,        -- county of residence
    age_band_key INTEGER,         -- age on 31 December
    period_end_date_key INTEGER,  -- 31 December
    measurement_year INTEGER,     -- the year
    eligible_count INTEGER,       -- 1
    exclusion_count INTEGER,      -- 1 when excluded
    denominator_count INTEGER,    -- eligible and not excluded
    numerator_count INTEGER,      -- 1 when in the denominator and met
    gap_count INTEGER,            -- 1 when care is missing: denominator without numerator; with it, where a low rate is good
    measure_value DOUBLE          -- what decided: the last result, the proportion of days covered; else NULL
);
