"""The trace: a document against a spec that accounts for it, editions of the kernel, and what is no document at all."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mdevref import cli
from mdevref.suite import data
from mdevref.suite.errors import BadInput
from mdevref.suite.run.lint import lint
from mdevref.suite.spec import outline
from mdevref.suite.spec import reader as spec
from mdevref.suite.trace import command as tracing
from mdevref.suite.trace import editions
from mdevref.suite.trace.account import FILE, Trace, TraceError, load_file, trace
from mdevref.suite.trace.document import DocumentError, parse, read
from mdevref.suite.trace.report import as_json, text
from tests.suite.trace import traced as small
from tests.suite.trace.documents import kernels_document
from tests.suite.trace.traced import DOCUMENT, Traced, key_of, keys

traced = small.traced


def traced_document(spec_dir: Path, document: str) -> Trace:
    return trace(parse(document), "document", spec_dir)


def test_a_document_that_the_spec_accounts_for_is_complete(traced: Traced) -> None:
    found = traced_document(traced(), DOCUMENT)
    assert found.is_complete, text(found)
    assert found.states() == {"required": 15, "defect": 0, "informative": 5, "unknown": 0}
    assert text(found).endswith("Complete.\n")


@pytest.mark.parametrize(
    ("old", "new", "kind", "touched"),
    [
        ("Frames hold widgets,", "Frames may hold widgets,", "reworded", ("widget.hold",)),
        ("name of its own.", "name of its own. It has a colour.", "new", ()),
        ("* mmap: somebody takes it home\n", "", "vanished", ("widget.hold",)),
        ("  |     |   |--- name", "  |     |   |--- colour", "new", ()),
        ("struct device *dev,", "struct frame *frame,", "reworded", ("widget.make",)),
        ("48 43 53 32", "48 43 53 33", "reworded", ()),
        ("echo 7 >", "echo 8 >", "reworded", ("widget.make",)),
        ("Trying it\n=========", "Playing\n=======", "moved", ("widget.make",)),
    ],
)
def test_what_another_edition_changes_is_told_with_what_it_touches(
    traced: Traced, old: str, new: str, kind: str, touched: tuple[str, ...]
) -> None:
    assert old in DOCUMENT
    found = traced_document(traced(), DOCUMENT.replace(old, new))
    assert not found.is_complete
    told = {(change.kind, found.account.touched(change.old.key) if change.old else ()) for change in found.drifted()}
    assert (kind, touched) in told


def test_the_order_of_changes_is_that_of_the_text(traced: Traced) -> None:
    changed = DOCUMENT.replace("Frames hold widgets", "Frames keep widgets").replace("* open: somebody looks in\n", "")
    found = traced_document(traced(), changed.replace("in another book", "in this book"))
    assert [(change.kind, change.statement.section) for change in found.changes] == [
        ("reworded", "widgets-in-frames"), ("vanished", "making"), ("reworded", "references"),
    ]  # fmt: skip


def test_a_fact_is_noticed_by_its_name(traced: Traced) -> None:
    found = traced_document(traced(), DOCUMENT.replace("|--- name", "|--- colour"))
    assert [(each.topic, each.name, each.said) for each in found.differences] == [
        ("type", "colour", {"document": "", "reference": None})
    ]
    assert "FACT      entry of a type: colour\n  document  has it\n  reference has none\n" in text(found)


ERRATUM = """\
.. erratum:: frames.colour
   :title: Frames have no colour
   :source: {source}
   :requirements: widget.hold
   :facts: type/colour

   :wrong: It says colour.
   :known: There is none.
   :correction: Leave it out.

