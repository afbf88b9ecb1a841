-- the star: dimensions and facts, built on request
CREATE SCHEMA IF NOT EXISTS analytics;
