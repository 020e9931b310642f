from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest

from mdevref.suite.trace import command as tracing
from mdevref.suite.trace import document
from mdevref.suite.trace.document import DocumentError
from mdevref.suite.vm import VmError, fetch, samples
from mdevref.suite.vm.modules import module_name
from tests.suite.vm import made_up
from tests.suite.vm.made_up import Archive


@pytest.fixture
def archive(tmp_path: Path, programs: Path, cache: Path) -> Archive:
    return Archive(tmp_path / "archive", programs)


def folders(cache: Path) -> set[str]:
    return {path.name for path in (cache / "kernels" / "6.1").iterdir() if path.is_dir()}


def test_a_kernel_comes_into_the_cache_with_what_a_guest_needs(archive: Archive, cache: Path) -> None:
    told: list[str] = []
    got = fetch.fetch("6.1", told.append)
    assert (got.release, got.package) == (archive.release, archive.version)
    assert got.boot.name == "vmlinux"
    assert got.boot.exists()
    assert {module_name(path) for path in got.modules.iterdir()} == {"vfio", "vfio_iommu_type1", "mdev"}
    assert [got.driver(name).exists() for name in ("mtty", "mdpy", "mbochs")] == [True] * 3
    assert set(got.sources) == {"mtty.c", "mdpy.c", "mbochs.c"}
    assert f"include {cache}/kernels/6.1/headers/usr/src/" in (got.tree.ready() / "Makefile").read_text()
    assert folders(cache) == {"headers", "kernel", "samples", "drivers"}
    assert stat.S_IMODE((cache / "kernels" / "6.1").stat().st_mode) == 0o700
    assert any("building mtty" in message for message in told)


def test_the_kernels_document_comes_along(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tracing.VARIABLE, raising=False)
    with pytest.raises(DocumentError, match=r"mdevref vm fetch 6\.1"):
        tracing.document_at(None, "6.1")
    fetch.fetch("6.1")
    assert "Widgets" in document.read(tracing.document_at(None, "6.1")).sections.values()


def test_what_is_in_the_cache_needs_no_program_and_no_network(archive: Archive, programs: Path) -> None:
    first = fetch.fetch("6.1")
    for path in programs.iterdir():
        path.unlink()
    assert fetch.fetch("6.1") == first


def test_a_fetch_goes_on_where_the_one_before_was_interrupted(archive: Archive) -> None:
    for _ in range(3):
        archive.allowed.write_text("3")  # three packages form one stage, the headers
        with pytest.raises(VmError, match=r"timed out|interrupted|does not compile"):
            fetch.fetch("6.1")
        assert fetch.cached("6.1") is None
    archive.allowed.write_text("3")
    fetch.fetch("6.1")
    done = archive.log()
    # Five downloads, four packages unpacked and one searched, a build; only the interrupted stage was repeated.
    again = {name for name in done if done.count(name) > 1}
    assert again == {f"--extract linux-headers-{archive.release}_{archive.version}_amd64.deb"}
    assert len(set(done)) == 5 + 4 + 1 + 1


def test_a_fetch_that_wants_another_version_now_begins_anew(archive: Archive, cache: Path) -> None:
    archive.allowed.write_text("10")
    with pytest.raises(VmError, match="it does not compile"):
        fetch.fetch("6.1")
    (cache / "kernels" / "6.1" / "plan.json").write_text("of last month")
    (cache / "kernels" / "6.1" / "samples" / "mtty.c").write_text("of last month")
    archive.allowed.unlink()
    assert fetch.fetch("6.1").sources["mtty.c"].read_text() == "/* mtty */\n"


def test_a_file_of_the_right_size_is_still_not_believed(archive: Archive, cache: Path) -> None:
    archive.allowed.write_text("5")
    with pytest.raises(VmError):
        fetch.fetch("6.1")
    package = next((cache / "kernels" / "6.1" / "packages").glob("linux-source*"))
    package.write_bytes(b"x" * package.stat().st_size)
    archive.allowed.unlink()
    assert fetch.fetch("6.1").sources["mtty.c"].exists()


def test_a_package_that_is_not_what_the_signed_list_says_is_refused(archive: Archive) -> None:
    package = next((archive.folder / "pool").glob("linux-source*"))
    package.write_bytes(b"x" * package.stat().st_size)
    with pytest.raises(VmError, match=r"linux-source-6\.1.*: checksum mismatch"):
        fetch.fetch("6.1")
    assert fetch.cached("6.1") is None


@pytest.mark.parametrize(
    ("missing", "package"),
    [("apt-get", "apt"), ("apt-cache", "apt"), ("dpkg-deb", "dpkg"), ("gcc", "gcc"), ("make", "make")],
)
def test_a_missing_program_is_named_with_its_package(
    archive: Archive, programs: Path, missing: str, package: str
) -> None:
    (programs / missing).unlink()
    with pytest.raises(VmError, match=rf"^{missing} is not installed \(Debian package: {package}\)$"):
        fetch.fetch("6.1")
    assert fetch.cached("6.1") is None


def test_without_a_network_the_error_says_so(archive: Archive) -> None:
    (archive.folder / "update").write_text(
        "W: some lists are old\nE: Failed to fetch http://deb.example/InRelease  Temporary failure resolving\n"
        "E: Some index files failed to download.\n"
    )
    with pytest.raises(VmError, match=r"^apt-get update: .*Temporary failure resolving"):
        fetch.fetch("6.1")


