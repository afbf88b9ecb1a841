-- Terms of adverse events. Shared.
CREATE TABLE analytics.dim_ae_term (
    ae_term_key INTEGER,     -- surrogate key; -1 unknown, -2 not applicable
    preferred_term VARCHAR,  -- aedecod, else aeterm, in lower case
    body_system VARCHAR      -- aebodsys
);
