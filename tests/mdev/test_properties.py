"""All operations in any order, in each era: links, directories and counts always agree, and no remains are left."""

from __future__ import annotations

from errno import EBUSY, EEXIST, EINVAL, EIO, ENODEV, ENOMEM, ENOSPC, EPERM, EUSERS

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mdevref.drivers.mbochs import MEGABYTES, SIZES
from mdevref.drivers.mdpy import COUNT
from mdevref.drivers.mtty import PORTS
from mdevref.drivers.scripted import INSTANCES, ScriptedDriver
from tests.machines import errno_of, machine, uuid
from tests.mdev.model import TYPES, VENDORS, Model, cost

NUMBERS = st.integers(min_value=0, max_value=9)


class HostMachine(RuleBasedStateMachine):
    """The operations, compared with a model."""

    era = "4.13"

    def __init__(self) -> None:
        super().__init__()
        self.host = machine(self.era, "mtty", "scripted")
        self.is_old = self.host.era.has_bus_driver
        self.model: dict[str, Model] = {}
        self.refuses_probe = self.refuses_create = self.refuses_remove = 0
        self.binds_automatically = True

    # State of the model

    @property
    def sysfs(self):  # type: ignore[no-untyped-def]  # the host's
        return self.host.sysfs

    def directory(self, type_: str) -> str:
        return f"class/mdev_bus/{type_.partition('-')[0]}/mdev_supported_types/{type_}"

    def used(self, vendor: str) -> int:
        """Return the resources in use. From 6.1 on, a driver that counts itself does not count unbound devices."""
        forgets = not self.is_old and vendor in ("mtty", "mbochs")
        return sum(
            cost(device)
            for device in self.model.values()
            if device.vendor == vendor and (device.is_bound or not forgets)
        )

    def available(self, type_: str) -> int:
        vendor, _, suffix = type_.partition("-")
        if vendor == "mtty":
            return int((PORTS - self.used("mtty")) / int(suffix))
        if vendor == "mbochs":
            return (MEGABYTES - self.used("mbochs")) // SIZES[suffix]
        return (COUNT if vendor == "mdpy" else INSTANCES) - self.used(vendor)

    def expected_refusal(self, vendor: str, type_: str) -> int:
        if vendor == "scripted" and not self.is_old and not self.available(type_):
            return EUSERS  # the core checks its counter before it calls the driver
        if vendor == "scripted" and not self.is_old and self.refuses_probe:
            return self.refuses_probe
        if vendor == "scripted" and self.refuses_create:
            return self.refuses_create
        if vendor == "mtty" and self.is_old:
            return 0
        if self.available(type_) > 0:
            return 0
        if self.is_old:
            return ENOSPC if vendor == "scripted" else ENOMEM
        return EUSERS if vendor == "mdpy" else ENOSPC

    @property
    def scripted(self) -> ScriptedDriver:
        driver = self.host.vendors["scripted"]
        assert isinstance(driver, ScriptedDriver)
        return driver

    # Operations

    @rule(vendor=st.sampled_from(VENDORS), index=st.integers(0, 1), number=NUMBERS, is_upper=st.booleans())
    def create(self, vendor: str, index: int, number: int, is_upper: bool) -> None:
        type_ = TYPES[vendor][index]
        if vendor not in self.host.vendors:
            assert not self.sysfs.exists(self.directory(type_))
            return
        name = uuid(number)
        path, data = f"{self.directory(type_)}/create", (name.upper() if is_upper else name).encode()
        refusal = EEXIST if name in self.model else self.expected_refusal(vendor, type_)
        if refusal:
            assert errno_of(self.sysfs.write, path, data) == refusal
            return
        assert self.sysfs.write(path, data) == 36
        is_bound = not self.is_old or (
            self.binds_automatically and not (vendor == "scripted" and self.refuses_probe != 0)
        )
        self.model[name] = Model(vendor, type_, is_bound)

    @rule(
        vendor=st.sampled_from(VENDORS), data=st.binary(min_size=1, max_size=40).filter(lambda data: b"-" not in data)
    )
    def create_nonsense(self, vendor: str, data: bytes) -> None:
        if vendor in self.host.vendors:
            assert errno_of(self.sysfs.write, f"{self.directory(TYPES[vendor][0])}/create", data) == EINVAL

    @rule(number=NUMBERS, written=st.sampled_from([b"1", b"0", b"x"]))
    def remove(self, number: int, written: bytes) -> None:
        name = uuid(number)
        path = f"bus/mdev/devices/{name}/remove"
        device = self.model.get(name)
        if device is None:
            assert not self.sysfs.exists(path)
        elif written == b"x":
            assert errno_of(self.sysfs.write, path, written) == EINVAL
        elif written == b"0":
            assert self.sysfs.write(path, written) == 1
        elif device.vendor == "scripted" and self.refuses_remove:
            assert errno_of(self.sysfs.write, path, written) == EBUSY
        else:
            remover = self.host.start(lambda: self.sysfs.write(path, written))
            while device.open_files:
                assert remover.is_blocked()
                device.open_files.pop().close()
            assert remover.result() == 1
            del self.model[name]

    @rule(number=NUMBERS)
    def open(self, number: int) -> None:
        device = self.model.get(uuid(number))
        if device is None or not device.is_bound:
            assert errno_of(self.host.open_device, uuid(number)) == ENODEV
        else:
            device.open_files.append(self.host.open_device(uuid(number)))

    @rule(number=NUMBERS)
    def close(self, number: int) -> None:
        device = self.model.get(uuid(number))
        if device is not None and device.open_files:
            device.open_files.pop().close()

    @rule(number=NUMBERS)
    def unbind(self, number: int) -> None:
        device = self.model.get(uuid(number))
        driver = "vfio_mdev" if self.is_old or device is None else device.vendor
        if not self.sysfs.exists(f"bus/mdev/drivers/{driver}"):
            return
        path, data = f"bus/mdev/drivers/{driver}/unbind", uuid(number).encode()
        if device is None or not device.is_bound:
            assert errno_of(self.sysfs.write, path, data) == ENODEV
        elif not device.open_files:
            assert self.sysfs.write(path, data) == 36
            device.is_bound = False

    @rule(number=NUMBERS, by=st.sampled_from(["drivers/vfio_mdev/bind", "drivers_probe"]))
    def bind(self, number: int, by: str) -> None:
        device = self.model.get(uuid(number))
        path, data = f"bus/mdev/{by}", uuid(number).encode()
        if not self.sysfs.exists(path):
            return
        is_refused = device is not None and device.vendor == "scripted" and self.refuses_probe != 0
        if device is None or (by != "drivers_probe" and (device.is_bound or is_refused)):
            assert errno_of(self.sysfs.write, path, data) == ENODEV
            return
        assert self.sysfs.write(path, data) == 36
        device.is_bound = device.is_bound or (self.is_old and not is_refused)

    @rule(is_on=st.booleans())
    def autoprobe(self, is_on: bool) -> None:
        self.sysfs.write("bus/mdev/drivers_autoprobe", b"1" if is_on else b"0")
        self.binds_automatically = is_on

    @rule(vendor=st.sampled_from(VENDORS))
    def load_or_unload(self, vendor: str) -> None:
        if vendor not in self.host.vendors:
            self.host.load(vendor)
            if vendor == "scripted":
                self.refuses_probe = self.refuses_create = self.refuses_remove = 0
            return
        for device in self.model.values():
            while device.vendor == vendor and device.open_files:
                device.open_files.pop().close()
        self.host.unload(vendor)
        self.model = {name: device for name, device in self.model.items() if device.vendor != vendor}

    @precondition(lambda self: "scripted" in self.host.vendors)
    @rule(
        create=st.sampled_from([0, EPERM, ENOSPC]),
        probe=st.sampled_from([0, EIO]),
        remove=st.sampled_from([0, EIO]),
    )
    def misbehave(self, create: int, probe: int, remove: int) -> None:
        self.scripted.refuse_create(create)
        self.scripted.refuse_probe(probe)
        self.refuses_create, self.refuses_probe = create, probe
        if self.host.era.vendor_may_refuse_remove:
            self.scripted.refuse_remove(remove)
            self.refuses_remove = remove

    # Invariants

    @invariant()
    def the_bus_has_the_devices_and_no_others(self) -> None:
        assert self.sysfs.listdir("bus/mdev/devices") == sorted(self.model)

    @invariant()
    def a_devices_links_lead_to_its_type_and_back(self) -> None:
        for vendor in self.host.vendors:
            children = {name for name in self.sysfs.listdir(f"class/mdev_bus/{vendor}") if name.count("-") == 4}
            assert children == {name for name, device in self.model.items() if device.vendor == vendor}
            for type_ in TYPES[vendor]:
                here = sorted(name for name, device in self.model.items() if device.type == type_)
                assert self.sysfs.listdir(f"{self.directory(type_)}/devices") == here
                for name in here:
                    assert self.sysfs.readlink(f"bus/mdev/devices/{name}/mdev_type") == (
                        f"../mdev_supported_types/{type_}"
                    )
                    assert self.sysfs.lstat(f"{self.directory(type_)}/devices/{name}/remove").mode == 0o200

    @invariant()
    def counts_add_up(self) -> None:
        for vendor in self.host.vendors:
            for type_ in TYPES[vendor]:
                shown = self.sysfs.read(f"{self.directory(type_)}/available_instances")
                assert shown == f"{self.available(type_)}\n".encode()

    @invariant()
    def bound_devices_have_a_driver_and_a_group_of_their_own(self) -> None:
        bound = [name for name, device in self.model.items() if device.is_bound]
        groups = {self.sysfs.readlink(f"bus/mdev/devices/{name}/iommu_group").rpartition("/")[2] for name in bound}
        assert len(groups) == len(bound)
        for directory in ("kernel/iommu_groups", "class/vfio"):
            assert set(self.sysfs.listdir(directory)) == groups
        assert self.host.vfio.nodes() == [*sorted(groups), "vfio"]
        for name in self.model:
            assert self.sysfs.exists(f"bus/mdev/devices/{name}/driver") == (name in bound)

    def teardown(self) -> None:
        for device in self.model.values():
            while device.open_files:
                device.open_files.pop().close()
        self.host.unload_all()
        assert self.host.leftovers() == []
        for directory in ("bus", "class", "module", "devices/virtual", "kernel/iommu_groups"):
            assert self.sysfs.listdir(directory) == []
        assert self.host.core.devices == {}
        super().teardown()


class Era510(HostMachine):
    era = "5.10"


class Era61(HostMachine):
    era = "6.1"


class Era612(HostMachine):
    era = "6.12"


STEADY = settings(
    max_examples=30,
    stateful_step_count=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

for case in (HostMachine, Era510, Era61, Era612):
    case.TestCase.settings = STEADY

TestEra413 = HostMachine.TestCase
TestEra510 = Era510.TestCase
TestEra61 = Era61.TestCase
TestEra612 = Era612.TestCase
