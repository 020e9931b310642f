"""A tree that behaves like /sys as a target, and the journal of what a run makes there."""
