"""The kobject tree: adding and removing entries, the text of links, and which thread waits for which."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from errno import EEXIST, ENODEV, ENOENT, ENOTDIR

import pytest

from mdevref.kernel.attributes import Attribute, AttributeGroup, table
from mdevref.kernel.directories import Directory, Node, Shortcut, link_text, path_of
from mdevref.kernel.files import Files
from mdevref.kernel.tree import Tree
from mdevref.kernel.waiting import Started, Waits
from tests.machines import errno_of


class Fixture:
    """A tree with a directory ``a/b/c``."""

    def __init__(self) -> None:
        self.waits = Waits()
        self.log: list[str] = []
        self.tree = Tree(self.waits, self.log.append)
        self.a = self.tree.add_directory(self.tree.root, "a")
        self.b = self.tree.add_directory(self.a, "b")
        self.c = self.tree.add_directory(self.b, "c")
        self.files = Files(self.tree)

    def start(self, operation: object) -> Started:
        assert callable(operation)
        return Started(self.waits, operation)


@pytest.fixture
def fixture() -> Fixture:
    return Fixture()


def test_a_path_is_walked_through_directories_and_links(fixture: Fixture) -> None:
    fixture.tree.add_link(fixture.a, "short", fixture.c)
    assert fixture.tree.walk("a/short") is fixture.c
    assert fixture.tree.walk("a/short/../.") is fixture.b
    assert fixture.tree.walk("a/short", follow=False) is not fixture.c
    assert path_of(fixture.c) == "a/b/c"


def test_what_is_not_there_is_enoent_and_below_a_file_is_enotdir(fixture: Fixture) -> None:
    fixture.tree.add_file(fixture.a, Attribute("file", 0o444), None)
    assert errno_of(fixture.tree.walk, "a/x") == ENOENT
    assert errno_of(fixture.tree.walk, "a/file/x") == ENOTDIR


@pytest.mark.parametrize(
    ("below", "target", "text"),
    [
        ("a/b/c", "a", "../../../a"),
        ("a", "a/b/c", "b/c"),
        ("a/b", "a/b", "../b"),
        ("a/b", "a/b/c", "c"),
        ("a/b/c", "d/e", "../../../d/e"),
    ],
)
def test_a_link_says_the_way_from_where_it_stands(fixture: Fixture, below: str, target: str, text: str) -> None:
    fixture.tree.add_directory(fixture.tree.add_directory(fixture.tree.root, "d"), "e")
    parent, goal = fixture.tree.walk(below), fixture.tree.walk(target)
    assert isinstance(parent, Directory)
    assert isinstance(goal, Directory)
    assert link_text(fixture.tree.add_link(parent, "link", goal)) == text


def test_a_link_to_what_has_gone_leads_nowhere_but_can_be_read(fixture: Fixture) -> None:
    fixture.tree.add_link(fixture.a, "link", fixture.c)
    fixture.tree.remove(fixture.c)
    assert errno_of(fixture.tree.walk, "a/link") == ENOENT
    assert fixture.files.readlink("a/link") == "b/c"


def test_a_name_is_taken_once_whatever_took_it(fixture: Fixture) -> None:
    fixture.tree.add_tables(fixture.b, (table(Attribute("shared", 0o444)),))
    for name in ("c", "shared"):
        with pytest.raises(FileExistsError):
            fixture.tree.add_directory(fixture.b, name)
    assert errno_of(lambda: fixture.tree.add_tables(fixture.b, (table(Attribute("c", 0o444)),))) == EEXIST
    assert fixture.log[0] == "sysfs: cannot create duplicate filename '/a/b/c'"


def test_tables_are_added_all_or_none(fixture: Fixture) -> None:
    first, second = table(Attribute("new", 0o444)), table(Attribute("c", 0o444))
    assert errno_of(fixture.tree.add_tables, fixture.b, (first, second)) == EEXIST
    assert fixture.files.listdir("a/b") == ["c"]


def test_nothing_is_added_below_what_has_gone(fixture: Fixture) -> None:
    fixture.tree.remove(fixture.b)
    assert errno_of(fixture.tree.add_directory, fixture.c, "d") == ENOENT
    assert errno_of(lambda: fixture.tree.add_tables(fixture.c, (table(Attribute("x", 0o444)),))) == ENOENT


def test_a_table_shows_files_groups_and_links_until_it_is_removed(fixture: Fixture) -> None:
    group = AttributeGroup("group", [Attribute("inner", 0o444, lambda owner: owner)])
    file = table(Attribute("file", 0o444, lambda owner: owner))
    entries = {**group.entries, **file, "up": Shortcut("up", fixture.a)}
    below = fixture.tree.add_directory(fixture.b, "d", owner=b"me", tables=(entries,))
    assert fixture.files.listdir("a/b/d") == ["file", "group", "up"]
    assert fixture.files.read("a/b/d/group/inner") == b"me"
    assert fixture.files.readlink("a/b/d/up") == "../../../a"
    fixture.tree.remove_tables(below, (entries,))
    assert fixture.files.listdir("a/b/d") == []
    assert errno_of(fixture.files.read, "a/b/d/file") == ENOENT


def test_an_open_file_is_dead_when_its_table_is_removed_even_if_the_same_comes_back(fixture: Fixture) -> None:
    entries = table(Attribute("file", 0o644, lambda owner: b"x", lambda owner, data: None))
    fixture.tree.add_tables(fixture.b, (entries,))
    opened = fixture.files.open("a/b/file")
    fixture.tree.remove_tables(fixture.b, (entries,))
    fixture.tree.add_tables(fixture.b, (entries,))
    assert errno_of(opened.read) == ENODEV
    assert fixture.files.read("a/b/file") == b"x"


def test_what_goes_is_told_of_before_the_remover_waits_and_what_nobody_looked_at_is_not(fixture: Fixture) -> None:
    told: list[str] = []

    def hear(nodes: Sequence[Node]) -> None:
        assert not fixture.tree.lock.locked()
        assert all(node.parent is not None and node.name not in node.parent.children for node in nodes)
        told.extend(node.name for node in nodes)

    tree = fixture.tree
    entries = table(Attribute("seen", 0o444), Attribute("unseen", 0o444))
    tree.add_tables(fixture.b, (entries,))
    tree.child(fixture.b, "seen")
    tree.add_link(fixture.a, "link", fixture.c)
    held = Held(fixture)
    tree.on_gone = hear
    tree.remove_tables(fixture.b, (entries,))
    tree.remove_child(fixture.a, "link")
    tree.remove_child(fixture.a, "nothing")
    assert told == ["seen", "link"]
    writer = fixture.start(lambda: fixture.files.write("a/b/c/slow", b"1"))
    assert held.entered.wait(10)
    remover = fixture.start(lambda: tree.remove(fixture.c))
    assert remover.is_blocked()
    assert told == ["seen", "link", "c"]
    held.released.set()
    writer.result()
    remover.result()


def test_a_child_is_found_by_its_name_alone(fixture: Fixture) -> None:
    fixture.tree.add_tables(fixture.b, (table(Attribute("file", 0o444)),))
    assert fixture.tree.child(fixture.a, "b") is fixture.b
    assert fixture.tree.child(fixture.b, "file") is fixture.tree.walk("a/b/file")
    assert errno_of(fixture.tree.child, fixture.b, "missing") == ENOENT


class Held:
    """A store that blocks until it is released."""

    def __init__(self, fixture: Fixture) -> None:
        self.entered = threading.Event()
        self.released = threading.Event()
        self.file = fixture.tree.add_file(fixture.c, Attribute("slow", 0o200, None, self.store), None)

    def store(self, owner: object, data: bytes) -> None:
        self.entered.set()
        assert self.released.wait(10)


@pytest.mark.parametrize("what", ["file", "directory above", "by name"])
def test_removing_waits_for_a_running_store(fixture: Fixture, what: str) -> None:
    held = Held(fixture)
    writer = fixture.start(lambda: fixture.files.write("a/b/c/slow", b"x"))
    assert held.entered.wait(10)
    remove = {
        "file": lambda: fixture.tree.remove(held.file),
        "directory above": lambda: fixture.tree.remove(fixture.b),
        "by name": lambda: fixture.tree.remove_child(fixture.c, "slow"),
    }
    remover = fixture.start(remove[what])
    assert remover.is_blocked()
    assert [wait.why for wait in fixture.waits.current()] == ["the users of slow to end"]
    assert errno_of(fixture.files.open, "a/b/c/slow") == ENOENT
    held.released.set()
    assert writer.result() == 1
    remover.result()
    assert not remover.is_blocked()


class SelfRemoving:
    """A file whose store removes it. The winner blocks before it returns, until it is released."""

    def __init__(self, fixture: Fixture) -> None:
        self.tree = fixture.tree
        self.won = threading.Event()
        self.released = threading.Event()
        self.outcomes: list[bool] = []
        self.file = fixture.tree.add_file(fixture.c, Attribute("gone", 0o200, None, self.store), None)

    def store(self, owner: object, data: bytes) -> None:
        wins = self.tree.remove_self(self.file)
        if wins:
            self.won.set()
            assert self.released.wait(10)
        self.outcomes.append(wins)


def test_of_several_stores_that_remove_their_file_one_wins_and_the_others_wait_for_its_end(fixture: Fixture) -> None:
    subject = SelfRemoving(fixture)
    handles = [fixture.files.open("a/b/c/gone", 1) for _ in range(5)]
    # All threads must be inside before the first one wins; a late one would find the file removed.
    barrier = threading.Barrier(len(handles))
    store = subject.store

    def together(owner: object, data: bytes) -> None:
        barrier.wait(10)
        store(owner, data)

    subject.file.attribute.store = together
    writers = [fixture.start(lambda handle=handle: handle.write(b"1")) for handle in handles]
    assert subject.won.wait(10)
    assert errno_of(fixture.files.open, "a/b/c/gone", 1) == ENOENT
    subject.released.set()
    assert [writer.result() for writer in writers] == [1] * 5
    assert sorted(subject.outcomes) == [False] * 4 + [True]
    assert subject.outcomes[0] is True, "a loser returned before the winner's write had ended"
    assert errno_of(lambda: handles[0].write(b"1")) == ENODEV


def test_removing_the_directory_of_a_file_that_removes_itself_does_not_wait_for_ever(fixture: Fixture) -> None:
    subject = SelfRemoving(fixture)
    writer = fixture.start(lambda: fixture.files.write("a/b/c/gone", b"1"))
    assert subject.won.wait(10)
    fixture.tree.remove(fixture.c)
    subject.released.set()
    assert writer.result() == 1
