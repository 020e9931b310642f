"""Hosts whose ``create`` accepts wrong input, returns a wrong result, or allows too many or too few devices."""

from __future__ import annotations

from contextlib import suppress
from errno import EAGAIN, EBUSY, EEXIST, EINVAL
from threading import Thread, current_thread
from uuid import UUID

from mdevref.kernel.core import Kernel
from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.mdev.parsing import UUID_LENGTH
from tests.miniatures.registry import wrong


@wrong({"create.uuid": "expected the write to succeed; seen: EINVAL"})
class create_refuses_a_newline(Core):
    """``create`` rejects a UUID with a trailing newline, so that ``echo`` cannot create a device."""

    def parse_uuid(self, data: bytes) -> str:
        if data.endswith(b"\n"):
            raise fail(EINVAL)
        return super().parse_uuid(data)


@wrong({"create.accepted-forms": "expected the write to succeed; seen: EINVAL"})
class wants_a_known_version(Core):
    """``create`` accepts only UUIDs of a version that RFC 9562 defines."""

    def parse_uuid(self, data: bytes) -> str:
        uuid = super().parse_uuid(data)
        if UUID(uuid).version not in range(1, 9):
            raise fail(EINVAL)
        return uuid


@wrong({"create.lower-case": "to exist; seen: no bus/mdev/devices/"})
class keeps_the_case(Core):
    """The name of a device keeps the upper and lower case in which its UUID was written."""

    def parse_uuid(self, data: bytes) -> str:
        super().parse_uuid(data)
        return data[:UUID_LENGTH].decode()


@wrong({"create.whole-count": "expected 37; seen: 36 of 37 bytes written"})
class counts_the_uuid_only(Core):
    """A write to ``create`` returns 36 even if a newline follows the UUID."""

    def create_store(self, mtype: MdevType, data: bytes) -> int | None:
        super().create_store(mtype, data)
        return UUID_LENGTH


@wrong(
    {
        "create.refused-forms": "expected EINVAL; seen: ",
        "create.longer-than-page": "expected EINVAL; seen: 4096 of ",
        "create.syntax-first": "expected EINVAL; seen: EEXIST",
    }
)
class reads_no_further_than_the_uuid(Core):
    """``create`` ignores everything after the first 36 characters of a UUID."""

    def parse_uuid(self, data: bytes) -> str:
        return super().parse_uuid(data[:UUID_LENGTH])


@wrong({"create.refused-forms": "expected EINVAL; seen: "})
class reads_uuids_as_python_does(Core):
    """``create`` accepts every form that ``uuid.UUID`` accepts, such as a UUID in braces or without hyphens."""

    def parse_uuid(self, data: bytes) -> str:
        try:
            return str(UUID(data.removesuffix(b"\n").decode("ascii")))
        except ValueError:
            raise fail(EINVAL) from None


@wrong({"create.syntax-first": "expected EINVAL; seen: EEXIST"})
class looks_for_duplicates_first(Core):
    """``create`` looks for a duplicate of the UUID before it checks the form of the input."""

    def create_store(self, mtype: MdevType, data: bytes) -> int | None:
        self.check_duplicate(mtype, data[:UUID_LENGTH].decode("latin-1").lower())
        return super().create_store(mtype, data)


@wrong({"create.complete": "/mdev_type to be a link; seen: nothing"})
class forgets_mdev_type(Core):
    """A device never has the link ``mdev_type``."""

    def link_to_type(self, mdev: MdevDevice) -> None:
        pass


@wrong({"create.several": "expected the write to succeed; seen: EBUSY"})
class one_device_a_parent(Core):
    """A parent can have only one device."""

    def check_duplicate(self, mtype: MdevType, uuid: str) -> None:
        super().check_duplicate(mtype, uuid)
        if self.devices_of(mtype.parent):
            raise fail(EBUSY, mtype.name)


@wrong({"create.several-parents": "expected the write to succeed; seen: EBUSY"})
class one_parent_at_a_time(Core):
    """While one parent has a device, the other parents cannot have one."""

    def check_duplicate(self, mtype: MdevType, uuid: str) -> None:
        super().check_duplicate(mtype, uuid)
        if any(self.devices_of(other) for other in self.parents.values() if other is not mtype.parent):
            raise fail(EBUSY, mtype.name)


@wrong(
    {
        "create.duplicate-uuid": "expected EEXIST; seen: 3",
        "create.duplicate-uuid-other-parent": "expected EEXIST; seen: 36 of 36 bytes written",
        "create.one-winner": "expected exactly one success; seen: 36 of 36 bytes written, 36 of 36 bytes written",
        "create.other-writers": "expected EEXIST for the other writers; seen: 36 of 36 bytes written",
        "create.unfinished-uuid": "expected EEXIST; seen: 36 of 36 bytes written",
    }
)
class accepts_duplicates(Core):
    """Creating a device with a duplicate UUID succeeds without effect."""

    def create(self, mtype: MdevType, uuid: str) -> None:
        with suppress(FileExistsError):
            super().create(mtype, uuid)


@wrong({"create.other-writers": "expected EEXIST for the other writers; seen: "})
class tells_losers_that_it_is_busy(Core):
    """``create`` fails with EBUSY if a concurrent write creates a device with the same UUID."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self.creators: dict[str, Thread] = {}

    def create(self, mtype: MdevType, uuid: str) -> None:
        try:
            super().create(mtype, uuid)
        except FileExistsError as error:
            if self.creators.get(uuid) is not current_thread():
                raise fail(EBUSY, uuid) from error
            raise
        self.creators[uuid] = current_thread()


@wrong(
    {
        "create.unfinished-uuid": "expected EEXIST; seen: EAGAIN",
        "remove.in-use-uuid-taken": "expected EEXIST; seen: EAGAIN",
    },
    era="5.10",
)
class sends_early_comers_away(Core):
    """``create`` fails with EAGAIN for the UUID of a device that is being created or removed."""

    def check_duplicate(self, mtype: MdevType, uuid: str) -> None:
        taken = self.devices.get(uuid)
        if taken is not None and not taken.is_active:
            raise fail(EAGAIN, uuid)
        super().check_duplicate(mtype, uuid)


@wrong({"remove.uuid-free-again": "expected the write to succeed; seen: EEXIST"})
class never_frees_a_uuid(Core):
    """A UUID can be used only once, even after its device was removed."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self.used: set[str] = set()

    def activate(self, mdev: MdevDevice) -> None:
        super().activate(mdev)
        self.used.add(mdev.name)

    def check_duplicate(self, mtype: MdevType, uuid: str) -> None:
        super().check_duplicate(mtype, uuid)
        if uuid in self.used:
            raise fail(EEXIST, uuid)
