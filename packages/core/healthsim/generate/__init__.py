"""Whole populations: synthetic people of real places, coherent from diagnosis to lab to drug to claim."""
