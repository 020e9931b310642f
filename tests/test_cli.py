"""The command: what it prints, its exit statuses, and one clear line for everything that it cannot use."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from mdevref import __version__, cli, hosts
from mdevref.suite import data
from mdevref.suite.results import format as results
from tests.suite.small import REQUIREMENT, SpecWriter

STEPS = """\
from mdevref.suite.scenario.vocabulary import World, check, given, then, when


@given("a frame")
def a_frame(world: World) -> None:
    world.files.read("frame")


@when("a widget is made")
def making(world: World) -> None:
    world.attributes.write("frame", b"widget")


@then("the widget exists")
def existing(world: World) -> None:
    check(world.machine.files.readlink("frame") == "widget", "a widget", "none")
    check(world.target.name != "broken", "a good target", world.target.name)


@then("the material is {material}")
def material(world: World, material: str) -> None:
    world.outcomes.texts.append(world.files.read("frame"))
    check(world.outcomes.text.decode().strip() == material, material, world.outcomes.text.decode().strip())
"""

MATERIAL = """
.. requirement:: widget.material
   :level: must
   :interface: management
   :basis: kernel

   A frame MUST be of wood.

   .. scenario:: The material
      Given a frame
      Then the material is wood
"""


class Said(NamedTuple):
    status: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def small(write_spec: SpecWriter, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A suite of two requirements in place of the real one, as a checkout has it."""
    folder = write_spec(REQUIREMENT + MATERIAL, steps=STEPS)
    (folder / "docs/deviations").mkdir(parents=True)
    monkeypatch.setattr(data, "root", lambda: folder)
    monkeypatch.setattr(data, "is_checkout", lambda: True)
    return folder


