"""Running the suite: behave's hooks and runner, the loading of steps, workers, and ``mdevref check``."""
