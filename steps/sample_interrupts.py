"""Sample interface: the two interrupts of a card, of which one is in use."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, given, then, when


@given("{line:Line} of {device:Device} is connected to an eventfd")
def connected(world: World, line: str, device: str) -> None:
    """Let an interrupt signal a new eventfd."""
    world.cards[device].connect(line)


@when("{line:Line} of {device:Device} is connected to an eventfd")
def connect(world: World, line: str, device: str) -> None:
    """Let an interrupt signal a new eventfd, whatever comes of it."""
    world.outcomes.attempt(lambda: world.cards[device].connect(line))


@when("{line:Line} of {device:Device} is connected to a descriptor that is not open")
def connect_to_nothing(world: World, line: str, device: str) -> None:
    """Give a descriptor that is none, whatever comes of it."""
    world.outcomes.attempt(lambda: world.cards[device].install(line))


@when("{line:Line} of {device:Device} is disconnected")
def disconnect(world: World, line: str, device: str) -> None:
    """Set no interrupts at all, whatever comes of it."""
    world.outcomes.attempt(lambda: world.cards[device].disconnect(line))


@when("{line:Line} of {device:Device} is {word:Masking}")
def mask(world: World, line: str, device: str, word: str) -> None:
    """Mask or unmask an interrupt, whatever comes of it."""
    world.outcomes.attempt(lambda: world.cards[device].mask(line, word))


@when("{line:Line} of {device:Device} is triggered by its user")
def trigger(world: World, line: str, device: str) -> None:
    """Raise an interrupt with a request, whatever comes of it."""
    world.outcomes.attempt(lambda: world.cards[device].trigger(line))


@then("{line:Line} of {device:Device} has signalled")
def has_signalled(world: World, line: str, device: str) -> None:
    """The eventfd that the interrupt was connected to last was signalled since it was last asked about."""
    seen = world.cards[device].signals(line)[-1]
    check(seen, f"a signal of {line}", "none")


@then("{line:Line} of {device:Device} has signalled {count:Number} times")
def has_signalled_so_often(world: World, line: str, device: str, count: int) -> None:
    """The eventfd that the interrupt was connected to last was signalled so often since it was last asked about."""
    seen = world.cards[device].signals(line)[-1]
    check(seen == count, f"{count} signals of {line}", seen)


@then("{line:Line} of {device:Device} has not signalled")
def has_not_signalled(world: World, line: str, device: str) -> None:
    """No eventfd that the interrupt was ever connected to was signalled since it was last asked about."""
    seen = world.cards[device].signals(line)
    check(not any(seen), f"no signal of {line}", seen)


@then("only the last eventfd of {line:Line} of {device:Device} was signalled")
def last_was_signalled(world: World, line: str, device: str) -> None:
    """Of the eventfds that the interrupt was connected to, one after the other, only the last was signalled."""
    *earlier, last = world.cards[device].signals(line)
    check(last and not any(earlier), "a signal of the last eventfd alone", [*earlier, last])


@then("only the first eventfd of {line:Line} of {device:Device} was signalled")
def first_was_signalled(world: World, line: str, device: str) -> None:
    """Of the eventfds that the interrupt was connected to, one after the other, only the first was signalled."""
    first, *later = world.cards[device].signals(line)
    check(first and not any(later), "a signal of the first eventfd alone", [first, *later])
