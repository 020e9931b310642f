"""Servers that give other processes access to a host."""
