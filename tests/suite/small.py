"""A small spec and its steps, which tests then break."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

INDEX = """\
Spec
====

.. toctree::

   widgets
"""

#: An edition of a document on frames, with one statement.
EDITION = f"""\
edition = "1.0"

[[section]]
slug = "frames"
depth = 1
statements = ["12345678 sentence {0:032x}"]
"""

REQUIREMENT = """\
.. requirement:: widget.make
   :level: must
   :interface: management
   :basis: kernel

   A frame MUST make a widget.

   .. scenario:: One widget
      Given a frame
      When a widget is made
      Then the widget exists
"""

STEPS = """\
@given("a frame")
def a_frame(context):
    "A frame."

@when("a widget is made")
def a_widget_is_made(context):
    pass

@then("the widget exists")
def the_widget_exists(context):
    pass
"""

SpecWriter = Callable[..., Path]
