"""FHIR R4 with the profiles of US Core 6.1.0: scenarios out as resources, resources in as documents and rows."""
