"""A scenario as an OMOP Common Data Model 5.4 database, for the tools of OHDSI."""
