-- Every entity that arrived as a document, verbatim. position is the order of arrival in its scenario;
-- envelope and provenance are what a workspace file wraps around a document; characters is its length.
CREATE TABLE scenario_documents (
    scenario_id UUID,
    entity_type VARCHAR,
    entity_id VARCHAR,
    position BIGINT,
    is_typed BOOLEAN,
    document JSON,
    provenance JSON,
    envelope JSON,
    characters BIGINT
);
