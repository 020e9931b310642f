"""The plain-text editions yield the same statements as the later ones, on our own texts and on the kernel's."""

from __future__ import annotations

import re

import pytest

from mdevref.suite.trace import plain_text
from mdevref.suite.trace.document import parse
from tests.suite.trace.documents import kernels_document

OLDER = """\
/*
 * Widget frames
 *
 * Made by somebody. All rights lost.
 */

Frames[1]
=========

Frames hold widgets. The drawing shows the parts of one.

     +---------+   hold()  +--------+
     | frame   +---------->| widget |
     | core    |           +--------+
     +---------+

A frame is this structure:

     /*
      * struct frame - a frame
      */
     struct frame {
\t     const char *name;
     };

* Register:

  extern int  frame_register(struct frame *f,
\t\t\t     struct module *owner);

A finished driver calls:

extern void frame_forget(struct frame *f);

There are two kinds:

* small
* large

|- [frame]
|--- [kinds]
|     |--- [<kind>]
|          |--- make

* [kinds]
  All kinds.

Example:
\t# echo 7 > /sys/frames/make

Looking
-------

1. Dump one.

   # dump frame
   Frame 7
   00: 48 43 53 32 01

   The log of it is as follows:

   frame 0000:00:05.0: one widget

2. Start it.

   -widget frame,\\
    path=/sys/frames

References
==========

[1] Frames at large.
[2] Widgets at large.
"""
#: The same with markup: '::' before each block, indented; a title and fields; numbers without brackets.
NEWER = """\
=============
Widget frames
=============

Made by somebody. All rights lost.

Frames[1]
=========

Frames hold widgets. The drawing shows the parts of one.

::

     +---------+   hold()  +--------+
     | frame   +---------->| widget |
     | core    |           +--------+
     +---------+

A frame is this structure::

     /*
      * struct frame - a frame
      */
     struct frame {
\t     const char *name;
     };

* Register::

    extern int  frame_register(struct frame *f,
\t\t\t     struct module *owner);

A finished driver calls::

  extern void frame_forget(struct frame *f);

There are two kinds:

* small
* large

::

  |- [frame]
  |--- [kinds]
  |     |--- [<kind>]
  |          |--- make

* [kinds]
  All kinds.

Example::

\t# echo 7 > /sys/frames/make

Looking
-------

1. Dump one.

   ::

     # dump frame
     Frame 7
     00: 48 43 53 32 01

   The log of it is as follows::

     frame 0000:00:05.0: one widget

2. Start it.

   ::

     -widget frame,\\
      path=/sys/frames

References
==========

1. Frames at large.
2. Widgets at large.
"""


def statements(text: str) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in parse(text).statements]


def test_the_older_text_states_the_same() -> None:
    assert plain_text.is_unmarked(OLDER)
    assert not plain_text.is_unmarked(NEWER)
    assert statements(OLDER) == statements(NEWER)
    assert [each.key for each in parse(OLDER).statements] == [each.key for each in parse(NEWER).statements]
    assert {kind for kind, _ in statements(OLDER)} == {
        "sentence", "item", "label", "comment", "structure", "member", "prototype", "tree", "command", "output", "dump",
        "reference",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["Widgets\n=======\n\nThey are held.\n", "Widgets\n=======\n\n1 # 2 are three.\n"])
def test_a_text_that_has_nothing_to_mark_is_left_alone(text: str) -> None:
    assert not plain_text.is_unmarked(text)


def unmarked(text: str) -> str:
    """Return the text in the form of 4.12: no '::', blocks not indented further, a comment as the head."""
    head, body = re.split(r"(?m)^(?=Virtual Function.*\n=)", text)
    lines = ["/*", " * VFIO Mediated devices", " */", ""]
    base = shift = 0
    in_block = False
    for line in body.expandtabs().splitlines():
        indent = len(line) - len(line.lstrip())
        if in_block and line.strip() and (indent > base or (base == 0 and indent)):
            shift = shift or indent - base
            lines.append(line[shift:])
            continue
        in_block = in_block and not line.strip()
        if line.rstrip().endswith("::"):
            item = re.match(r" *(?:\d+\.|\*) +", line)
            base, shift, in_block = item.end() if item else indent, 0, True
            lines.append(line.rstrip().removesuffix(":") if line.strip() != "::" else "")
        else:
            lines.append(line)
    assert head
    return "\n".join(lines) + "\n"


def test_the_kernels_text_without_its_marks_states_the_same_but_for_its_head() -> None:
    text = kernels_document("5.10").read_text()
    older, newer = parse(unmarked(text)), parse(text)
    head = {each.key for each in newer.statements if each.section == "vfio-mediated-devices"}
    assert {each.key for each in older.statements} == {each.key for each in newer.statements} - head
