"""MEDS: the events of patients as machine learning takes them, out and in."""
