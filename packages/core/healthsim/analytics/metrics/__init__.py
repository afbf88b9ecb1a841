"""Named metrics over the star: the registry of what can be asked, and the compiler of questions into SQL."""
