-- How a stay ended: codes of the uniform bill (patient discharge status). Shared.
CREATE TABLE analytics.dim_disposition (
    disposition_key INTEGER,    -- surrogate key; -1 unknown, -2 not applicable
    code VARCHAR,               -- 01, 02 ...; the text in lower case when only that was recorded
    description VARCHAR,        -- as recorded, else the code's meaning
    disposition_group VARCHAR,  -- home, home health, transfer, post-acute, hospice, left against advice, died, still patient, other
    is_death INTEGER,           -- 1 for died
    is_transfer INTEGER         -- 1 for a transfer to another acute hospital
);
