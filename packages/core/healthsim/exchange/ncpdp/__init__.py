"""NCPDP D.0: what pharmacies ask of processors, and what these answer, out and in."""
