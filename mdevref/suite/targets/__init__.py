"""The implementations that the suite can test, a module or a folder each."""
