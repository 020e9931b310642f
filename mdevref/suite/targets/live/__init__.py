"""A running kernel as a target."""
