"""Pure functions over arrays: a block of person numbers in, Arrow tables out. No database, no files, no shared state."""
