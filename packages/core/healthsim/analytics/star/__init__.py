"""The star: dimensions and facts, built from the rows of scenarios by one statement each."""
