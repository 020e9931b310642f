"""Fetch a QEMU of another release into the cache, from a made-up archive, with minimal programs."""

from __future__ import annotations

import gzip
import stat
from pathlib import Path

import pytest

from mdevref.suite.vm import VmError, emulator, qemu
from tests.suite.vm import made_up


class Archive(made_up.Archive):
    """An archive with a QEMU, a kernel and the tools; its loader lists libraries as the real one does."""

    version = "11.1.3+ds-1"
    kernel = "9.9.9-cloud-amd64"

    def _fill(self) -> None:
        loader = b'#!/bin/sh\necho "\tlinux-vdso.so.1 (0x00007ffd)"\n'
        loader += b'echo "\tlibc.so.6 => ${2}/libc.so.6 (0x00007f00)"\necho "\t/lib64/ld.so => ${0} (0x00007f00)"\n'
        image = made_up.bzimage(gzip.compress(emulator.probe_kernel()))
        for name, files, depends in (
            ("linux-image-cloud-amd64", {}, f"linux-base, linux-image-{self.kernel}"),
            (f"linux-binary-{self.kernel}", {f"usr/lib/modules/{self.kernel}/vmlinuz": image}, ""),
            ("qemu-system-x86", {"usr/bin/qemu-system-x86_64": b"QEMU"}, "libc6"),
            ("libc6", {"usr/lib64/ld-linux-x86-64.so.2": loader, "usr/lib/x86_64-linux-gnu/libc.so.6": b"libc"}, ""),
            ("pciutils", {"usr/bin/lspci": b"lspci", "usr/share/misc/pci.ids": b"4348  WCH.CN"}, "libc6"),
            ("setserial", {"usr/sbin/setserial": b"setserial"}, "libc6"),
        ):
            self._package(name, files, depends)


@pytest.fixture
def archive(tmp_path: Path, programs: Path, cache: Path) -> Archive:
    return Archive(tmp_path / "archive", programs)


def test_a_machine_comes_into_the_cache(archive: Archive, cache: Path) -> None:
    told: list[str] = []
    machine = qemu.fetch(told.append)
    assert (machine.qemu, machine.release) == (archive.version, archive.kernel)
    assert {path.name for path in machine.folder.iterdir() if path.is_dir()} == {"root"}
    assert stat.S_IMODE(machine.folder.stat().st_mode) == 0o700
    assert told[0] == "QEMU: reading the archive's lists"
    assert any("unpacking qemu-system-x86" in message for message in told)
    before = archive.log()
    assert qemu.fetch() == machine
    assert archive.log() == before


def test_it_is_run_by_its_own_loader_with_memory_that_can_be_shared(archive: Archive) -> None:
    machine = qemu.fetch()
    emulator = machine.emulator("-M", "pc")
    assert emulator.command[0] == str(machine.root / "usr/lib64/ld-linux-x86-64.so.2")
    assert str(machine.root / "usr/bin/qemu-system-x86_64") in emulator.command
    assert "share=on" in emulator.options[1]
    assert emulator.options[-2:] == ("-M", "pc")
    assert emulator.kvm is False
    guest = machine.guest()
    assert guest.kernel.name == "vmlinux"
    assert guest.line.node == "hvc0"


def test_the_tools_bring_the_libraries_of_their_own_release(archive: Archive) -> None:
    machine = qemu.fetch()
    loader = machine.root / "usr/lib64/ld-linux-x86-64.so.2"
    loader.chmod(0o755)
    entries = {entry.path: entry for entry in machine.tools()}
    assert entries.keys() == {
        "tools/loader",
        "tools/lspci",
        "tools/bin/lspci",
        "tools/setserial",
        "tools/bin/setserial",
        "tools/lib/libc.so.6",
        "usr/share/misc/pci.ids",
    }
    start = entries["tools/bin/lspci"].data
    assert isinstance(start, bytes)
    assert b"exec /tools/loader --library-path /tools/lib /tools/lspci" in start


def test_a_fetch_that_was_interrupted_is_gone_on_with(archive: Archive) -> None:
    archive.allowed.write_text("3")
    with pytest.raises(VmError, match="Connection timed out"):
        qemu.fetch()
    archive.allowed.unlink()
    qemu.fetch()
    downloads = [line for line in archive.log() if line.startswith("download")]
    assert len(downloads) == len(set(downloads)) == 6


def test_a_qemu_that_is_too_old_is_told(tmp_path: Path, programs: Path, cache: Path) -> None:
    class Old(Archive):
        version = "10.0.7+ds-1"

    Old(tmp_path / "archive", programs)
    with pytest.raises(VmError, match=r"QEMU 10\.0\.7\+ds-1 of trixie-backports is too old: vfio-user-pci needs 10\.1"):
        qemu.fetch()
    assert qemu.cached() is None


def test_a_cache_of_another_format_counts_for_nothing(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    qemu.fetch()
    monkeypatch.setattr(qemu, "FORMAT", qemu.FORMAT + 1)
    assert qemu.cached() is None


def test_on_another_kind_of_machine_it_is_told_at_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(VmError, match="x86-64 machine; this one is aarch64"):
        qemu.fetch()
    assert archive.log() == []


@pytest.mark.parametrize(
    ("package", "version"), [("1:11.1.3+ds-1~bpo13+1", (11, 1)), ("10.0.7+ds-0+deb13u1", (10, 0)), ("1:9", (9,))]
)
def test_a_package_has_the_version_of_its_program(package: str, version: tuple[int, ...]) -> None:
    assert qemu.version_of(package) == version
