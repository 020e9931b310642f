"""Hosts whose mtty cards report or deliver interrupts wrongly."""

from __future__ import annotations

from dataclasses import replace
from errno import ENOTTY
from functools import partial

from mdevref.drivers.mtty import Mtty
from mdevref.drivers.mtty.card import Caller, Card
from mdevref.drivers.mtty.interrupts import EarlierInterrupts, Interrupts, LaterInterrupts, LookUp
from mdevref.kernel.errors import fail
from mdevref.vfio import uapi
from mdevref.vfio.arguments import give, take
from mdevref.vfio.uapi import IrqFlags, IrqSet, IrqSetFlags, PciIrq
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="sample")


@wrong({"sample.irqs": "expected flags 0x7, a count of 1; seen: flags 0x3, a count of 1"})
class does_not_mask_itself(Card):
    """The flags of INTx do not say that the device masks it."""

    def get_irq_info(self, argument: Caller) -> None:
        super().get_irq_info(argument)
        info = take(argument, uapi.IrqInfo)
        info.flags &= ~int(IrqFlags.AUTOMASKED)
        give(argument, info)


@wrong({"sample.no-irqs": "expected EINVAL; seen: "})
class knows_every_interrupt(Card):
    """DEVICE_GET_IRQ_INFO of a card succeeds for every index, even an unknown one."""

    def get_irq_info(self, argument: Caller) -> None:
        if take(argument, uapi.IrqInfo).index in (PciIrq.INTX, PciIrq.MSI, PciIrq.REQ):
            super().get_irq_info(argument)


@wrong({"sample.irq-request": "EINVAL"})
class cannot_be_asked_for(Mtty):
    """A card has no request interrupt, as in 6.12."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # handed through
        self.release = replace(self.release, answers_req=False)


@wrong({"sample.no-irq-request": "expected EINVAL; seen: "}, era="6.12")
class can_still_be_asked_for(Mtty):
    """A card has a request interrupt, as in 6.1."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # handed through
        self.release = replace(self.release, answers_req=True)


@wrong({"sample.irqs-after-info": "expected EINVAL; seen: "})
class knows_its_interrupts_at_once(Card):
    """Interrupts can be set before the device information was requested."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # handed through
        self.irqs = uapi.PCI_IRQS


@wrong({"sample.connected": "; seen: 0"})
class never_interrupts(EarlierInterrupts):
    """A port never signals an interrupt."""

    def signal(self) -> None:
        pass


class _KeepsTheFirst(Interrupts):
    """Connecting an interrupt a second time has no effect."""

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        if not payload or wanted.index not in self.events:
            super().set(wanted, payload, look_up)


@wrong({"sample.connected-again": "expected a signal of only the last eventfd; seen: 1, 0"})
class keeps_the_first_eventfd(_KeepsTheFirst, EarlierInterrupts):
    """INTx stays connected to its first eventfd when a second one is set."""


@wrong({"sample.msi-connected-again": "expected a signal of only the last eventfd; seen: 1, 0"}, era="6.12")
class keeps_the_first_eventfd_of_msi(_KeepsTheFirst, LaterInterrupts):
    """MSI stays connected to its first eventfd when a second one is set, as in 6.1."""


@wrong({"sample.msi-stays": "; seen: "})
class msi_can_be_connected_again(EarlierInterrupts):
    """A new eventfd of MSI replaces the previous one, as in 6.12."""

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        self._has_had_msi = False
        super().set(wanted, payload, look_up)


@wrong({"sample.last-connected": "expected a signal of MSI; seen: none"})
class prefers_intx(EarlierInterrupts):
    """MSI receives no interrupts while INTx is connected."""

    def signal(self) -> None:
        if PciIrq.INTX in self.events:
            self.events[PciIrq.INTX].signal()
        else:
            super().signal()


@wrong({"sample.msi-disconnected": "expected a signal of INTx; seen: none"})
class signals_nothing_after_msi(EarlierInterrupts):
    """After MSI was disconnected, interrupts are lost until MSI is connected again."""

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        super().set(wanted, payload, look_up)
        if wanted.index != PciIrq.MSI or not wanted.flags & IrqSetFlags.ACTION_TRIGGER:
            return
        if wanted.flags & IrqSetFlags.DATA_NONE:
            self.active = None
        elif self.active is None:
            self.active = PciIrq.INTX


@wrong({"sample.one-connected": "expected EINVAL; seen: "}, era="6.12")
class connects_both(LaterInterrupts):
    """INTx and MSI can be connected at the same time."""

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        if payload:
            self.drop_all()
        super().set(wanted, payload, look_up)


@wrong({"sample.disconnected": "expected no signal of "}, era="6.12")
class stays_connected(LaterInterrupts):
    """Disconnecting an interrupt has no effect."""

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        if wanted.count or not wanted.flags & IrqSetFlags.DATA_NONE:
            super().set(wanted, payload, look_up)


@wrong({"sample.descriptor-refused": "expected EBADF; seen: "})
class connects_to_nothing(EarlierInterrupts):
    """A descriptor that is not open is ignored."""

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        try:
            super().set(wanted, payload, look_up)
        except OSError:
            return


@wrong({"sample.intx-each-time": "expected 2 signals of INTx; seen: 0"})
class masks_intx(EarlierInterrupts):
    """INTx can be masked, as in 6.12."""

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        super().set(wanted, payload, look_up)
        if wanted.flags & (IrqSetFlags.ACTION_MASK | IrqSetFlags.ACTION_UNMASK):
            self.is_masked = bool(wanted.flags & IrqSetFlags.ACTION_MASK)

    def signal(self) -> None:
        if not self.is_masked:
            super().signal()


@wrong({"sample.intx-mask-accepted": "expected success; seen: ENOTTY"})
class intx_cannot_be_masked(EarlierInterrupts):
    """Masking INTx fails with ENOTTY."""

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        if wanted.flags & IrqSetFlags.ACTION_MASK:
            raise fail(ENOTTY, "mask")
        super().set(wanted, payload, look_up)


@wrong({"sample.intx-masks-itself": "expected 1 signals of INTx; seen: 2"}, era="6.12")
class intx_does_not_mask_itself(LaterInterrupts):
    """INTx is not masked automatically when it is signalled."""

    def signal(self) -> None:
        was_masked = self.is_masked
        super().signal()
        self.is_masked = was_masked


@wrong(
    {
        "sample.intx-masked": "expected no signal of INTx; seen: 1",
        "sample.mask-unconnected": "expected EINVAL; seen: ",
        "sample.msi-unmaskable": "expected ENOTTY; seen: ",
    },
    era="6.12",
)
class masking_does_nothing(LaterInterrupts):
    """Masking and unmasking succeed without effect, as in 6.1."""

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        if wanted.flags & IrqSetFlags.ACTION_TRIGGER:
            super().set(wanted, payload, look_up)
        elif wanted.flags & IrqSetFlags.ACTION_UNMASK:
            self.is_masked = False


@wrong({"sample.triggered": "; seen: "}, era="6.12")
class cannot_be_triggered(LaterInterrupts):
    """Triggering an interrupt from user space disconnects it, as in 6.1."""

    def set(self, wanted: IrqSet, payload: bytes, look_up: LookUp) -> None:
        if wanted.count == 1 and wanted.flags & IrqSetFlags.DATA_NONE and wanted.flags & IrqSetFlags.ACTION_TRIGGER:
            wanted.count = 0
        super().set(wanted, payload, look_up)
