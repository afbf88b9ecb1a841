"""FHIR in: resources of any source become documents as they came, and the rows that they mean."""
