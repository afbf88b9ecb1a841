"""CSV of Synthea, of all versions."""
