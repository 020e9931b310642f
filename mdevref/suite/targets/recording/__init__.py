"""Wrappers that record the operations on a machine."""
