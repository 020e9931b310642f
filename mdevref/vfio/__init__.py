"""VFIO: the vfio_mdev bus driver, groups, containers, device files, back ends and the uapi structures."""
