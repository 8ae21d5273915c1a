"""Trainings for many viewers: what is trained, how it goes on, and how it is told."""
