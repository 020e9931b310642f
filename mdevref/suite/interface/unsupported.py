"""How a target says that it cannot do what a scenario asks of it."""


class Unsupported(Exception):
    """The target has no such interface, or a precondition cannot be set up there; the text says which."""
