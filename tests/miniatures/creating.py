"""Creating: what ``create`` accepts, what it answers, and how many devices there may be."""

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
    """A UUID is accepted only without a newline, so that ``echo`` cannot write it."""

    def parse_uuid(self, data: bytes) -> str:
        if data.endswith(b"\n"):
            raise fail(EINVAL)
        return super().parse_uuid(data)


@wrong({"create.accepted-forms": "expected the write to succeed; seen: EINVAL"})
class wants_a_known_version(Core):
    """A UUID is accepted only if RFC 9562 knows its version."""

    def parse_uuid(self, data: bytes) -> str:
        uuid = super().parse_uuid(data)
        if UUID(uuid).version not in range(1, 9):
            raise fail(EINVAL)
        return uuid


@wrong({"create.lower-case": "to exist; seen: no bus/mdev/devices/"})
class keeps_the_case(Core):
    """The name of a device is its UUID as it was written, in upper case or lower."""

    def parse_uuid(self, data: bytes) -> str:
        super().parse_uuid(data)
        return data[:UUID_LENGTH].decode()


@wrong({"create.whole-count": "expected 37; seen: 36 of 37 bytes written"})
class counts_the_uuid_only(Core):
    """A write to ``create`` returns 36, whether a newline followed the UUID or not."""

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
    """Whatever follows the 36 characters of a UUID is passed over, be it long or short."""

    def parse_uuid(self, data: bytes) -> str:
        return super().parse_uuid(data[:UUID_LENGTH])


@wrong({"create.refused-forms": "expected EINVAL; seen: "})
class reads_uuids_as_python_does(Core):
    """A UUID may stand in braces or after ``urn:uuid:``, with hyphens anywhere or nowhere, as ``uuid.UUID`` has it."""

    def parse_uuid(self, data: bytes) -> str:
        try:
            return str(UUID(data.removesuffix(b"\n").decode("ascii")))
        except ValueError:
            raise fail(EINVAL) from None


@wrong({"create.syntax-first": "expected EINVAL; seen: EEXIST"})
class looks_for_duplicates_first(Core):
    """Whether the UUID is taken is looked up before the form of what was written is judged."""

    def create_store(self, mtype: MdevType, data: bytes) -> int | None:
        self.check_duplicate(mtype, data[:UUID_LENGTH].decode("latin-1").lower())
        return super().create_store(mtype, data)


@wrong({"create.complete": "/mdev_type to be a link; seen: nothing"})
class forgets_mdev_type(Core):
    """A device has no link ``mdev_type`` when ``create`` returns, nor later."""

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
    """While one parent has a device, no other one can have any."""

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
    """A write of a UUID that is taken succeeds, as if it had made the device that is there."""

    def create(self, mtype: MdevType, uuid: str) -> None:
        with suppress(FileExistsError):
            super().create(mtype, uuid)


@wrong({"create.other-writers": "expected EEXIST for the other writers; seen: "})
class tells_losers_that_it_is_busy(Core):
    """A write of a UUID fails with EBUSY if a concurrent write creates the device."""

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
    """The UUID of a device that is being created or removed is answered with EAGAIN."""

    def check_duplicate(self, mtype: MdevType, uuid: str) -> None:
        taken = self.devices.get(uuid)
        if taken is not None and not taken.is_active:
            raise fail(EAGAIN, uuid)
        super().check_duplicate(mtype, uuid)


@wrong({"remove.uuid-free-again": "expected the write to succeed; seen: EEXIST"})
class never_frees_a_uuid(Core):
    """A UUID can be used once, and never again."""

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
