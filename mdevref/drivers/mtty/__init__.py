"""``mtty``: the sample driver of virtual serial cards with one or two ports in loop-back (facts 5).

``driver`` is the module with its types and attributes. ``card`` is the state of one device; it uses ``config`` (the
configuration space), ``uart`` (a port) and ``interrupts``. ``releases`` describes the differences between kernels.

The sample leaves some cases undefined. They are defined here as follows, so that they cannot harm a caller:

* A read beyond the 255 bytes of configuration space returns zero. The kernel returns adjacent memory.
* Some reads leave the caller's buffer unchanged in the kernel and return zero here. They are the second to fourth byte
  of a wide register read, a read beyond the eighth register, and a read of the data register of an empty FIFO.
* If one or two bytes of a BAR in configuration space are written, the other bytes become zero. The kernel takes them
  from its stack.
* BAR2 to BAR5 read as all ones, and writes are ignored. The kernel accesses memory beyond the ports.
* An interrupt without an eventfd is ignored. The kernel dereferences a null pointer (oddity M6), or a dangling pointer
  if the eventfd was removed.
* An empty list of eventfds counts as a list of -1. The kernel reads a first element that does not exist.

Migration of a card (6.12) is not modelled: as in earlier releases, the card does not have the feature.
"""

from mdevref.drivers.mtty.driver import PORTS, Mtty

__all__ = ["PORTS", "Mtty"]
