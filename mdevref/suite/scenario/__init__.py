"""What a scenario knows while it runs, and the vocabulary of its steps."""
