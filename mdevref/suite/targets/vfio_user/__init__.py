"""A vfio-user server's device as a target."""
