"""The tree as a file system: the results and errnos of each operation on sysfs."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from errno import EACCES, EBADF, EEXIST, EINVAL, EIO, EISDIR, ELOOP, ENODEV, ENOENT, ENOTDIR, EPERM

import pytest

from mdevref.kernel.attributes import Attribute, AttributeGroup, table
from mdevref.kernel.files import PAGE, Files
from mdevref.kernel.tree import Tree
from mdevref.kernel.waiting import Waits
from tests.machines import errno_of

NOBODY = 65534


class Fixture:
    """``dir`` with files of several modes, and a link to it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.shown = itertools.count(1)
        self.tree = Tree(Waits(), lambda line: None)
        self.files = Files(self.tree)
        entries = table(
            Attribute("both", 0o644, self.show, self.store),
            Attribute("reader", 0o444, self.show),
            Attribute("writer", 0o200, None, self.store),
            Attribute("silent", 0o644),
            Attribute("counted", 0o200, None, lambda owner, data: 3),
            Attribute("refusing", 0o200, None, self.refuse),
            Attribute("long", 0o444, lambda owner: b"x" * (PAGE + 5)),
        )
        self.directory = self.tree.add_directory(self.tree.root, "dir", tables=(entries,))
        self.tree.add_link(self.tree.root, "link", self.directory)

    def show(self, owner: object) -> bytes:
        return b"content %d\n" % next(self.shown)

    def store(self, owner: object, data: bytes) -> None:
        self.written.append(data)

    def refuse(self, owner: object, data: bytes) -> None:
        raise OSError(EINVAL, "no")


@pytest.fixture
def fixture() -> Fixture:
    return Fixture()


# Opening


@pytest.mark.parametrize(
    ("name", "flags"), [("writer", os.O_RDONLY), ("reader", os.O_WRONLY), ("reader", os.O_RDWR), ("writer", os.O_RDWR)]
)
def test_even_root_opens_a_file_only_as_its_mode_allows(fixture: Fixture, name: str, flags: int) -> None:
    assert errno_of(fixture.files.open, f"dir/{name}", flags) == EACCES


def test_another_user_may_read_what_all_may_read_and_write_nothing(fixture: Fixture) -> None:
    files = Files(fixture.tree, NOBODY)
    assert files.read("dir/reader") == b"content 1\n"
    assert errno_of(files.open, "dir/both", os.O_WRONLY) == EACCES
    assert errno_of(files.open, "dir/writer", os.O_WRONLY) == EACCES


@pytest.mark.parametrize(
    ("path", "flags", "errno"),
    [
        ("dir", os.O_RDONLY, EISDIR),
        ("dir/both", os.O_RDONLY | os.O_DIRECTORY, ENOTDIR),
        ("dir/both/x", os.O_RDONLY, ENOTDIR),
        ("dir/none", os.O_RDONLY, ENOENT),
        ("dir/none", os.O_WRONLY | os.O_CREAT, EACCES),
        ("none/none", os.O_WRONLY | os.O_CREAT, ENOENT),
        ("dir/both", os.O_WRONLY | os.O_CREAT | os.O_EXCL, EEXIST),
        ("link", os.O_RDONLY | os.O_NOFOLLOW, ELOOP),
    ],
)
def test_an_open_that_cannot_be_says_why(fixture: Fixture, path: str, flags: int, errno: int) -> None:
    assert errno_of(fixture.files.open, path, flags) == errno


@pytest.mark.parametrize("flags", [os.O_CREAT, os.O_TRUNC, os.O_APPEND, os.O_CREAT | os.O_TRUNC])
def test_flags_of_a_shell_do_no_harm(fixture: Fixture, flags: int) -> None:
    with fixture.files.open("dir/writer", os.O_WRONLY | flags) as opened:
        assert opened.write(b"data\n") == 5
    assert fixture.written == [b"data\n"]


# Reading


def test_content_is_made_anew_when_reading_starts_again_at_0(fixture: Fixture) -> None:
    opened = fixture.files.open("dir/reader")
    assert opened.read(4) == b"cont"
    assert opened.read() == b"ent 1\n"
    assert opened.read() == b""
    opened.seek(0)
    assert opened.read() == b"content 2\n"
    assert opened.pread(5, 100) == b""


def test_content_is_less_than_a_page(fixture: Fixture) -> None:
    assert len(fixture.files.read("dir/long")) == PAGE - 1


# Writing


def test_each_write_is_one_store_whatever_the_position(fixture: Fixture) -> None:
    opened = fixture.files.open("dir/writer", os.O_WRONLY)
    assert [opened.write(b"one"), opened.write(b"three")] == [3, 5]
    assert fixture.written == [b"one", b"three"]


def test_an_empty_write_returns_0_without_a_store(fixture: Fixture) -> None:
    assert fixture.files.write("dir/writer", b"") == 0
    assert fixture.written == []


