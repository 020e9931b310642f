"""Vendor drivers for the reference host."""
