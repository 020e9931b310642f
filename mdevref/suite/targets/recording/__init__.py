"""Machines whose operations are recorded."""
