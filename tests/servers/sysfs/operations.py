"""Operations on files that compare a tree with the machine's /sys. Each returns its errno or result."""

from __future__ import annotations

import errno
import fcntl
import json
import mmap
import os
import select
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Places:
    """Paths of a directory with a subdirectory, of files with mode 0444, 0200 and 0644, and of a link."""

    directory: str
    read_only: str
    write_only: str
    both: str
    link: str


def _with_open(path: str, flags: int, call: Callable[[int], Any]) -> Any:
    descriptor = os.open(path, flags)
    try:
        return call(descriptor)
    finally:
        os.close(descriptor)


def _mapped(descriptor: int) -> None:
    mmap.mmap(descriptor, 4096, mmap.MAP_SHARED, mmap.PROT_READ).close()


def _polled(descriptor: int) -> list[int]:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLOUT)
    return [events & (select.POLLIN | select.POLLOUT) for _, events in poll.poll(0)]


def _kind(path: str) -> Any:
    found = os.lstat(path)
    return (
        oct(found.st_mode),
        found.st_size if not stat.S_ISDIR(found.st_mode) else 0,
        found.st_blocks,
        found.st_blksize,
    )


def _statvfs(path: str) -> Any:
    found = os.statvfs(path)
    return found.f_bsize, found.f_frsize, found.f_blocks, found.f_bfree, found.f_files, found.f_namemax


