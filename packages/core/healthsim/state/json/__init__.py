"""JSON in and out: the shapes that scenarios come in, and the two formats that they are written in."""
