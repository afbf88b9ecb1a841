"""Care pathways of other programs as journeys of ours: the three shapes of the original HealthSim, and the modules of Synthea.

Each shape has a module that reads a document into a ``Draft``; what becomes of that is the same for all of them
(``finishing``): steps that our declaration can say, and a list of what it cannot.
"""
