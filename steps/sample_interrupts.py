"""Sample interface: the two interrupts of a card, of which only one is in use at a time."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, given, then, when


@given("{line:Line} of {device:Device} is connected to an eventfd")
def connected(world: World, line: str, device: str) -> None:
    """Connect the interrupt to a new eventfd."""
    world.cards[device].connect(line)


@when("{line:Line} of {device:Device} is connected to an eventfd")
def connect(world: World, line: str, device: str) -> None:
    """Connect the interrupt to a new eventfd. The call may fail."""
    world.outcomes.attempt(lambda: world.cards[device].connect(line))


@when("{line:Line} of {device:Device} is connected to a descriptor that is not open")
def connect_to_nothing(world: World, line: str, device: str) -> None:
    """Connect the interrupt to a descriptor that is not open. The call may fail."""
    world.outcomes.attempt(lambda: world.cards[device].install(line))


@when("{line:Line} of {device:Device} is disconnected")
def disconnect(world: World, line: str, device: str) -> None:
    """Call VFIO_DEVICE_SET_IRQS with a count of 0. The call may fail."""
    world.outcomes.attempt(lambda: world.cards[device].disconnect(line))


@when("{line:Line} of {device:Device} is {word:Masking}")
def mask(world: World, line: str, device: str, word: str) -> None:
    """Mask or unmask the interrupt. The call may fail."""
    world.outcomes.attempt(lambda: world.cards[device].mask(line, word))


@when("{line:Line} of {device:Device} is triggered by the user")
def trigger(world: World, line: str, device: str) -> None:
    """Trigger the interrupt with VFIO_DEVICE_SET_IRQS. The call may fail."""
    world.outcomes.attempt(lambda: world.cards[device].trigger(line))


@then("{line:Line} of {device:Device} has signalled")
def has_signalled(world: World, line: str, device: str) -> None:
    """The most recent eventfd of the interrupt was signalled since the last check."""
    seen = world.cards[device].signals(line)[-1]
    check(seen, f"a signal of {line}", "none")


@then("{line:Line} of {device:Device} has signalled {count:Times}")
def has_signalled_so_often(world: World, line: str, device: str, count: int) -> None:
    """The most recent eventfd of the interrupt was signalled this many times since the last check."""
    seen = world.cards[device].signals(line)[-1]
    check(seen == count, f"{count} signals of {line}", seen)


@then("{line:Line} of {device:Device} has not signalled")
def has_not_signalled(world: World, line: str, device: str) -> None:
    """No eventfd of the interrupt, earlier ones included, was signalled since the last check."""
    seen = world.cards[device].signals(line)
    check(not any(seen), f"no signal of {line}", seen)


@then("only the last eventfd of {line:Line} of {device:Device} was signalled")
def last_was_signalled(world: World, line: str, device: str) -> None:
    """Of all eventfds that the interrupt was connected to, only the last one was signalled."""
    *earlier, last = world.cards[device].signals(line)
    check(last and not any(earlier), "a signal of only the last eventfd", [*earlier, last])


@then("only the first eventfd of {line:Line} of {device:Device} was signalled")
def first_was_signalled(world: World, line: str, device: str) -> None:
    """Of all eventfds that the interrupt was connected to, only the first one was signalled."""
    first, *later = world.cards[device].signals(line)
    check(first and not any(later), "a signal of only the first eventfd", [first, *later])
