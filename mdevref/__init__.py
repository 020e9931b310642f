"""An executable compliance suite and a reference host for Linux VFIO mediated devices."""

__version__ = "0.1.0"
