"""``vm:`` targets: the same suite inside a real Linux kernel, booted in QEMU with everything it needs in one initramfs.

``kernels`` says in data what each kernel needs, ``apt`` and ``fetch`` bring it into a cache, ``samples`` builds the
sample vendor drivers there, ``image`` and ``modules`` read kernels and their modules, ``initramfs`` packs a guest and
``boot`` runs it, under TCG where ``accelerator`` finds that KVM cannot run kernels. Nothing here needs root, and
nothing of a kernel enters the repository or the wheel.
"""

from __future__ import annotations

from mdevref.suite.errors import BadInput


class VmError(BadInput):
    """What keeps a guest from being fetched, packed or run, in one line that a person can act upon."""
