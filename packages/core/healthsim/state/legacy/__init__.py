"""The files of the old implementation: listed, hashed, and moved into the database."""
