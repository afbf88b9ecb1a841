"""C-CDA R2.1: a document of a patient, and documents of others."""
