"""How other processes reach a host."""
