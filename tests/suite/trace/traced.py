"""A document of our own, and a small spec that accounts for all of it, for tests of the trace."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from mdevref.suite.trace import editions
from mdevref.suite.trace.account import FILE, Trace, trace
from mdevref.suite.trace.document import parse
from tests.suite.small import SpecWriter

#: The names are the kernel's, so that the reference host has them; no sentence is the kernel's.
DOCUMENT = """\
=================
Widgets in frames
=================

Frames hold widgets, for people who like order. Each frame has a name of its own.

Making
======

A maker of frames calls this::

    extern int  mdev_register_device(struct device *dev,
                                     const struct mdev_parent_ops *ops);

The callbacks in the frame structure are as follows:

* open: somebody looks in
* mmap: somebody takes it home

Files of a frame
----------------

::

  |- [parent frame]
  |--- [mdev_supported_types]
  |     |--- [<type-id>]
  |     |   |--- create
  |     |   |--- name

* name

  What people call it.

Trying it
=========

1. Make one::

     # echo 7 > /sys/frames/create

2. What it is made of::

     # dump frame
     00: 48 43 53 32

References
==========

1. Frames at large, in another book.
"""

#: The statements on which each requirement rests, in both editions: requirement -> their beginnings.
RESTS = {
    "widget.hold": ("Frames hold", "[parent frame]", "open:", "mmap:", "The callbacks"),
    "widget.make": ("int mdev_register_device", "A maker of", "Make one", "echo 7", "name", "What people"),
}
REQUIREMENT = """\
.. requirement:: {id}
   :level: must
   :interface: management
   :basis: document
   :source: {sources}

   A frame MUST do its part.

   .. scenario:: The part of {id}
      Given a frame
      When a widget is made
      Then the widget exists

"""


def keys(text: str) -> dict[str, str]:
    """Map the text of each statement of a document to its key."""
    return {each.text: each.key for each in parse(text).statements}


def key_of(beginning: str, text: str = DOCUMENT) -> str:
    """Return the key of the only statement with this beginning."""
    (found,) = (key for said, key in keys(text).items() if said.startswith(beginning))
    return found


def trace_file(informative: Mapping[str, str], edition: str = "1.0") -> str:
    """Return the text of ``spec/trace.toml``."""
    tables: dict[str, list[str]] = {}
    for key, why in informative.items():
        section, _, digest = key.partition("/")
        tables.setdefault(section, []).append(f"{digest} = {json.dumps(why)}")
    lines = [f"edition = {json.dumps(edition)}"]
    for section, entries in tables.items():
        lines += ["", f"[informative.{section}]", *entries]
    return "\n".join(lines) + "\n"


def accounted(text: str = DOCUMENT) -> tuple[str, dict[str, str]]:
    """Return a chapter's requirements, and the other statements of the document with the reason for each."""
    every = keys(text)
    body, taken = "", set()
    for id, beginnings in RESTS.items():
        sources = [key for said, key in every.items() if said.startswith(beginnings) and key not in taken]
        taken.update(sources)
        body += REQUIREMENT.format(id=id, sources="\n            ".join(sources))
    return body, {key: "It only tells." for key in every.values() if key not in taken}


def write(write_spec: SpecWriter, text: str = DOCUMENT, more: str = "") -> Path:
    """Write a spec that accounts for every statement of the document; ``more`` follows its requirements."""
    body, informative = accounted(text)
    spec_dir: Path = write_spec(body + more) / "spec"
    editions.path_of(spec_dir, "1.0").write_text(editions.render(editions.listed(parse(text), "1.0")))
    (spec_dir / FILE).write_text(trace_file(informative))
    return spec_dir


Traced = Callable[..., Path]


def traced_document(spec_dir: Path, document: str) -> Trace:
    return trace(parse(document), "document", spec_dir)
