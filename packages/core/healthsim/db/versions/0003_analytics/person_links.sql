-- Which person each record of a product is: the crosswalk behind dim_person.
CREATE TABLE analytics.person_links (
    scenario_key INTEGER,  -- the scenario
    entity_type VARCHAR,   -- person, patient, member, rx_member or subject
    entity_id VARCHAR,     -- the id of that record in the canonical table
    person_key INTEGER     -- the person that it is
);
