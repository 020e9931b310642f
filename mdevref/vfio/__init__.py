"""VFIO: the vfio_mdev bus driver, groups and containers."""
