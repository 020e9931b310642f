"""The implementations that the suite can test, one module or folder for each."""