"""


def test_an_erratum_makes_a_statement_a_defect_and_explains_a_fact(traced: Traced) -> None:
    colourful = DOCUMENT.replace("|--- name", "|--- colour")
    source = key_of("[parent frame]/[mdev_supported_types]/[<type-id>]/colour", colourful)
    spec_dir = traced(more=ERRATUM.format(source=source))
    found = traced_document(spec_dir, colourful)
    assert found.account.state(source) == "defect"
    assert [each.errata for each in found.differences] == [("frames.colour",)]
    assert not found.unknown()
    # The tree has lost an entry that a requirement rests on; that an erratum tells of another changes nothing.
    assert [change.kind for change in found.drifted()] == ["vanished"]


def test_as_json_a_program_finds_all_of_it(traced: Traced) -> None:
    found = traced_document(
        traced(), DOCUMENT.replace("Frames hold", "Frames keep").replace("|--- name", "|--- colour")
    )
    told = json.loads(as_json(found))
    assert (told["document"], told["edition"], told["complete"]) == ("document", "1.0", False)
    assert told["counts"] == found.states()
    assert [each["key"] for each in told["statements"]] == [each.key for each in found.document.statements]
    assert {each["state"] for each in told["statements"]} == {"required", "informative", "unknown"}
    reworded = next(each for each in told["changes"] if each["kind"] == "reworded")
    assert reworded["new"]["text"].startswith("Frames keep")
    assert reworded["requirements"] == ["widget.hold"]
    assert told["facts"] == [{"topic": "type", "name": "colour", "document": "", "reference": None, "errata": []}]


def test_a_document_of_another_matter_is_not_compared(traced: Traced) -> None:
    with pytest.raises(TraceError, match="is it the right file"):
        traced_document(traced(), "Cooking\n=======\n\nTake two eggs.\n")


# -- Accepting


def test_an_accepted_edition_leaves_what_somebody_has_to_fill_in(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec_dir = traced()
    later = DOCUMENT.replace("for people who like order", "for people who love order").replace(
        "Each frame has a name of its own.", "Each frame has a number of its own. Some are red."
    )
    said = tracing.accepted(parse(later), "2.0", spec_dir)
    file = load_file(spec_dir)
    assert file.edition == "2.0"
    assert editions.names(spec_dir) == ["1.0", "2.0"]
    new = [key_of("Frames hold", later), key_of("Each frame", later), key_of("Some are red", later)]
    assert [key for key, why in file.whys().items() if not why] == new
    assert "3 to be filled in" in said
    assert f"# reworded from {key_of('Each frame')}: It only tells." in (spec_dir / FILE).read_text()
    assert f"# reworded from {key_of('Frames hold')}: on which widget.hold rest" in (spec_dir / FILE).read_text()
    # Until that is done the spec is not sound, and the document not accounted for.
    assert [each.key for each in traced_document(spec_dir, later).unknown()] == new
    found = [str(problem) for problem in lint(spec.read(spec_dir), spec_dir)]
    assert sum("say why it obliges nobody" in line for line in found) == 3
    text = (spec_dir / FILE).read_text()
    (spec_dir / FILE).write_text(text.replace('""', '"Now it is filled in."'))
    assert traced_document(spec_dir, later).is_complete
    assert lint(spec.read(spec_dir), spec_dir) == []


def test_accepting_an_edition_anew_tells_which_sources_it_has_lost(traced: Traced) -> None:
    spec_dir = traced()
    lost = key_of("mmap:")
    said = tracing.accepted(parse(DOCUMENT.replace("* mmap: somebody takes it home\n", "")), "1.0", spec_dir)
    assert f"{lost} is in no edition any more, and still a source of widget.hold" in said
    assert any(f"the source {lost} is in no edition" in str(each) for each in lint(spec.read(spec_dir), spec_dir))


def test_going_back_to_an_edition_leaves_nothing_open_of_another(traced: Traced) -> None:
    spec_dir = traced()
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    written = (spec_dir / FILE).read_text()
    tracing.accepted(parse(DOCUMENT.replace("Each frame has a name", "Each frame has a number")), "2.0", spec_dir)
    assert (spec_dir / FILE).read_text().count('""') == 1
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    assert (spec_dir / FILE).read_text() == written
    assert lint(spec.read(spec_dir), spec_dir) == []


def test_a_paraphrase_stays_until_its_edition_is_accepted(traced: Traced) -> None:
    spec_dir = traced()
    later = DOCUMENT.replace("Each frame has a name", "Each frame has a number")
    tracing.accepted(parse(later), "2.0", spec_dir)
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    section, _, digest = key_of("Each frame", later).partition("/")
    kept = f'[later.{section}]\n{digest} = "Frames are numbered."\n'
    with (spec_dir / FILE).open("a") as file:
        file.write(kept)
    assert lint(spec.read(spec_dir), spec_dir) == []
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    assert (spec_dir / FILE).read_text().endswith(f"\n{kept}")
    tracing.accepted(parse(later), "2.0", spec_dir)
    assert "later" not in (spec_dir / FILE).read_text()


def test_accepting_what_is_accounted_for_changes_no_word(traced: Traced) -> None:
    spec_dir = traced()
    listing = editions.path_of(spec_dir, "1.0").read_text()
    whys = load_file(spec_dir).whys()
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    assert editions.path_of(spec_dir, "1.0").read_text() == listing
    assert load_file(spec_dir).whys() == whys
    written = (spec_dir / FILE).read_text()
    tracing.accepted(parse(DOCUMENT), "1.0", spec_dir)
    assert (spec_dir / FILE).read_text() == written


# -- Editing a copy: whatever is changed is found

_WORD = re.compile(r"(?<![\w|`])[A-Za-z_]{3,}")


def words(document: str) -> list[int]:
    """Where words stand that mean something: not in a directive of reST, and not ``extern``, which means nothing."""
    found, start = [], 0
    for line in document.splitlines(keepends=True):
        if not line.startswith(".. "):
            found += [start + word.start() for word in _WORD.finditer(line) if word[0] != "extern"]
        start += len(line)
    return found


def edited(document: str, at: int, letter: str) -> str:
    return document[:at] + letter + document[at:]


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_word_that_is_changed_is_found(traced: Traced, choice: st.DataObject) -> None:
    spec_dir = traced()
    changed = edited(DOCUMENT, choice.draw(st.sampled_from(words(DOCUMENT))), choice.draw(st.sampled_from("qxz")))
    assert not traced_document(spec_dir, changed).is_complete


@cache
def edition() -> str:
    return kernels_document("5.10").read_text()


@pytest.fixture
def kernels_text() -> None:
    """Skip before the first example is tried, where there is no such text."""
    edition()


@pytest.mark.usefixtures("kernels_text")
@given(share=st.floats(0, 1, exclude_max=True), letter=st.sampled_from("qxz"))
@example(share=0.0, letter="q")
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_word_that_is_changed_in_the_kernels_document_is_found(share: float, letter: str) -> None:
    places = words(edition())
    changed = traced_document(data.spec(), edited(edition(), places[int(share * len(places))], letter))
    assert changed.drifted()


@pytest.mark.usefixtures("kernels_text")
@given(share=st.floats(0, 1, exclude_max=True))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_entry_or_prototype_that_is_changed_is_found_by_its_name(share: float) -> None:
    names = [*re.finditer(r"(?<=-- )\[?\w+(?=\]?$)|\b\w+(?=\(struct)", edition(), re.MULTILINE)]
    chosen = names[int(share * len(names))]
    changed = traced_document(data.spec(), edited(edition(), chosen.end(), "_too"))
    new = {change.statement.name for change in changed.drifted() if change.kind == "new"}
    assert any(f"{chosen[0].lstrip('[')}_too" in name for name in new), new


# -- The kernel's editions


def test_the_5_10_edition_is_accounted_for_as_a_whole() -> None:
    found = trace(read(kernels_document("5.10")), "5.10", data.spec())
    assert found.is_complete, text(found)
    states = found.states()
    assert states["unknown"] == 0
    assert states["required"] >= 0.6 * len(found.document.statements)
    assert found.changes == ()
    # What errata say of names is so, and they say it of all that differ.
    told = {id for erratum in outline.read(data.spec()).errata.values() for id in erratum.words("facts")}
    assert {each.id for each in found.differences} == told


_BUS = "registration-interface-for-a-mediated-bus-driver"
_PHYSICAL = "physical-device-driver-interface"
_FILES = "directories-and-files-under-the-sysfs-for-each-physical-device"
_DIAGRAM = "virtual-function-i-o-vfio-mediated-devices-1"
_PIN = "translation-apis-for-mediated-devices"
#: What 6.1 changed of 5.10: kind, section, and the name, or else the checksums of what was and what is.
CHANGED = [
    ("vanished", "vfio-mediated-devices", "c9276692"),  # the licence
    ("vanished", _DIAGRAM, "mdev_register_device()"),
    ("new", _DIAGRAM, "mdev_register_parent()"),
    ("reworded", _BUS, "08d30106"),  # of a device driver, no more of a bus driver
    ("vanished", _BUS, "mdev_driver.@name"),
    ("vanished", _BUS, "mdev_driver.name"),
    ("reworded", _BUS, "mdev_driver.probe"),
    ("reworded", _BUS, "mdev_driver.remove"),
    ("new", _BUS, "mdev_driver.get_available"),
    ("new", _BUS, "mdev_driver.show_description"),
    ("reworded", _BUS, "mdev_register_driver"),  # without the module
    ("vanished", _BUS, "23638ddc"),  # into the VFIO group and out of it
    ("new", _BUS, "mdev_register_parent"),
    ("new", _BUS, "mdev_unregister_parent"),
    ("vanished", _PHYSICAL, "dev_attr_groups"),
    ("vanished", _PHYSICAL, "mdev_attr_groups"),
    ("vanished", _PHYSICAL, "supported_config"),
    ("vanished", _PHYSICAL, "create"),
    ("vanished", _PHYSICAL, "remove"),
    ("vanished", _PHYSICAL, "open"),
    ("vanished", _PHYSICAL, "close"),
    ("vanished", _PHYSICAL, "ioctl"),
    ("vanished", _PHYSICAL, "mdev_register_device"),
    ("vanished", _PHYSICAL, "mdev_unregister_device"),
    ("vanished", _FILES, "e05614d4"),  # the aside about mdev_parent_dev
    ("reworded", _FILES, "3bc9db24"),  # device_api
    ("reworded", _FILES, "17d6bb6e"),  # available_instances
    ("reworded", _FILES, "e205d79b"),  # name
    ("vanished", _FILES, "86fa8080"),  # name is not optional any more
    ("reworded", _FILES, "6a8b268f"),  # description
    ("reworded", _FILES, "9ae11b6e"),  # description is optional, in better English
    ("reworded", _PIN, "vfio_pin_pages"),
    ("reworded", _PIN, "vfio_unpin_pages"),
]


def test_what_the_6_1_edition_changes_is_found() -> None:
    found = trace(read(kernels_document("6.1")), "6.1", data.spec())
    assert not found.is_complete
    told = {
        (change.kind, change.statement.section, name)
        for change in found.drifted()
        for name in (change.statement.name, change.old.digest if change.old else "")
    }
    assert [expected for expected in CHANGED if expected not in told] == []
    # And nothing else: the rest of what vanished and came is of the same two sections.
    others = {section for kind, section, _ in told if section not in (_BUS, _PHYSICAL)}
    assert others == {"vfio-mediated-devices", _DIAGRAM, _FILES, _PIN}


@pytest.mark.parametrize(
    ("name", "touched"),
    [
        ("mdev_driver.name", "bus-driver.name"),
        ("mdev_register_driver", "bus-driver.owner"),
        ("dev_attr_groups", "registration.parent-attributes"),
        ("mdev_register_device", "registration.register"),
        ("close", "callback.release"),
    ],
)
def test_what_the_6_1_edition_touches_is_told(name: str, touched: str) -> None:
    found = trace(read(kernels_document("6.1")), "6.1", data.spec())
    (old,) = (change.old for change in found.drifted() if change.old and change.old.name == name)
    assert touched in found.account.touched(old.key)


def test_the_facts_that_the_6_1_edition_changes_are_named() -> None:
    found = trace(read(kernels_document("6.1")), "6.1", data.spec())
    unexplained = {f"{each.topic}/{each.name}" for each in found.differences if not each.errata}
    assert unexplained == {
        "function/mdev_register_parent", "function/mdev_unregister_parent", "function/mdev_register_driver",
        "function/mdev_register_device", "function/mdev_unregister_device", "function/vfio_pin_pages",
        "function/vfio_unpin_pages", "driver/name", "driver/probe", "driver/remove", "driver/get_available",
        "driver/show_description",
    }  # fmt: skip


# -- The command


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from mdevref.cli import main; main()", "trace", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_tells_of_the_5_10_edition_and_exits_0() -> None:
    done = run(str(kernels_document("5.10")))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Complete.\n")


def test_the_command_tells_of_the_6_1_edition_and_exits_1() -> None:
    path = kernels_document("6.1")
    done = run(str(path))
    assert done.returncode == 1, done.stderr
    assert done.stdout.endswith("Not complete.\n")
    told = json.loads(run(str(path), "--format", "json").stdout)
    assert told["complete"] is False


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no reStructuredText"),
        (b"#include <stdio.h>\nint main(void) { return 0; }\n", "no reStructuredText"),
        (b"x" * 10_000_000, "no such document"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0", "binary"),
        (bytes(range(256)), "UTF-8"),
        (b"Cooking\n=======\n\nTake two eggs.\n", "right file"),
        (b"diff --git a/x.rst b/x.rst\n@@ -1 +1 @@\n-a\n+b\n", "a patch"),
        (b"T\n=\n\n" + b"> " * 100_000, None),
        (b"=\n" * 30_000, "30000 lines"),
        (b"=\n" * 4_000, None),
        (b"+--+\n|  |\n" * 2_000, None),
        (b"*a `b |c _d " * 5_000, None),
    ],
    ids=[
        "empty",
        "C",
        "enormous",
        "binary",
        "bytes",
        "another",
        "patch",
        "quotes",
        "long",
        "titles",
        "tables",
        "inline",
    ],
)
def test_what_is_no_document_gets_one_line_soon(tmp_path: Path, content: bytes, said: str | None) -> None:
    path = tmp_path / "document.rst"
    path.write_bytes(content)
    started = time.perf_counter()
    done = run(str(path))
    taken = time.perf_counter() - started
    assert done.returncode == 2, done.stdout[:500]
    assert done.stdout == ""
    assert done.stderr.startswith("mdevref: ")
    assert done.stderr.count("\n") == 1, done.stderr[:500]
    assert said is None or said in done.stderr
    assert taken < 5


@pytest.mark.parametrize(
    "path", ["/dev/zero", "/dev/null", "/nowhere/at/all.rst", "/", "/proc/self/mem", "/" + 300 * "a"]
)
def test_a_path_that_leads_to_no_file_gets_one_line(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["trace", path]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert path in output.err


def test_a_folder_that_must_not_be_looked_into_gets_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with pytest.MonkeyPatch.context() as patch:
        # As for a user to whom the folder is closed; the tests may run as root, whom nothing is.
        patch.setattr(os, "stat", refused(os.stat, closed))
        patch.setattr("io.open", refused(open, closed))
        patch.setenv(tracing.VARIABLE, str(closed))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # a kernel fetched here would have the document
        assert cli.run(["trace", str(closed / "document.rst")]) == 2
        assert cli.run(["trace"]) == 2
    output = capsys.readouterr().err.splitlines()
    assert output[0] == f"mdevref: {closed}/document.rst: Permission denied"
    assert output[1].startswith(f"mdevref: {tracing.VARIABLE}: {closed} is no folder with a ")
    assert len(output) == 2


def refused(function: Callable[..., object], folder: Path) -> Callable[..., object]:
    def call(path: object, *arguments: object, **named: object) -> object:
        if str(path).startswith(f"{folder}/"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return function(path, *arguments, **named)

    return call


def test_a_format_that_there_is_not_is_bad_input(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "spec", traced)
    path = traced() / "document.rst"
    path.write_text(DOCUMENT)
    with pytest.raises(BadInput, match="no format 'xml': text, json"):
        tracing.run(path, "xml", accept=False, edition="")


def test_what_it_said_before_is_shown_where_that_is_at_hand(
    traced: Traced, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec_dir = traced()
    monkeypatch.setattr(data, "spec", lambda: spec_dir)
    later = tmp_path / "later.rst"
    later.write_text(DOCUMENT.replace("Frames hold", "Frames keep").replace("* open: somebody looks in\n", ""))
    monkeypatch.setenv(tracing.VARIABLE, str(tmp_path / "documents"))
    said, status = tracing.run(later, "text", accept=False, edition="")
    assert (status, "  was " in said) == (1, False)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/vfio-mediated-device-1.0.rst").write_text(DOCUMENT)
    said, _ = tracing.run(later, "text", accept=False, edition="")
    assert "  was     Frames hold widgets, for people who like order.\n  now     Frames keep widgets," in said
    assert "  said    open: somebody looks in\n  touches widget.hold\n" in said
    told = json.loads(tracing.run(later, "json", accept=False, edition="")[0])
    assert [each["old"]["text"] for each in told["changes"]] == [
        "Frames hold widgets, for people who like order.", "open: somebody looks in",
    ]  # fmt: skip


@pytest.mark.parametrize("edition", ["", "../elsewhere", "a/b"])
def test_an_edition_is_accepted_by_a_name(traced: Traced, monkeypatch: pytest.MonkeyPatch, edition: str) -> None:
    spec_dir = traced()
    monkeypatch.setattr(data, "spec", lambda: spec_dir)
    monkeypatch.setattr(data, "is_checkout", lambda: True)
    path = spec_dir / "document.rst"
    path.write_text(DOCUMENT)
    with pytest.raises(TraceError, match="--edition"):
        tracing.run(path, "text", accept=True, edition=edition)
    assert tracing.run(path, "text", accept=True, edition="2.0")[1] == 0
    assert tracing.run(path.rename(spec_dir / "document-3.1.rst"), "text", accept=True, edition="")[1] == 0
    assert editions.names(spec_dir) == ["1.0", "2.0", "3.1"]


def test_an_installation_accepts_nothing(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    spec_dir = traced()
    monkeypatch.setattr(data, "spec", lambda: spec_dir)
    monkeypatch.setattr(data, "is_checkout", lambda: False)
    with pytest.raises(TraceError, match="of an installation"):
        tracing.accepted(parse(DOCUMENT), "2.0", spec_dir)


def test_a_document_is_found_in_a_folder_or_in_the_source_of_a_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(tracing.VARIABLE, raising=False)
    in_kernel = tmp_path / "linux/Documentation/driver-api/vfio-mediated-device.rst"
    older = tmp_path / "older/Documentation/vfio-mediated-device.txt"
    named = tmp_path / "documents/vfio-mediated-device-5.10.rst"
    for path in (in_kernel, older, named):
        path.parent.mkdir(parents=True)
        path.write_text(DOCUMENT)
        assert tracing.document_at(path, "5.10") == path
    assert tracing.document_at(tmp_path / "linux", "5.10") == in_kernel
    assert tracing.document_at(tmp_path / "older", "5.10") == older
    with pytest.raises(DocumentError, match="neither a document"):
        tracing.document_at(tmp_path / "documents", "6.1")
    monkeypatch.setenv(tracing.VARIABLE, str(tmp_path / "documents"))
    assert tracing.document_at(None, "5.10") == named
    with pytest.raises(DocumentError, match=r"documents is no folder with a vfio-mediated-device-0\.1\.rst"):
        tracing.document_at(None, "0.1")
    monkeypatch.delenv(tracing.VARIABLE)
    with pytest.raises(DocumentError, match="which document"):
        tracing.document_at(None, "0.1")


def test_every_key_of_the_small_document_is_its_own() -> None:
    assert len(keys(DOCUMENT)) == len(parse(DOCUMENT).statements)
