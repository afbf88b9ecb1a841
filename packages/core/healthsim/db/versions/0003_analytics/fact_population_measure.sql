-- Published figures of places (PLACES). Not scoped: reference.
CREATE TABLE analytics.fact_population_measure (
    geography_key INTEGER,      -- where
    measure_key INTEGER,        -- what
    year INTEGER,               -- release year
    release VARCHAR,            -- release
    value DOUBLE,               -- crude prevalence, percent of adults
    value_low DOUBLE,           -- lower limit of its 95 % interval
    value_high DOUBLE,          -- upper limit
    age_adjusted_value DOUBLE,  -- age-adjusted prevalence
    population BIGINT,          -- residents
    population_18plus BIGINT    -- adult residents
);
