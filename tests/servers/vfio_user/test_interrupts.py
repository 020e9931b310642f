"""Interrupts signal the client's eventfd; invalid requests fail."""

from __future__ import annotations

import errno
import os

import pytest

from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.protocol import Command
from mdevref.vfio import uapi
from mdevref.vfio.uapi import PciIrq, PciRegion
from tests.servers.vfio_user import cards
from tests.servers.vfio_user.client import Client


def test_interrupts_signal_the_clients_eventfd(client: Client) -> None:
    client.done(Command.DEVICE_GET_INFO, cards.info(uapi.DeviceInfo))
    mine = cards.descriptor("eventfd")
    client.done(Command.DEVICE_SET_IRQS, cards.irq_set(), [os.dup(mine)])
    # Enable the interrupt for an empty transmitter.
    client.done(Command.REGION_WRITE, cards.write(PciRegion.BAR0, 1, b"\2"))
    assert os.eventfd_read(mine) == 1
    client.done(Command.DEVICE_SET_IRQS, cards.irq_set(cards.DISABLE, PciIrq.INTX, 0))
    client.done(Command.REGION_WRITE, cards.write(PciRegion.BAR0, 1, b"\2"))
    with pytest.raises(BlockingIOError):
        os.eventfd_read(mine)
    os.close(mine)


def test_an_eventfd_that_is_full_holds_nobody() -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    client.done(Command.DEVICE_GET_INFO, cards.info(uapi.DeviceInfo))
    mine = os.eventfd(0, os.EFD_CLOEXEC)
    os.eventfd_write(mine, (1 << 64) - 2)
    client.done(Command.DEVICE_SET_IRQS, cards.irq_set(), [os.dup(mine)])
    client.done(Command.REGION_WRITE, cards.write(PciRegion.BAR0, 1, b"\2"))
    client.session.close()
    os.close(mine)


@pytest.mark.parametrize(
    ("payload", "kinds"),
    [
        (cards.irq_set(), ("null",)),
        (cards.irq_set(), ("memory",)),
        (cards.irq_set(), ("eventfd", "eventfd")),
        (cards.irq_set(count=0), ("eventfd",)),
        (cards.irq_set(count=2), ("eventfd",)),
        (cards.irq_set(count=0xFFFFFFFF), ()),
        (cards.irq_set(index=5), ("eventfd",)),
        (cards.irq_set(cards.DISABLE), ("eventfd",)),
        (cards.irq_set(0), ()),
        (cards.irq_set()[:-1], ("eventfd",)),
    ],
)
def test_interrupts_that_cannot_be_set_are_refused(payload: bytes, kinds: tuple[str, ...]) -> None:
    client = Client(*cards.card())
    client.done(Command.VERSION, cards.version())
    client.done(Command.DEVICE_GET_INFO, cards.info(uapi.DeviceInfo))
    files = cards.open_files()
    fds = [cards.descriptor(kind) for kind in kinds]
    assert client.refused(Command.DEVICE_SET_IRQS, payload, fds) == errno.EINVAL
    assert cards.open_files() == files
    client.session.close()
