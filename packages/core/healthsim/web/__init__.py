"""The pages of ``healthsim ui``: server-drawn HTML and SVG for one person on one machine.

Like the command line and the assistant's server, they call verbs of the workbench and show typed answers. Every page works
without a script, answers as JSON and its tables as CSV, keeps its state in the address, and asks nothing of other machines.
"""
