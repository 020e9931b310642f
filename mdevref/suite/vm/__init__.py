"""``vm:`` targets: the suite inside a real Linux kernel, which is booted in QEMU with a self-contained initramfs.

``kernels`` describes as data what each kernel needs. ``apt`` and ``fetch`` download it into a cache, and ``samples``
builds the sample vendor drivers there. ``image`` and ``modules`` read kernels and their modules. ``initramfs`` packs a
guest, and ``boot`` runs it. If ``accelerator`` finds that KVM cannot run kernels, guests run under TCG. None of this
needs root, and neither the repository nor the wheel contains any part of a kernel.
"""

from __future__ import annotations

from mdevref.suite.errors import BadInput


class VmError(BadInput):
    """A guest cannot be fetched, packed or run; the message says why, in one line."""