#: The operations, none of which changes a real /sys.
OPERATIONS: dict[str, Callable[[Places], Any]] = {
    "open a new file": lambda at: os.open(f"{at.directory}/new", os.O_WRONLY | os.O_CREAT, 0o644),
    "open a new file, exclusively": lambda at: os.open(f"{at.directory}/new", os.O_WRONLY | os.O_CREAT | os.O_EXCL),
    "open what is there, exclusively": lambda at: os.open(at.both, os.O_WRONLY | os.O_CREAT | os.O_EXCL),
    "open what is there, to create and truncate it": lambda at: _with_open(
        at.both, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, lambda _: None
    ),
    "open to append": lambda at: _with_open(at.both, os.O_WRONLY | os.O_APPEND, lambda _: None),
    "open without following, a link": lambda at: os.open(at.link, os.O_RDONLY | os.O_NOFOLLOW),
    "open as a directory, a file": lambda at: os.open(at.read_only, os.O_RDONLY | os.O_DIRECTORY),
    "open a directory to write": lambda at: os.open(at.directory, os.O_WRONLY),
    "open what is not there": lambda at: os.open(f"{at.directory}/missing", os.O_RDONLY),
    "open below a file": lambda at: os.open(f"{at.read_only}/below", os.O_RDONLY),
    "open 0200 to read": lambda at: os.open(at.write_only, os.O_RDONLY),
    "open 0200 to read and write": lambda at: os.open(at.write_only, os.O_RDWR),
    "open 0200 to write": lambda at: _with_open(at.write_only, os.O_WRONLY, lambda _: None),
    "open 0444 to write": lambda at: os.open(at.read_only, os.O_WRONLY),
    "open 0444 to read and write": lambda at: os.open(at.read_only, os.O_RDWR),
    "open 0444 to read": lambda at: _with_open(at.read_only, os.O_RDONLY, lambda _: None),
    "open 0644 to read and write": lambda at: _with_open(at.both, os.O_RDWR, lambda _: None),
    "mkdir": lambda at: os.mkdir(f"{at.directory}/new"),
    "mkdir over what is there": lambda at: os.mkdir(at.both),
    "mknod, a file": lambda at: os.mknod(f"{at.directory}/new", stat.S_IFREG | 0o644),
    "mknod, a pipe": lambda at: os.mknod(f"{at.directory}/new", stat.S_IFIFO | 0o644),
    "symlink": lambda at: os.symlink("target", f"{at.directory}/new"),
    "link": lambda at: os.link(at.both, f"{at.directory}/new"),
    "unlink": lambda at: os.unlink(at.both),
    "unlink a link": lambda at: os.unlink(at.link),
    "unlink what is not there": lambda at: os.unlink(f"{at.directory}/missing"),
    "rmdir": lambda at: os.rmdir(at.directory),
    "rename": lambda at: os.rename(at.both, f"{at.directory}/new"),
    "rename over what is there": lambda at: os.rename(at.read_only, at.both),
    "chmod to what it is": lambda at: os.chmod(at.read_only, 0o444),
    "chown to whose it is": lambda at: os.chown(at.read_only, 0, 0),
    "truncate 0444": lambda at: os.truncate(at.read_only, 0),
    "truncate 0644": lambda at: os.truncate(at.both, 0),
    "truncate a directory": lambda at: os.truncate(at.directory, 0),
    "ftruncate": lambda at: _with_open(at.both, os.O_WRONLY, lambda file: os.ftruncate(file, 10)),
    "its size after that": lambda at: os.stat(at.both).st_size,
    "utime": lambda at: os.utime(at.read_only),
    "access to read 0200": lambda at: os.access(at.write_only, os.R_OK),
    "access to write 0444": lambda at: os.access(at.read_only, os.W_OK),
    "access to write 0644": lambda at: os.access(at.both, os.W_OK),
    "access to run 0644": lambda at: os.access(at.both, os.X_OK),
    "access to enter a directory": lambda at: os.access(at.directory, os.X_OK),
    "access to write to a directory": lambda at: os.access(at.directory, os.W_OK),
    "readlink of a file": lambda at: os.readlink(at.read_only),
    "listdir of a file": lambda at: os.listdir(at.read_only),
    "listxattr": lambda at: os.listxattr(at.read_only),
    "getxattr": lambda at: os.getxattr(at.read_only, "user.name"),
    "setxattr": lambda at: os.setxattr(at.both, "user.name", b"value"),
    "removexattr": lambda at: os.removexattr(at.both, "user.name"),
    "getxattr of an access list": lambda at: os.getxattr(at.read_only, "system.posix_acl_access"),
    "ioctl": lambda at: _with_open(at.read_only, os.O_RDONLY, lambda file: fcntl.ioctl(file, 0x5421, bytes(4))),
    "mmap": lambda at: _with_open(at.read_only, os.O_RDONLY, _mapped),
    "poll": lambda at: _with_open(at.both, os.O_RDWR, _polled),
    "flock": lambda at: _with_open(at.read_only, os.O_RDONLY, lambda file: fcntl.flock(file, fcntl.LOCK_SH)),
    "fsync": lambda at: _with_open(at.both, os.O_RDWR, os.fsync),
    "fallocate": lambda at: _with_open(at.both, os.O_RDWR, lambda file: os.posix_fallocate(file, 0, 1)),
    "write nothing": lambda at: _with_open(at.both, os.O_WRONLY, lambda file: os.write(file, b"")),
    "read where it was opened to write": lambda at: _with_open(at.both, os.O_WRONLY, lambda file: os.read(file, 1)),
    "write where it was opened to read": lambda at: _with_open(at.both, os.O_RDONLY, lambda file: os.write(file, b"x")),
    "read beyond the end": lambda at: _with_open(at.read_only, os.O_RDONLY, lambda file: os.pread(file, 10, 4000)),
    "the kind of a file": lambda at: _kind(at.read_only),
    "the kind of a file to write": lambda at: _kind(at.write_only),
    "the kind of a link": lambda at: _kind(at.link),
    "the kind of a directory": lambda at: _kind(at.directory),
    "statvfs": lambda at: _statvfs(at.directory),
}


def outcomes(places: Places) -> dict[str, str]:
    """Return the outcome of each operation by name."""
    found = {}
    for name, operation in OPERATIONS.items():
        try:
            found[name] = str(operation(places))
        except OSError as error:
            found[name] = errno.errorcode[error.errno or 0]
    return found


def main() -> None:
    """Read the paths from the first argument, switch to the user of the second, and write the outcomes."""
    places, uid = Places(**json.loads(sys.argv[1])), int(sys.argv[2])
    if uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    json.dump(outcomes(places), sys.stdout)


if __name__ == "__main__":
    main()
