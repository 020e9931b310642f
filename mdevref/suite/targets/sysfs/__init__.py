"""A tree that behaves like /sys as a target, with /dev/vfio if there is one, and the journal of a run's devices."""
