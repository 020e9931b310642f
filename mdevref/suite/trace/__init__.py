"""Trace each statement of the source document to the spec."""
