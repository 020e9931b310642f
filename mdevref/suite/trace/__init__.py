"""The source document against the spec, statement by statement."""
