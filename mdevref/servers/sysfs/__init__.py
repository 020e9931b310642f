"""Serves a host's tree as a file system, with FUSE, mounts and a private /sys."""
