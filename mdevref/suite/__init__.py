"""The engine of the compliance suite."""
