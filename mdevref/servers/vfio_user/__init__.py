"""Serves a device of a host over vfio-user."""
