"""The numbers of FUSE requests, from the kernel's ``include/uapi/linux/fuse.h``."""

from __future__ import annotations

from typing import Final

LOOKUP: Final = 1
FORGET: Final = 2
GETATTR: Final = 3
SETATTR: Final = 4
READLINK: Final = 5
SYMLINK: Final = 6
MKNOD: Final = 8
MKDIR: Final = 9
UNLINK: Final = 10
RMDIR: Final = 11
RENAME: Final = 12
LINK: Final = 13
OPEN: Final = 14
READ: Final = 15
WRITE: Final = 16
STATFS: Final = 17
RELEASE: Final = 18
SETXATTR: Final = 21
LISTXATTR: Final = 23
REMOVEXATTR: Final = 24
INIT: Final = 26
OPENDIR: Final = 27
RELEASEDIR: Final = 29
ACCESS: Final = 34
CREATE: Final = 35
DESTROY: Final = 38
IOCTL: Final = 39
BATCH_FORGET: Final = 42
READDIRPLUS: Final = 44
RENAME2: Final = 45
