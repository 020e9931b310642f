"""User processes of the reference host, with the operations of the suite's process interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EIO

from mdevref.kernel.errors import KernelBug, fail
from mdevref.kernel.process import Process


class ReferenceProcess(Process):
    """A process of the host."""

    def ioctl(self, descriptor: int, request: int, argument: int | bytearray = 0) -> int:
        """Make the ioctl; fail with EIO if it triggers a kernel bug."""
        try:
            return super().ioctl(descriptor, request, argument)
        except KernelBug as bug:
            raise fail(EIO, str(bug)) from bug

    def open_number(self, major: int, minor: int) -> int:
        path = f"node-{major}-{minor}"
        self.nodes.add(path, (major, minor))
        try:
            return self.open(path)
        finally:
            self.nodes.remove(path)

    def drop_privileges(self) -> None:
        self.capabilities = frozenset()

    @contextmanager
    def no_descriptor_left(self) -> Iterator[None]:
        limit, self.open_files = self.open_files, 0
        try:
            yield
        finally:
            self.open_files = limit
