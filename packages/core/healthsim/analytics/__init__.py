"""From scenarios to answers: a star schema, named metrics, reports, cohorts, and exports for other tools."""
