"""A tree that behaves like /sys as a target, with /dev/vfio where there is one, and the journal of what a run makes."""
