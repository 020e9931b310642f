"""The device of a vfio-user server as a target."""
