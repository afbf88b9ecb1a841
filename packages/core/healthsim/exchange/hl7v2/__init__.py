"""HL7 v2.5.1: messages of a scenario, and messages of others."""
