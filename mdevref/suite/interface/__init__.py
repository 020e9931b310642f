"""What steps ask of a target and nothing else: the ground of the suite, which imports nothing of it."""
