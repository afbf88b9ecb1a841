"""Delta Lake: the tables of scenarios for Databricks, Spark and whatever else reads Delta, without a Spark to write them."""
