"""The state of a running scenario, and the vocabulary of its steps."""
