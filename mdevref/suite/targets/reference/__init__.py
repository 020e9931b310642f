"""The reference host as a target."""
