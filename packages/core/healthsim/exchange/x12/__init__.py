"""X12 5010: claims, payments, enrolment, eligibility and claim status, out and in."""
