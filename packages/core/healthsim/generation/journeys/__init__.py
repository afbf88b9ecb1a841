"""Care pathways as data: a journey is one YAML file of steps, which generation plans for everyone who qualifies."""