def test_a_list_without_a_good_signature_is_refused(archive: Archive) -> None:
    (archive.folder / "update").write_text("E: The repository 'http://deb.example bookworm-security' is not signed.\n")
    with pytest.raises(VmError, match=r"is not signed"):
        fetch.fetch("6.1")


def test_a_full_disk_leaves_no_cache_that_looks_complete(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copy2", full)
        with pytest.raises(VmError, match=r"^no space left in .*6\.1 while fetching Linux 6\.1$"):
            fetch.fetch("6.1")
    assert fetch.cached("6.1") is None
    assert fetch.fetch("6.1").driver("mtty").exists()


def test_a_full_disk_found_by_a_program_is_what_the_error_says(archive: Archive, programs: Path) -> None:
    made_up.program(programs, "dpkg-deb", 'echo "dpkg-deb: error: cannot write: No space left on device" >&2; exit 2')
    with pytest.raises(VmError, match="No space left on device"):
        fetch.fetch("6.1")
    assert fetch.cached("6.1") is None


def test_a_suite_that_moved_on_is_told(archive: Archive) -> None:
    show = archive.folder / "linux-image-amd64.show"
    show.write_text(show.read_text().replace(archive.version, "6.4.1-1"))
    with pytest.raises(VmError, match=r"Linux 6\.1 not found in bookworm-security, which now has 6\.4\.1-1"):
        fetch.fetch("6.1")


def test_an_unknown_kernel_names_those_there_are(cache: Path) -> None:
    with pytest.raises(
        VmError, match=r"unknown kernel '4\.13' \(choose from 5\.10, 6\.1, 6\.12, 7\.3, or use vm:PATH\)"
    ):
        fetch.fetch("4.13")


def test_a_driver_is_built_wrong_on_purpose_only_where_the_edit_fits(archive: Archive, tmp_path: Path) -> None:
    got = fetch.fetch("6.1")
    wrong = {"mtty.c": [("mtty", "faulty")]}
    samples.build(got.tree, got.sources, tmp_path / "wrong", ["mtty"], edits=wrong)
    assert (tmp_path / "wrong" / "mtty.c").read_text() == "/* faulty */\n"
    with pytest.raises(VmError, match=r"mtty\.c: 'nothing such' occurs 0 times, not once"):
        samples.build(got.tree, got.sources, tmp_path / "no", ["mtty"], edits={"mtty.c": [("nothing such", "x")]})


def test_a_cache_that_was_moved_builds_where_it_lies_now(archive: Archive, cache: Path, tmp_path: Path) -> None:
    fetch.fetch("6.1").tree.ready()
    (cache / "kernels" / "6.1").rename(tmp_path / "moved")
    tree = samples.Tree(fetch.known("6.1"), archive.release, tmp_path / "moved" / "headers", tmp_path / "none")
    assert f"include {tmp_path}/moved/headers/usr/src/" in (tree.ready() / "Makefile").read_text()


def test_the_scripted_driver_is_built_once_and_again_when_its_source_changes(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    got = fetch.fetch("6.1")
    first = fetch.scripted_driver(got)
    assert first.read_bytes() == (archive.folder / "scripted.ko").read_bytes()
    assert fetch.scripted_driver(got) == first
    assert archive.log().count("make") == 2
    changed = {name: tmp_path / name for name in samples.scripted_sources(got.kernel)}
    for path in changed.values():
        path.write_text("another text")
    monkeypatch.setattr(samples, "scripted_sources", lambda _: changed)
    assert fetch.scripted_driver(got) != first
    assert not first.exists()
    assert archive.log().count("make") == 3


def test_build_tools_that_cannot_start_here_run_with_libraries_of_their_own(tmp_path: Path) -> None:
    tools, libraries = tmp_path / "headers" / "usr/lib" / "kbuild", tmp_path / "libraries" / "usr/lib"
    tools.mkdir(parents=True)
    libraries.mkdir(parents=True)
    # The machine's loader and C library replace those of another release.
    (libraries / "ld-linux-x86-64.so.2").symlink_to(os.path.realpath("/lib64/ld-linux-x86-64.so.2"))
    (libraries / "libc.so.6").touch()
    program = Path(os.path.realpath("/bin/true")).read_bytes()
    (tools / "starts").write_bytes(program)
    # It needs a library that does not exist.
    (tools / "starves").write_bytes(program.replace(b"libc.so.6\0", b"libx.so.6\0"))
    (tools / "script").write_text("#!/bin/sh\n")
    for path in tools.iterdir():
        path.chmod(0o755)
    for _ in range(2):
        samples.adapt_tools(tmp_path / "headers", tmp_path / "libraries")
        assert {path.name for path in tools.iterdir()} == {"starts", "starves", "starves.own", "script"}
        assert (tools / "starts").read_bytes() == program
        assert f'--library-path "{libraries}" "{tools}/starves.own" "$@"' in (tools / "starves").read_text()


def test_a_cache_path_that_the_kernels_makefiles_do_not_take_is_told(archive: Archive, tmp_path: Path) -> None:
    got = fetch.fetch("6.1")
    with pytest.raises(VmError, match="do not support paths with a space"):
        samples.build(got.tree, got.sources, tmp_path / "a folder", ["mtty"])
