"""Pictures drawn by hand as HTML and SVG, or as text: they know nothing of databases, and need no script to be seen."""
