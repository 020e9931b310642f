"""The mdev core: parents, types, devices, and the behaviour of each era of kernels."""
