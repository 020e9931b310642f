"""Run the suite: behave's hooks and runner, the loading of steps, worker processes, and ``mdevref check``."""
