"""The interface between steps and targets. It imports nothing from the rest of the suite."""
