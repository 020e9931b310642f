"""A device of a host over vfio-user."""
