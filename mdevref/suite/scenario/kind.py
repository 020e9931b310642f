"""One kind of step parameter: its pattern, and the value that the function of the step receives."""

from __future__ import annotations

from collections.abc import Callable


class Kind:
    """A pattern and the function that converts the matched text; behave requires both."""

    regex_group_count = 0  #: behave needs the number of groups in the pattern; kinds have none

    def __init__(self, pattern: str, convert: Callable[[str], object] = str) -> None:
        self.pattern = pattern
        self._convert = convert

    def __call__(self, text: str) -> object:
        return self._convert(text)
