"""Device interface: requests to containers, groups and devices with valid and invalid arguments."""

from __future__ import annotations

from functools import partial

from mdevref.suite.scenario.vocabulary import World, check, then, when


@when("{request:Request} of {handle:Handle} is called")
def call(world: World, request: int, handle: str) -> None:
    """Call a request that takes no argument."""
    world.outcomes.attempt(partial(world.access.requests.call, request, handle))


@when("{request:Request} of {handle:Handle} is called with {argument:Argument}")
def call_with(world: World, request: int, handle: str, argument: str) -> None:
    """Call a request with this argument. A removal in progress first runs until it blocks or returns."""
    world.writers.settle()
    made = world.access.arguments.made(request, handle, world.words.text(argument))
    world.outcomes.attempt(partial(world.access.requests.call, request, handle, made))


@when("{request:Request} of {handle:Handle} is called with {argument:Argument} while no file descriptor is free")
def call_without_descriptors(world: World, request: int, handle: str, argument: str) -> None:
    """Call a request from a process that has reached its limit of open files."""
    made = world.access.arguments.made(request, handle, world.words.text(argument))
    with world.access.handles.process().no_descriptor_left():
        world.outcomes.attempt(partial(world.access.requests.call, request, handle, made))


@when("{request:Request} of {handle:Handle} is called while the vendor driver of {device:Device} pins {pages:Pages}")
def call_while_pinning(world: World, request: int, handle: str, device: str, pages: list[int]) -> None:
    """Call a request while the vendor driver's call is running."""
    call = partial(world.outcomes.attempt, partial(world.access.requests.call, request, handle))
    world.translation.pins.pin_while(device, pages, call)


@then("the memory behind the structure is unchanged")
def nothing_behind(world: World) -> None:
    """The memory behind the ``argsz`` bytes of the argument is unchanged."""
    touched = world.access.arguments.written_behind()
    check(touched == [], "no byte changed", [f"byte {number}" for number in (touched or ())[:8]])
