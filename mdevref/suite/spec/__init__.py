"""The spec: its model, how it is read and written, what is derived from it, and its lints."""
