"""The pytest plugin as a user's project sees it: in a separate pytest process and directory."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent

import pytest

from tests.servers.sysfs.mounts import needs_fuse


def run(folder: Path, test: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with this plugin only; loading the others takes a second."""
    (folder / "test_tool.py").write_text(dedent(test))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "mdevref.pytest_plugin", *options]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def passed(folder: Path, test: str, *options: str) -> bool:
    done = run(folder, test, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return "passed" in done.stdout and "skipped" not in done.stdout


def test_without_a_word_there_is_mtty(tmp_path: Path) -> None:
    assert passed(
        tmp_path,
        """
        def test(mdev_host):
            assert mdev_host.era.name == "4.13"
            assert mdev_host.sysfs.listdir("class/mdev_bus") == ["mtty"]
            assert "vfio_mdev" in mdev_host.sysfs.listdir("bus/mdev/drivers")
        """,
    )


def test_a_mark_names_a_host_or_an_era_and_drivers(tmp_path: Path) -> None:
    (tmp_path / "hosts").mkdir()
    (tmp_path / "hosts/ours.toml").write_text('[[parents]]\ndriver = "mdpy"\n')
    assert passed(
        tmp_path,
        """
        import pytest

        def parents(host):
            return host.sysfs.listdir("class/mdev_bus")

        @pytest.mark.mdev_host("two-gpus")
        def test_shipped(mdev_host):
            assert parents(mdev_host) == ["0000:00:02.0", "0000:3b:00.0"]

        @pytest.mark.mdev_host("hosts/ours.toml")
        def test_own(mdev_host):
            assert parents(mdev_host) == ["mdpy"]

        @pytest.mark.mdev_host(era="6.1", drivers=["mbochs", "mdpy"])
        def test_plain(mdev_host):
            assert mdev_host.era.name == "6.1"
            assert parents(mdev_host) == ["mbochs", "mdpy"]

        @pytest.mark.parametrize("mdev_host", ["empty", "trouble"], indirect=True)
        def test_several(mdev_host):
            assert mdev_host.description.summary
        """,
        "--strict-markers",
    )


def test_the_project_may_name_a_host_for_all_tests(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmdev_host = mainframe\n")
    assert passed(
        tmp_path,
        """
        import pytest

        def test(mdev_host):
            assert "matrix" in mdev_host.sysfs.listdir("class/mdev_bus")

        @pytest.mark.mdev_host(drivers=["mdpy"])
        def test_other(mdev_host):
            assert mdev_host.sysfs.listdir("class/mdev_bus") == ["mdpy"]
        """,
    )


def test_time_passes_when_the_test_says_so(tmp_path: Path) -> None:
    assert passed(
        tmp_path,
        """
        import pytest

        @pytest.mark.mdev_host("late-parent")
        def test(mdev_host, mdev_clock):
            assert not mdev_host.sysfs.exists("class/mdev_bus")
            mdev_clock.advance(2)
            assert mdev_host.sysfs.listdir("class/mdev_bus") == ["0000:3b:00.0"]
        """,
    )


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ('"one-gpu"', "unknown host 'one-gpu'"),
        ('"wrong.toml"', "wrong.toml:1: unknown era"),
        ('era="2.6"', "mdev_host: unknown era '2.6'"),
        ('drivers=["mtyt"]', "mdev_host: [Errno 2] No such file or directory: 'mtyt'"),
        ('drivers="mtyt"', "mdev_host: [Errno 2] No such file or directory: 'mtyt'"),
        ('"two-gpus", era="6.1"', "mdev_host: invalid mark: give either the name of a host, or era and drivers"),
        ('"two-gpus", "empty"', "mdev_host: invalid mark: give either the name of a host, or era and drivers"),
        ('driver="mtty"', "mdev_host: invalid mark: give either the name of a host, or era and drivers"),
    ],
)
def test_a_host_that_cannot_be_had_fails_the_test_in_one_line(mark: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text('era = "2.6"\n')
    test = f"import pytest\n@pytest.mark.mdev_host({mark})\ndef test(mdev_host):\n    pass\n"
    done = run(tmp_path, test)
    assert done.returncode == 1
    assert said in done.stdout
    assert "Traceback" not in done.stdout
    assert "pytest_plugin.py" not in done.stdout


@needs_fuse
def test_the_same_host_is_mounted_and_goes_with_the_test(tmp_path: Path) -> None:
    assert passed(
        tmp_path,
        """
        from pathlib import Path

        UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
        seen = []

        def test(mdev_sysfs, mdev_host):
            seen.append(mdev_sysfs)
            types = mdev_sysfs / "class/mdev_bus/mtty/mdev_supported_types"
            (types / "mtty-2/create").write_text(UUID)
            assert mdev_host.sysfs.listdir("bus/mdev/devices") == [UUID]
            mdev_host.sysfs.write(f"bus/mdev/devices/{UUID}/remove", b"1")
            assert not (mdev_sysfs / "bus/mdev/devices" / UUID).exists()

        def test_after():
            assert not list(seen[0].iterdir())
            assert str(seen[0]) not in Path("/proc/self/mounts").read_text()
        """,
    )


def test_tests_that_want_no_host_do_not_pay_for_one(tmp_path: Path) -> None:
    assert passed(
        tmp_path,
        """
        import sys

        def test():
            loaded = {name for name in sys.modules if name.partition(".")[0] == "mdevref"}
            assert loaded == {"mdevref", "mdevref.pytest_plugin"}
        """,
    )


def test_pytest_finds_the_plugin_where_mdevref_is_installed() -> None:
    found = [point for point in entry_points(group="pytest11") if point.name == "mdevref"]
    assert [point.value for point in found] == ["mdevref.pytest_plugin"]
