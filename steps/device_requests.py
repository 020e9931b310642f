"""Device interface: requests of containers, groups and devices with arguments that are right or wrong."""

from __future__ import annotations

from functools import partial

from mdevref.suite.scenario.vocabulary import World, check, then, when


@when("{request:Request} of {handle:Handle} is called")
def call(world: World, request: int, handle: str) -> None:
    """Call a request that takes no argument."""
    world.outcomes.attempt(partial(world.access.requests.call, request, handle))


@when("{request:Request} of {handle:Handle} is called with {argument:Argument}")
def call_with(world: World, request: int, handle: str, argument: str) -> None:
    """Call a request with this argument; what a removal that was begun does meanwhile is waited for."""
    world.writers.settle()
    made = world.access.arguments.made(request, handle, world.words.text(argument))
    world.outcomes.attempt(partial(world.access.requests.call, request, handle, made))


@when("{request:Request} of {handle:Handle} is called with {argument:Argument} while no descriptor is left")
def call_without_descriptors(world: World, request: int, handle: str, argument: str) -> None:
    """Call a request by a process that can open nothing more."""
    made = world.access.arguments.made(request, handle, world.words.text(argument))
    with world.access.handles.process().no_descriptor_left():
        world.outcomes.attempt(partial(world.access.requests.call, request, handle, made))


@when("{request:Request} of {handle:Handle} is called while the vendor driver of {device:Device} pins {pages:Pages}")
def call_while_pinning(world: World, request: int, handle: str, device: str, pages: list[int]) -> None:
    """Call a request in the middle of the vendor driver's call."""
    call = partial(world.outcomes.attempt, partial(world.access.requests.call, request, handle))
    world.translation.pins.pin_while(device, pages, call)


@then("nothing behind the structure was written")
def nothing_behind(world: World) -> None:
    """The memory behind what the argument's ``argsz`` tells of is as it was."""
    touched = world.access.arguments.written_behind()
    check(touched == [], "nothing written there", [f"byte {number}" for number in (touched or ())[:8]])
