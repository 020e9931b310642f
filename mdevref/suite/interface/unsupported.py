"""The exception that a target raises when it does not offer what a scenario needs."""


class Unsupported(Exception):
    """The target lacks an interface, or a precondition cannot be set up there; the message says which."""
