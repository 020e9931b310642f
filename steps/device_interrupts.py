"""Device interface: valid and invalid arguments of VFIO_DEVICE_SET_IRQS."""

from __future__ import annotations

from functools import partial

from mdevref.suite.scenario.vocabulary import World, check, then, when

_EVENTFD_TRIGGER = 4 | 32
_NONE_TRIGGER = 1 | 32
_SIZE = 20  #: bytes of the structure before its payload


def _set(world: World, device: str, flags: int, descriptor: int, room: int = 4) -> None:
    payload = descriptor.to_bytes(4, "little", signed=True).ljust(room, b"\0")
    irq = world.access.interrupts.chosen.index
    world.outcomes.attempt(partial(world.access.interrupts.set, device, _SIZE + room, flags, irq, 0, 1, payload))


@when(
    "interrupts of {device:Device} are set with argsz {argsz:Number}, {flags:IrqFlags}, index {index:Amount}, "
    "start {start:Amount}, count {count:Number}"
)
def set_with(world: World, device: str, argsz: int, flags: int, index: str, start: str, count: int) -> None:
    """Call VFIO_DEVICE_SET_IRQS. The limit is the largest number of interrupts that the device reports."""
    interrupts = world.access.interrupts
    amount = partial(interrupts.amount, device)
    world.outcomes.attempt(partial(interrupts.set, device, argsz, flags, amount(index), amount(start), count))


@when("an eventfd is set for the interrupt of {device:Device}")
def give_eventfd(world: World, device: str) -> None:
    """Call VFIO_DEVICE_SET_IRQS with EVENTFD, TRIGGER and a new eventfd for the selected interrupt."""
    _set(world, device, _EVENTFD_TRIGGER, world.access.interrupts.new_eventfd(device))


@when("an eventfd is set for the interrupt of {device:Device} with {room:Number} bytes of payload")
def give_eventfd_with_room(world: World, device: str, room: int) -> None:
    """Call VFIO_DEVICE_SET_IRQS with EVENTFD and TRIGGER and a payload longer than one descriptor."""
    _set(world, device, _EVENTFD_TRIGGER, world.access.interrupts.new_eventfd(device), room)


@when("{argument:Argument} is set for the interrupt of {device:Device}")
def give(world: World, device: str, argument: str) -> None:
    """Call VFIO_DEVICE_SET_IRQS with EVENTFD and TRIGGER and a descriptor that is not an eventfd."""
    _set(world, device, _EVENTFD_TRIGGER, world.access.arguments.descriptor(argument))


@when("the interrupt of {device:Device} is disabled")
def give_nothing(world: World, device: str) -> None:
    """Call VFIO_DEVICE_SET_IRQS with NONE, TRIGGER and a count of 0, which disables the interrupt."""
    irq = world.access.interrupts.chosen.index
    world.outcomes.attempt(partial(world.access.interrupts.set, device, _SIZE, _NONE_TRIGGER, irq, 0, 0))


@then("the eventfd was not signalled")
def not_signalled(world: World) -> None:
    """The counter of each eventfd is 0."""
    seen = world.access.interrupts.signals()
    check(not seen, "no signal", f"{seen} signals")
