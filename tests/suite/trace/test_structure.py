"""Compare the names in a document with the tables of a spec and the reference host, on texts of our own."""

from __future__ import annotations

import pytest

from mdevref.suite import data
from mdevref.suite.spec import outline
from mdevref.suite.spec import reader as spec
from mdevref.suite.targets.reference.names import reference_names
from mdevref.suite.trace.document import parse
from mdevref.suite.trace.structure import TOPICS, compare, member_type, signature, stated, tabled
from tests.suite.small import SpecWriter
from tests.suite.trace.traced import DOCUMENT

MEMBERS = """
Bus drivers
===========

::

     struct mdev_driver {
             const char *name;
             int  (*probe)  (struct device *dev);
     };
"""
DEVICE = """
Files of a device
=================

::

  |- [parent phy device]
  |--- [$UUID]
         |--- remove
         |--- mdev_type {a link}
         |--- vendor-specific-attributes [optional]
"""
SAMPLE = """
The sample
==========

::

   # tree /sys/devices/virtual/mtty/mtty/
      /sys/devices/virtual/mtty/mtty/
      |-- mdev_supported_types
      |   `-- mtty-1
      |       `-- create
      `-- subsystem -> ../../../../class/mtty
"""


def test_what_a_document_states_by_name() -> None:
    assert stated(parse(DOCUMENT + MEMBERS + DEVICE + SAMPLE)) == {
        "function": {"mdev_register_device": "int (struct device *, const struct mdev_parent_ops *)"},
        "ops": {"open": "", "mmap": ""},
        "parent": {"mdev_supported_types": ""},
        "type": {"create": "", "name": ""},
        "config": {"00": "48", "01": "43", "02": "53", "03": "32"},
        "driver": {"name": "const char *", "probe": "int (*)(struct device *)"},
        "device": {"remove": "", "mdev_type": ""},
        "sample": dict.fromkeys(
            ("mdev_supported_types", "mdev_supported_types/mtty-1", "mdev_supported_types/mtty-1/create", "subsystem"),
            "",
        ),
    }


@pytest.mark.parametrize(
    ("prototype", "types"),
    [
        ("int f(struct device *dev, unsigned long *pfn, int n);", "int (struct device *, unsigned long *, int)"),
        ("void f(struct page **pages);", "void (struct page **)"),
        ("sprintf;", "sprintf;"),
    ],
)
def test_a_function_is_compared_by_its_types(prototype: str, types: str) -> None:
    assert signature(prototype) == types


@pytest.mark.parametrize(
    ("member", "type"),
    [
        ("struct s: const char *name;", "const char *"),
        ("struct s: void (*remove)(struct device *dev);", "void (*)(struct device *)"),
        ("struct s: struct device_driver driver;", "struct device_driver"),
        ("struct s: char label[16];", "char [16]"),
        ("struct s: u32 is_on:1;", "u32 :1"),
    ],
)
def test_a_member_is_compared_by_its_type(member: str, type: str) -> None:
    assert member_type(member) == type


@pytest.mark.parametrize(
    ("old", "new", "fact"),
    [
        ("|--- name", "|--- colour", "type/colour"),
        ("|--- name", "|--- max-size", "type/max-size"),
        ("|--- name", "|--- colour [optional]", "type/colour"),
        ("|--- name", "|--- [colours]", "type/colours"),
        ("|--- remove", "|--- recolour (write only)", "device/recolour"),
        ("|--- remove", "|--- frame -> ../there", "device/frame"),
        ("|--- [mdev_supported_types]", "|--- colour", "parent/colour"),
        ("`-- create", "`-- max-size", "sample/mdev_supported_types/mtty-1/max-size"),
        ("const char *name;", "char colour[16];", "driver/colour"),
        ("const char *name;", "u32 red:1;", "driver/red"),
        ("(*probe)", "(*paint)", "driver/paint"),
        ("* open:", "* paint:", "ops/paint"),
        ("mdev_register_device(", "mdev_paint(", "function/mdev_paint"),
    ],
)
def test_what_an_edition_adds_is_a_fact_of_its_name(old: str, new: str, fact: str) -> None:
    text = DOCUMENT + MEMBERS + DEVICE + SAMPLE
    assert old in text
    heads = outline.read(data.spec())
    assert fact not in {each.id for each in compare(parse(text), heads)}
    (found,) = (each for each in compare(parse(text.replace(old, new)), heads) if each.id == fact)
    assert found.said["document"] is not None
    assert found.said["spec"] is None


def test_attributes_of_any_name_are_no_name() -> None:
    assert stated(parse(DEVICE.replace("vendor-specific", "Vendor-specific")))["device"].keys() == {
        "remove",
        "mdev_type",
    }


TABLE = """

.. cases:: functions
   :caption: Functions

   | case                 | takes           | gives |
   | mdev_register_device | struct device * | int   |
   | mdev_forget_device   | struct device * | void  |
"""


def test_a_table_of_the_spec_is_a_side_of_the_comparison(write_spec: SpecWriter) -> None:
    heads = outline.read(write_spec(TABLE) / "spec")
    assert tabled(heads) == {
        "function": {"mdev_register_device": "int (struct device *)", "mdev_forget_device": "void (struct device *)"}
    }
    found = {each.id: each.said for each in compare(parse(DOCUMENT), heads)}
    assert found == {
        "function/mdev_register_device": {
            "document": "int (struct device *, const struct mdev_parent_ops *)",
            "spec": "int (struct device *)",
            "reference": "",
        },
        "function/mdev_forget_device": {"document": None, "spec": "void (struct device *)", "reference": None},
    }


def test_the_tables_of_the_spec_have_something_on_every_topic() -> None:
    found = tabled(outline.read(data.spec()))
    assert [topic for topic in TOPICS if not found.get(topic)] == []


def test_the_reference_has_what_the_kernels_tree_has() -> None:
    found = reference_names()
    assert {"create", "devices", "device_api", "available_instances", "name", "description"} <= set(found["type"])
    assert {"remove", "mdev_type", "uevent", "subsystem"} <= set(found["device"])
    assert {"mtty_dev/sample_mtty_dev", "mdev_supported_types/mtty-2/create"} <= set(found["sample"])


def test_a_byte_that_the_reference_does_not_show_is_told_by_its_offset(write_spec: SpecWriter) -> None:
    heads = outline.read(write_spec() / "spec")
    found = list(compare(parse(DOCUMENT.replace("53 32", "53 33")), heads))
    assert [(each.id, each.said) for each in found] == [("config/03", {"document": "33", "reference": "32"})]


def test_the_outline_is_what_the_spec_says() -> None:
    """The fast reader returns the same as the full one."""
    heads, whole = outline.read(data.spec()), spec.read(data.spec())
    requirements = {each.id: (each.sources, each.level, len(each.scenarios)) for each in whole.requirements()}
    assert requirements == {
        head.id: (head.words("source"), head.options["level"], head.scenarios) for head in heads.requirements.values()
    }
    texts = {each.id: [step.text for s in each.scenarios for step in s.steps] for each in whole.requirements()}
    assert texts == {head.id: list(head.steps) for head in heads.requirements.values()}
    assert {id: (table.columns, *table.rows) for id, table in whole.cases.items()} == {
        head.id: head.rows for head in heads.cases.values()
    }
    errata = {each.id: (each.title, each.sources, each.requirements, each.facts) for each in whole.errata}
    assert errata == {
        head.id: (head.options["title"], head.words("source"), head.words("requirements"), head.words("facts"))
        for head in heads.errata.values()
    }
