"""``mtty``: the sample driver of virtual serial cards, one or two ports each, always in loop-back (facts 5).

``driver`` is the module with its types and attributes, ``card`` the device behind one UUID, made of ``config`` (its
configuration space), ``uart`` (a port) and ``interrupts``; ``releases`` says where kernels differ.

What the sample leaves undefined is decided here, once, so that nothing of it can hurt a caller:

* A read past the 255 bytes of configuration space, which in the kernel finds its neighbours in memory: zero.
* The second to fourth byte of a wide read of a register, a read of a register past the eighth and a read of the data
  register of an empty FIFO, which leave the caller's buffer as it was: zero.
* A BAR in configuration space that is written with one or two bytes, where the kernel takes the rest from its stack:
  the rest is zero.
* BAR2 to BAR5, where the kernel reaches behind the ports: all ones is read, what is written is lost.
* An interrupt while no eventfd is there for it (oddity M6: a dereferenced null pointer) or after it was taken away
  (a dangling one): nothing happens.
* An empty list of eventfds, of which the kernel takes the first: as a list of -1.

Not modelled: that a card can be migrated (6.12). It has no such feature here, as before.
"""

from mdevref.drivers.mtty.driver import PORTS, Mtty

__all__ = ["PORTS", "Mtty"]
