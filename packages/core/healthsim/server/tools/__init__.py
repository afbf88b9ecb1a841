"""The tools, by subject. Every function that ``declaring.tool`` marks is offered; there is no other list."""