def test_a_write_is_capped_at_a_page(fixture: Fixture) -> None:
    assert fixture.files.write("dir/writer", b"x" * 5000) == PAGE
    assert [len(data) for data in fixture.written] == [PAGE]


def test_a_store_may_say_the_count_or_raise(fixture: Fixture) -> None:
    assert fixture.files.write("dir/counted", b"12345") == 3
    assert errno_of(fixture.files.write, "dir/refusing", b"x") == EINVAL


def test_an_attribute_without_callback_answers_eio(fixture: Fixture) -> None:
    assert errno_of(fixture.files.read, "dir/silent") == EIO
    assert errno_of(fixture.files.write, "dir/silent", b"x") == EIO


@pytest.mark.parametrize("data", [b"x", b""])
def test_a_file_opened_before_its_node_went_answers_enodev(fixture: Fixture, data: bytes) -> None:
    writer, reader = fixture.files.open("dir/writer", os.O_WRONLY), fixture.files.open("dir/reader")
    assert reader.read() == b"content 1\n"
    fixture.tree.remove(fixture.directory)
    assert errno_of(writer.write, data) == ENODEV
    assert errno_of(reader.read) == ENODEV
    assert errno_of(fixture.files.open, "dir/writer", os.O_WRONLY) == ENOENT


def test_a_closed_file_is_of_no_use_and_neither_is_the_wrong_direction(fixture: Fixture) -> None:
    opened = fixture.files.open("dir/both")
    assert errno_of(opened.write, b"x") == EBADF
    opened.close()
    opened.close()
    assert errno_of(opened.read) == EBADF
    assert errno_of(fixture.files.open("dir/both", os.O_WRONLY).read) == EBADF


# Looking


def test_lstat_tells_kind_mode_and_size(fixture: Fixture) -> None:
    stat = fixture.files.lstat("dir/writer")
    assert (stat.kind, stat.mode, stat.size) == ("file", 0o200, PAGE)
    stat = fixture.files.lstat("dir")
    assert (stat.kind, stat.mode, stat.size) == ("directory", 0o755, 0)
    assert fixture.files.lstat("link").kind == "link"
    assert fixture.files.stat("link").kind == "directory"


def test_a_directory_counts_its_sub_directories_as_links_seen_or_not(fixture: Fixture) -> None:
    below = fixture.tree.add_directory(fixture.directory, "sub")
    group = AttributeGroup("group", [Attribute("inner", 0o444)])
    fixture.tree.add_tables(fixture.directory, (group.entries,))
    for _ in range(2):
        assert fixture.files.lstat("dir").links == 4
        assert fixture.files.listdir("dir/group") == ["inner"]
    fixture.tree.remove_tables(fixture.directory, (group.entries,))
    assert fixture.files.lstat("dir").links == 3
    fixture.tree.remove(below)
    assert fixture.files.lstat("dir").links == 2


def test_only_directories_are_listed_and_only_links_are_read(fixture: Fixture) -> None:
    assert fixture.files.listdir("") == ["dir", "link"]
    assert errno_of(fixture.files.listdir, "dir/both") == ENOTDIR
    assert errno_of(fixture.files.readlink, "dir") == EINVAL
    assert fixture.files.exists("link")
    assert not fixture.files.exists("dir/both/x")


# Operations that sysfs does not support


@pytest.mark.parametrize(
    ("operation", "errno"),
    [
        (lambda files: files.mkdir("dir/new"), EPERM),
        (lambda files: files.mkdir("dir/both"), EEXIST),
        (lambda files: files.mkdir("none/new"), ENOENT),
        (lambda files: files.mkdir("dir/both/new"), ENOTDIR),
        (lambda files: files.symlink("dir", "dir/new"), EPERM),
        (lambda files: files.link("dir/both", "dir/new"), EPERM),
        (lambda files: files.link("dir/none", "dir/new"), ENOENT),
        (lambda files: files.unlink("dir/both"), EPERM),
        (lambda files: files.unlink("dir/none"), ENOENT),
        (lambda files: files.rmdir("dir"), EPERM),
        (lambda files: files.rename("dir/both", "dir/new"), EPERM),
        (lambda files: files.mknod("dir/new"), EACCES),
        (lambda files: files.mknod("dir/both"), EEXIST),
    ],
)
def test_changes_that_no_sysfs_takes(fixture: Fixture, operation: Callable[[Files], object], errno: int) -> None:
    assert errno_of(operation, fixture.files) == errno
    assert "new" not in fixture.files.listdir("dir")


def test_mode_can_be_changed_and_size_owner_and_times_seem_so(fixture: Fixture) -> None:
    fixture.files.truncate("dir/both", 0)
    fixture.files.chown("dir/both", 1, 1)
    fixture.files.utime("dir/both", (0, 0))
    fixture.files.chmod("dir/both", 0o600)
    stat = fixture.files.lstat("dir/both")
    assert (stat.mode, stat.size) == (0o600, PAGE)
    assert errno_of(fixture.files.chmod, "dir/none", 0o600) == ENOENT
