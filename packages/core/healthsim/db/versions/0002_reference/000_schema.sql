-- reference: what users ask. reference_data: one typed table per load of PLACES and SVI, as wide as the published
-- file; the tidy views reference.places and reference.svi are made over them whenever a load comes or goes.
CREATE SCHEMA IF NOT EXISTS reference;
CREATE SCHEMA IF NOT EXISTS reference_data;
