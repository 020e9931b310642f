"""Preparing and acting steps on cards of the sample driver report their failures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdevref.mdev.objects import MdevParentOps
from mdevref.suite.scenario.checks import Mismatch
from tests.steps.conftest import StageMaker

CARD = "Given a card A with two ports\n"

NEEDS_THE_SAMPLE = (
    "Given the parent of the sample driver",
    "Given the type of cards with one port",
    "Given the types of cards with one port and with two ports",
    "Given a card A with two ports",
)


@pytest.mark.parametrize("steps", NEEDS_THE_SAMPLE)
def test_without_the_sample_driver_there_is_no_stage(steps: str, stage: StageMaker) -> None:
    on = stage()
    on.machine.unload("mtty")
    on.play(steps)
    assert "the sample driver is not loaded" in (on.context.scenario.reason or "")


def test_a_card_for_which_there_are_no_ports_sets_no_stage(stage: StageMaker) -> None:
    on = stage("6.1")
    on.play("Given the types of cards with one port and with two ports\nWhen 24 devices of the first type are created")
    on.play(CARD)
    assert "creating a card: ENOSPC" in (on.context.scenario.reason or "")


@pytest.mark.parametrize("line", ["INTx", "MSI"])
def test_an_interrupt_without_an_eventfd_is_a_fault_of_the_scenario(line: str, stage: StageMaker) -> None:
    """A kernel of 6.1 or before would dereference a null pointer."""
    on = stage()
    on.play(CARD)
    with pytest.raises(RuntimeError, match="null pointer"):
        on.play('When "IER 01" is written to the registers of port 0 of A')
    on.play(f"Given {line} of A is connected to an eventfd")
    on.play('When "IER 01" is written to the registers of port 0 of A')


def test_configuration_space_that_takes_less_is_a_mismatch(stage: StageMaker) -> None:
    on = stage()
    on.play(CARD)
    on.world.cards["A"].write_config = lambda offset, written: 1  # type: ignore[method-assign]  # as no card does
    with pytest.raises(Mismatch, match="all 4 bytes to be written; seen: 1"):
        on.play("When the bytes ffffffff are written to the configuration space of A at 0x10")


def test_a_card_that_was_mapped_can_be_removed_at_the_end(stage: StageMaker) -> None:
    on = stage()
    on.play(CARD)
    device = on.machine.host.vfio.devices.find(on.world.devices["A"].uuid)
    assert isinstance(device.operations, MdevParentOps)
    device.operations = replace(device.operations, mmap=lambda mdev, length, position: bytearray(length))
    on.play("When A is closed and opened again\nAnd region 0 of card A is mapped")
    assert not on.world.outcomes.last.errno
    on.world.clean_up()
    assert on.machine.leftovers() == []
