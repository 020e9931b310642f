"""The mdev core: parents, types, devices, and how each era of kernels behaved."""
