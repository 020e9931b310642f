"""Translation interface: users map and unmap their memory."""

from __future__ import annotations

from functools import partial

from mdevref.suite.scenario.vocabulary import World, check, given, pages, then, when

_ANOTHER = "another process"
_PAGE = 4096


@given("the user has mapped {count:Size} of memory at page {page:Number}")
def mapped(world: World, count: int, page: int) -> None:
    """The user maps new memory into the container for reading and writing."""
    world.translation.mappings.map(count, page)


@given("the user has mapped {count:Size} of memory at page {page:Number} for {prot:Protection}")
def mapped_for(world: World, count: int, page: int, prot: int) -> None:
    """The user maps new memory into the container for this access."""
    world.translation.mappings.map(count, page, prot)


@given("another process has mapped {count:Size} of memory at page {page:Number}")
def mapped_by_another(world: World, count: int, page: int) -> None:
    """Another process receives the container and maps its own new memory into it."""
    world.translation.mappings.map(count, page, process=_ANOTHER)


@given("the user has mapped {count:Size} without memory at page {page:Number}")
def mapped_without_memory(world: World, count: int, page: int) -> None:
    """The user maps addresses at which it has no memory."""
    world.translation.mappings.map_nothing(count, page)


@given("a process that has exited had mapped {count:Size} of memory at page {page:Number}")
def mapped_by_one_gone(world: World, count: int, page: int) -> None:
    """Another process receives the container, maps its own new memory into it and exits."""
    world.translation.mappings.map(count, page, process=_ANOTHER)
    world.access.handles.end(_ANOTHER)


@given("the user has mapped {count:Size} of memory at page {page:Number} with a locked-memory limit of 0")
def mapped_but_may_not_lock(world: World, count: int, page: int) -> None:
    """The user, without CAP_IPC_LOCK and with a locked-memory limit of 0, maps new memory into the container."""
    world.translation.interface.limit_locked_pages(world.access.handles.process().memory, 0)
    world.translation.mappings.map(count, page)


@given("the user has a locked-memory limit of {count:Size}")
def may_lock(world: World, count: int) -> None:
    """Set the user's limit of locked memory and drop CAP_IPC_LOCK."""
    world.translation.interface.limit_locked_pages(world.access.handles.process().memory, count)


@given("the user has CAP_IPC_LOCK")
def is_privileged(world: World) -> None:
    """Give the user CAP_IPC_LOCK, which lifts the limit of locked memory."""
    world.translation.interface.let_lock(world.access.handles.process().memory)


@given("containers are limited to {count:Number} mappings")
def room_for_mappings(world: World, count: int) -> None:
    """From now on a container accepts at most this many mappings."""
    world.translation.interface.limit_mappings(count)


@given("the user has freed the memory at page {page:Number}")
def has_given_up(world: World, page: int) -> None:
    """The user has called munmap(2) for the memory behind the mapping."""
    world.translation.memory.give_up(page)


@when("the user maps {count:Size} of memory at page {page:Number}")
def map_pages(world: World, count: int, page: int) -> None:
    """The user maps new memory into the container for reading and writing."""
    world.outcomes.attempt(partial(world.translation.mappings.map, count, page))


@when("the user maps {count:Size} without memory at page {page:Number}")
def map_without_memory(world: World, count: int, page: int) -> None:
    """The user maps addresses at which it has no memory."""
    world.outcomes.attempt(partial(world.translation.mappings.map_nothing, count, page))


@when('the user maps a page with "{fields:Fields}"')
def map_with(world: World, fields: dict[str, int]) -> None:
    """VFIO_IOMMU_MAP_DMA of one page at 0x10000 for reading and writing, except for these fields."""
    world.outcomes.attempt(partial(world.translation.mappings.map_dma, fields))


@when("the user unmaps {count:Size} from page {page:Number}")
def unmap_pages(world: World, count: int, page: int) -> None:
    """The user unmaps a range of the container."""
    fields = {"iova": page * _PAGE, "size": count * _PAGE}
    world.outcomes.attempt(partial(world.translation.mappings.unmap_dma, fields))


@when("the user unmaps everything at once")
def unmap_all(world: World) -> None:
    """VFIO_IOMMU_UNMAP_DMA with the flag ALL, and 0 as IOVA and size."""
    world.outcomes.attempt(partial(world.translation.mappings.unmap_dma, {"flags": 2, "iova": 0, "size": 0}))


@when('the user unmaps a page with "{fields:Fields}"')
def unmap_with(world: World, fields: dict[str, int]) -> None:
    """VFIO_IOMMU_UNMAP_DMA of one page at 0x10000, except for these fields."""
    world.outcomes.attempt(partial(world.translation.mappings.unmap_dma, fields))


@when('the user writes "{text:Text}" into page {page:Number}')
def user_writes(world: World, text: str, page: int) -> None:
    """The user writes to its memory that is mapped there."""
    world.translation.memory.write(page, world.words.data(text))


@then('the user reads "{text:Text}" from page {page:Number}')
def user_reads(world: World, text: str, page: int) -> None:
    """The user's memory that is mapped there begins with these bytes."""
    expected = world.words.data(text)
    seen = world.translation.memory.read(page, len(expected))
    check(seen == expected, repr(text), seen)


@then("the unmapping reports {count:Size}")
def were_unmapped(world: World, count: int) -> None:
    """The last unmapping reported the size of this many pages."""
    check(not world.outcomes.last.errno, pages(count), world.outcomes.last)
    seen = world.translation.mappings.unmapped
    check(seen == count * _PAGE, pages(count), f"{seen} bytes")


@then("the user has {count:Size} locked")
def are_locked(world: World, count: int) -> None:
    """This many pages are accounted to the user as locked memory."""
    seen = world.translation.interface.locked_pages(world.access.handles.process().memory)
    check(seen == count, pages(count), pages(seen))


@then("VFIO_IOMMU_GET_INFO reports room for {count:Number} more mappings")
def room_for_more(world: World, count: int) -> None:
    """The capability DMA_AVAIL of VFIO_IOMMU_GET_INFO reports this number."""
    seen = world.translation.back_ends.room_for_mappings()
    check(seen == count, str(count), "no such capability" if seen is None else seen)


@then("the smallest mappable page has {count:Number} bytes")
def smallest_page(world: World, count: int) -> None:
    """VFIO_IOMMU_GET_INFO reports page sizes, and this is the smallest one."""
    info = world.translation.back_ends.info()
    check(info.flags & 1, "page sizes", f"flags {info.flags:#x}")
    seen = info.iova_pgsizes & -info.iova_pgsizes
    check(seen == count, f"{count} bytes", f"{seen} bytes")
