-- Area Deprivation Index of block groups: a rank, or the reason why there is none.
CREATE TABLE reference.adi (
    release VARCHAR,
    geoid VARCHAR,
    national_rank SMALLINT,
    state_rank SMALLINT,
    suppression VARCHAR
);
