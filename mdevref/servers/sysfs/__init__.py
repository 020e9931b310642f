"""A host's tree as a file system: FUSE, mounts, and a private /sys."""
