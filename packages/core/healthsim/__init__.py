"""HealthSim: a workbench for synthetic healthcare data in one DuckDB file."""

__version__ = "0.1.0"