@pytest.fixture
def mdevref(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command in this process."""

    def run(*arguments: object) -> Said:
        status = cli.run([str(argument) for argument in arguments])
        return Said(status, *capsys.readouterr())

    return run


@pytest.fixture
def derived(small: Path, mdevref: Command) -> Path:
    """The small suite with its features."""
    assert mdevref("derive").status == 0
    return small


def one_line(said: Said, *words: str) -> None:
    assert said.status == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("mdevref: ")
    for word in words:
        assert word in said.err


GOOD, BAD = "python:tests.suite.fakes:good", "python:tests.suite.fakes:bad"


# -- derive


def test_derive_writes_and_then_has_nothing_to_do(small: Path, mdevref: Command) -> None:
    assert mdevref("derive") == Said(0, "1 features, 1 changed\n", "")
    assert mdevref("derive") == Said(0, "1 features, 0 changed\n", "")
    assert mdevref("derive", "--check") == Said(0, "", "")


def test_derive_check_shows_a_changed_word_and_exits_1(derived: Path, mdevref: Command) -> None:
    chapter = derived / "spec/widgets.rst"
    chapter.write_text(chapter.read_text().replace(".. scenario:: One widget", ".. scenario:: A widget"))
    said = mdevref("derive", "--check")
    assert said.status == 1
    assert "-    Scenario: One widget\n+    Scenario: A widget\n" in said.out
    assert said.err == ""


def test_derive_check_shows_a_feature_that_is_too_many(derived: Path, mdevref: Command) -> None:
    stale = derived / "features/widgets/stale.feature"
    stale.write_text((derived / "features/widgets/making-widgets.feature").read_text())
    said = mdevref("derive", "--check")
    assert said.status == 1
    assert "--- features/widgets/stale.feature" in said.out


def test_a_spec_with_a_duplicate_id_is_one_clear_line(derived: Path, mdevref: Command) -> None:
    chapter = derived / "spec/widgets.rst"
    chapter.write_text(chapter.read_text().replace("widget.material", "widget.make"))
    for command in (("derive",), ("derive", "--check"), ("check", GOOD)):
        one_line(mdevref(*command), "spec/widgets.rst:19: widget.make: this id stands twice; first in widgets.rst:7")


def test_a_step_that_nothing_defines_is_one_clear_line(derived: Path, mdevref: Command) -> None:
    chapter = derived / "spec/widgets.rst"
    chapter.write_text(chapter.read_text().replace("is wood", "be wood"))
    said = mdevref("derive")
    assert said.status == 2
    assert "widget.material: no step definition matches: Then the material be wood" in said.err


# -- check


def test_a_target_that_conforms_exits_0_with_the_counts(derived: Path, mdevref: Command) -> None:
    said = mdevref("check", GOOD)
    assert said.status == 0
    assert said.err == ""
    assert said.out.splitlines() == [
        "python:tests.suite.fakes:good, Linux 5.10",
        "  kind  a fake",
        "",
        "      must  should  may  scenarios",
        "pass     2       -    -          2",
        "",
        "Conforming.",
    ]


def test_a_target_that_does_not_conform_exits_1_and_shows_all_there_is_to_know(derived: Path, mdevref: Command) -> None:
    said = mdevref("check", BAD)
    assert said.status == 1
    assert said.out.splitlines()[:13] == [
        "FAIL  widget.material  (must, management)",
        "  A frame MUST be of wood.",
        "",
        "  scenario  The material",
        "  step      Then the material is wood",
        "  expected  wood",
        "  seen      iron",
        "  tried",
        '    read frame -> "iron\\n"',
        '    read frame -> "iron\\n"',
        "  in a shell",
        "    cat /fake/frame",
        "    cat /fake/frame",
    ]
    assert said.out.splitlines()[-1] == "Not conforming."


def test_only_what_is_asked_for_is_run(derived: Path, mdevref: Command) -> None:
    assert "pass     1" in mdevref("check", BAD, "--requirement", "widget.make").out
    assert mdevref("check", BAD, "--tags", "@widget.material").status == 1
    assert mdevref("check", GOOD, "--interface", "management").status == 0


def test_a_part_of_the_suite_is_not_taken_for_the_whole(derived: Path, mdevref: Command) -> None:
    said = mdevref("check", BAD, "--requirement", "widget.make")
    assert said.status == 0
    assert said.out.splitlines()[-1] == "Conforming, as far as it was tested: 1 of 2 requirements run."
    assert mdevref("check", GOOD).out.splitlines()[-1] == "Conforming."


def test_the_results_are_whole_and_the_same_for_any_number_of_jobs(derived: Path, mdevref: Command) -> None:
    found = []
    for jobs in (1, 2):
        path = derived / f"{jobs}.ndjson"
        assert mdevref("check", BAD, "--results", path, "--jobs", jobs, "--seed", 7).status == 1
        found.append(results.read(path, {"widget.make", "widget.material"}))
    plain = [[(s.requirement, s.scenario, s.verdict, s.operations) for s in each.scenarios] for each in found]
    assert plain[0] == plain[1]
    assert [verdict for _, _, verdict, _ in plain[0]] == ["pass", "fail"]
    assert found[0].header.seed == 7
    assert found[0].header.suite == results.Suite(version=__version__, spec=data.spec_checksum(derived / "spec"))


def test_the_ledger_of_the_release_is_a_kernels_and_not_anybodys(derived: Path, mdevref: Command) -> None:
    entry = (
        '[[deviation]]\nrequirement = "widget.material"\nkind = "bug"\nsince = "5.2"\nwhy = "Cheap."\nreference = "x"\n'
    )
    ledger = derived / "docs/deviations/linux-5.10.toml"
    ledger.write_text(entry)
    assert mdevref("check", BAD).status == 1
    said = mdevref("check", BAD, "--ledger", ledger)
    assert said.status == 0
    assert "EXPECTED-FAIL  widget.material" in said.out
    assert "Conforming, apart from 1 known deviation." in said.out
    said = mdevref("check", GOOD, "--ledger", ledger)
    assert said.status == 1
    assert "UNEXPECTED-PASS  widget.material" in said.out
    assert "linux-5.10.toml says that it fails" in said.out


def test_what_is_unsupported_is_told_once_with_its_reason(derived: Path, mdevref: Command) -> None:
    chapter = derived / "spec/widgets.rst"
    chapter.write_text(chapter.read_text().replace(":interface: management", ":interface: device"))
    mdevref("derive")
    said = mdevref("check", GOOD)
    assert said.status == 0
    assert said.out.splitlines()[:2] == [
        "UNSUPPORTED  the target has no device interface  (2 scenarios)",
        "  widget.make widget.material",
    ]
    assert said.out.splitlines()[-1] == "Conforming, as far as it was tested: 2 unsupported."


def test_features_that_are_not_those_of_the_spec_are_not_run(derived: Path, mdevref: Command) -> None:
    feature = derived / "features/widgets/making-widgets.feature"
    feature.write_text(feature.read_text().replace("is wood", "is iron"))
    one_line(mdevref("check", GOOD), "features/ is not what spec/ gives: run mdevref derive")


BAD_USE = {
    "unknown target": (("check", "refrence"), ("there is no target 'refrence'",)),
    "unknown requirement": (("check", GOOD, "--requirement", "widget.mak"), ("is it widget.make?",)),
    "bad expression": (("check", GOOD, "--tags", "must and"), ("is no tag expression",)),
    "unknown interface": (("check", GOOD, "--interface", "x"), ("there is no interface 'x'",)),
    "no jobs": (("check", GOOD, "--jobs", "0"), ("--jobs takes a number from 1",)),
    "one machine": (("check", "sysfs:/sys", "--jobs", "2"), ("is one machine",)),
    "no tree": (("check", "sysfs:/nowhere"), ("sysfs:/nowhere: no such directory",)),
    "no ledger": (("check", GOOD, "--ledger", "nothing.toml"), ("nothing.toml: No such file or directory",)),
    "results nowhere": (("check", GOOD, "--results", "nowhere/x.ndjson"), ("nowhere/x.ndjson: No such file",)),
    "no results": (("report", "nothing.ndjson"), ("nothing.ndjson: No such file or directory",)),
    "option": (("check", "--resluts", "x"), ("No such option: --resluts",)),
    "number": (("check", "--jobs", "many"), ("--jobs", "valid integer")),
    "command": (("chekc",), ("chekc",)),
    "argument": (("report",), ("Missing",)),
}


@pytest.mark.parametrize(("arguments", "words"), BAD_USE.values(), ids=BAD_USE)
def test_bad_use_is_one_clear_line_and_status_2(
    derived: Path, mdevref: Command, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    one_line(mdevref(*arguments), *words)


def test_a_ledger_for_an_unknown_requirement_is_one_clear_line(derived: Path, mdevref: Command) -> None:
    ledger = derived / "ledger.toml"
    ledger.write_text(
        '[[deviation]]\nrequirement = "no.such"\nkind = "bug"\nsince = "5.2"\nwhy = "x"\nreference = "x"\n'
    )
    one_line(mdevref("check", GOOD, "--ledger", ledger), "the spec knows no requirement 'no.such'")


# -- report and diff


@pytest.fixture
def two_runs(derived: Path, mdevref: Command) -> tuple[Path, Path]:
    good, bad = derived / "good.ndjson", derived / "bad.ndjson"
    mdevref("check", GOOD, "--results", good)
    mdevref("check", BAD, "--results", bad)
    return good, bad


def test_truncated_results_are_one_clear_line(two_runs: tuple[Path, Path], mdevref: Command) -> None:
    good, bad = two_runs
    good.write_bytes(b"".join(good.read_bytes().splitlines(keepends=True)[:-1]))
    for command in (("report", good), ("diff", good, bad), ("diff", bad, good)):
        one_line(mdevref(*command), "good.ndjson:3: the file ends without a footer")


def test_results_about_an_unknown_requirement_are_one_clear_line(two_runs: tuple[Path, Path], mdevref: Command) -> None:
    good, _ = two_runs
    good.write_text(good.read_text().replace("widget.make", "widget.mark"))
    one_line(mdevref("report", good), "the spec knows no requirement 'widget.mark'")


def test_a_report_goes_to_stdout(two_runs: tuple[Path, Path], mdevref: Command) -> None:
    good, bad = two_runs
    said = mdevref("report", good, bad, "--format", "earl")
    assert said.status == 0
    assert len(json.loads(said.out)["@graph"]) > 8
    assert said.err == ""
    one_line(mdevref("report", good, "--format", "pdf"), "there is no format 'pdf'; there are junit, ktap")


def test_a_report_of_another_spec_says_so(two_runs: tuple[Path, Path], mdevref: Command) -> None:
    good, bad = two_runs
    good.write_text(good.read_text().replace(data.spec_checksum(data.spec()), "0" * 64))
    said = mdevref("report", good, bad)
    assert said.status == 0
    assert said.err == f"mdevref: {good} was measured against another text of the spec\n"


def test_diff_says_what_got_worse_and_exits_1(two_runs: tuple[Path, Path], mdevref: Command) -> None:
    good, bad = two_runs
    assert mdevref("diff", good, good) == Said(0, "2 the same\n", "")
    said = mdevref("diff", good, bad)
    assert said.status == 1
    assert said.out.splitlines() == [
        "worse   widget.material  pass -> fail",
        "          The material: pass -> fail",
        "1 worse, 1 the same",
    ]
    assert mdevref("diff", bad, good).status == 0


# -- the process


def test_without_arguments_the_help_is_shown(mdevref: Command) -> None:
    said = mdevref("--help")
    assert said.status == 0
    for command in ("check", "derive", "report", "diff", "site"):
        assert f"\n  {command} " in said.out
    assert mdevref("--version") == Said(0, f"mdevref {__version__}\n", "")


def start(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    code = "import sys; from mdevref.cli import main; main(sys.argv[1:])"
    return subprocess.Popen([sys.executable, "-c", code, *arguments], **options)  # type: ignore[call-overload, no-any-return]  # options of any kind


def test_the_real_suite_is_quiet_in_a_pipe() -> None:
    process = start("check", "--requirement", "create.duplicate-uuid", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.splitlines()[-1].startswith(b"Conforming, ")
    assert b"\x1b" not in out
    assert err == b""


@pytest.mark.parametrize("arguments", [("report", "--help"), ("check", "--requirement", "create.duplicate-uuid")])
def test_who_reads_no_further_gets_neither_traceback_nor_verdict(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with start(*arguments, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (128 + signal.SIGPIPE, b"")


def test_a_fault_of_the_suite_is_no_verdict(derived: Path, mdevref: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Path:
        raise RuntimeError("no idea")

    monkeypatch.setattr(data, "features", broken)
    said = mdevref("check", GOOD)
    assert said.status == 2
    assert "RuntimeError: no idea" in said.err
    assert said.err.endswith("mdevref: this is a fault of the suite itself\n")


def test_on_a_terminal_there_is_a_progress_line() -> None:
    master, slave = pty.openpty()
    process = start("check", "--requirement", "create.duplicate-uuid", stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    shown = b""
    try:
        while part := os.read(master, 4096):
            shown += part
    except OSError:  # the other end of a terminal was closed
        pass
    os.close(master)
    process.wait(timeout=60)
    assert b"\x1b[" in shown


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_a_clear_state(derived: Path, jobs: str, tmp_path: Path) -> None:
    """A scenario interrupts the whole group, as a terminal does, and then would wait for ever."""
    (tmp_path / "waiting.py").write_text(WAITING)
    found = tmp_path / "results.ndjson"
    process = start(
        "check", "python:waiting:target", "--jobs", jobs, "--results", str(found),
        "--requirement", "create.duplicate-uuid", cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(data.PACKAGE.parent)}, start_new_session=True,
    )  # fmt: skip
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert err.decode() == (f"mdevref: interrupted after 0 of 4 scenarios; {found} has no footer and is no result\n")
    with pytest.raises(results.ResultsError, match="without a footer"):
        results.read(found)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


WAITING = f"""\
import os, signal, threading
from tests.suite.fakes import FakeTarget

class Waiting(FakeTarget):
    def machine(self):
        os.killpg(0, {int(signal.SIGINT)})
        threading.Event().wait()

def target():
    return Waiting()
"""


@pytest.fixture(scope="module")
def unpacked_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an installer would put into a new environment, without the checkout beside it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=data.PACKAGE.parent, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    with (folder / "site/mdevref/_data/spec/terms.rst").open("a") as chapter:
        chapter.write("\n.. Not the checkout's.\n")
    return folder / "site"


def test_the_wheel_alone_has_the_described_hosts(unpacked_wheel: Path, tmp_path: Path) -> None:
    process = start(
        "hosts", cwd=tmp_path, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(unpacked_wheel)}
    )
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert [line.split()[0].decode() for line in out.splitlines()] == hosts.names()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_wheel_alone_checks_from_an_empty_folder(unpacked_wheel: Path, tmp_path: Path, jobs: str) -> None:
    process = start(
        "check", "--results", "found.ndjson", "--jobs", jobs, cwd=tmp_path, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(unpacked_wheel)},
    )  # fmt: skip
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, b"")
    assert out.splitlines()[-1] == b"Conforming."
    found = results.read(tmp_path / "found.ndjson")
    assert found.header.suite.spec == data.spec_checksum(unpacked_wheel / "mdevref/_data/spec")
    assert len(found.scenarios) > 130
