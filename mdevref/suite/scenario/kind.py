"""One kind of parameter: what it looks like in a step, and the value that the step's function gets."""

from __future__ import annotations

from collections.abc import Callable


class Kind:
    """A pattern, and the function that converts what it matched; behave asks for both."""

    regex_group_count = 0  #: behave counts the groups of a pattern: no kind has one

    def __init__(self, pattern: str, convert: Callable[[str], object] = str) -> None:
        self.pattern = pattern
        self._convert = convert

    def __call__(self, text: str) -> object:
        return self._convert(text)
