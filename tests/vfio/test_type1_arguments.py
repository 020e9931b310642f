"""A type1 ioctl with an arbitrary argument succeeds or fails with an errno of the tables."""

from __future__ import annotations

import struct
from errno import EBUSY, EEXIST, EFAULT, EINVAL, ENOENT

from hypothesis import given, settings
from hypothesis import strategies as st

from mdevref.kernel.core import Kernel
from mdevref.kernel.open_files import UserArgument
from mdevref.kernel.process import Process
from mdevref.mdev.eras import ERAS
from mdevref.vfio import uapi
from mdevref.vfio.type1 import Type1
from mdevref.vfio.uapi import DmaMap, DmaUnmap, Extension, IommuInfo
from tests.vfio.backends import TOP
from tests.vfio.users import PAGE

ALL = list(ERAS)
MINIMUM = {
    uapi.IOMMU_GET_INFO: IommuInfo.minimum,
    uapi.IOMMU_MAP_DMA: DmaMap.minimum,
    uapi.IOMMU_UNMAP_DMA: DmaUnmap.minimum,
}

_WORDS = st.sampled_from([0, 1, 2, 3, 4, 16, 24, 32, PAGE, 2 * PAGE, 0x10000, TOP - PAGE, TOP - 1]) | st.integers(
    0, TOP - 1
)


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(
    request=st.sampled_from([uapi.IOMMU_GET_INFO, uapi.IOMMU_MAP_DMA, uapi.IOMMU_UNMAP_DMA]),
    head=st.tuples(st.integers(0, 64), st.integers(0, 8)),
    words=st.tuples(_WORDS, _WORDS, _WORDS),
    length=st.integers(0, 40),
    era=st.sampled_from(ALL),
)
def test_no_argument_makes_more_of_it_than_an_error_of_the_tables(
    request: int, head: tuple[int, int], words: tuple[int, int, int], length: int, era: str
) -> None:
    kernel = Kernel(ERAS[era].kernel)
    process = Process(kernel.nodes, kernel.host_memory)
    type1 = Type1(kernel, ERAS[era], Extension.TYPE1V2)
    argument = bytearray(struct.pack("=II3Q", *head, *words).ljust(40, b"\0")[:length])
    for _ in range(2):
        try:
            assert type1.ioctl(request, UserArgument(process, argument)) == 0
        except OSError as error:
            seen = error.errno
            assert seen in (EINVAL, EFAULT, EEXIST, ENOENT, EBUSY)
            if request != uapi.IOMMU_GET_INFO or length >= 96:  # it returns more than the minimum
                assert (seen == EFAULT) == (length < MINIMUM[request])
    assert len(type1.mappings) <= 1
    assert kernel.host_memory.pinned == 0
