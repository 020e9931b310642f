"""A hundred thousand malformed messages: none may block or crash the server, or leak memory."""

from __future__ import annotations

import os
import struct
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random

from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.device import ClientDevice
from mdevref.servers.vfio_user.protocol import HEADER, Command, Malformed
from mdevref.servers.vfio_user.session import MAX_FDS, Session
from tests.servers.vfio_user import cards

SEED = int(os.environ.get("FUZZ_SEED", "20261123"))
IN_PROCESS = int(os.environ.get("FUZZ_MESSAGES", "100000"))
OVER_THE_SOCKET = 2000
WARM_UP = 10_000  #: messages after which memory must not grow
#: Allowed growth: Python's memory blocks, and bytes of other memory such as mappings and buffers. The latter grows in
#: steps of megabytes, especially in a process that has run other tests.
BLOCKS, BYTES = 9_000, 32 << 20
_EDGES = (0, 1, 2, 3, 7, 8, 15, 16, 255, 256, 4095, 4096, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_KINDS = ("eventfd", "memory", "null")

VERSION = protocol.pack(0, Command.VERSION, cards.version())
Fuzzed = tuple[bytes, tuple[str, ...]]


def fuzzed(rng: Random) -> Fuzzed:
    """Return a possibly malformed message, and the kinds of its file descriptors."""
    command, payload, kinds = rng.choice((*cards.VALID, (Command.VERSION, cards.version(), ())))
    message = bytearray(protocol.pack(rng.getrandbits(16), command, payload))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 5))):
        _spoil(rng, message)
    if rng.random() < 0.2:
        kinds = tuple(rng.choices(_KINDS, k=rng.choice((0, 1, 2, 3, MAX_FDS))))
    if rng.random() < 0.7 and len(message) >= HEADER.size:
        struct.pack_into("=I", message, 4, len(message))  # otherwise most messages would only have a wrong size
    return bytes(message), kinds


def _spoil(rng: Random, message: bytearray) -> None:
    match rng.randrange(7):
        case 0:
            at = rng.randrange(len(message) or 1)
            message[at : at + 1] = bytes((rng.getrandbits(8),))
        case 1:
            del message[rng.randrange(len(message) + 1) :]
        case 2:
            message += rng.randbytes(rng.choice((1, 4, 16, 300)))
        case 3 if len(message) >= 4:
            at = rng.randrange(0, len(message) - 3, 4 if len(message) >= 8 else 1)
            struct.pack_into("=I", message, at, rng.choice(_EDGES))
        case 4 if len(message) >= HEADER.size:
            struct.pack_into("=H", message, 2, rng.randrange(20))
        case 5 if len(message) >= HEADER.size:
            struct.pack_into("=I", message, 8, rng.choice((0, 0x10, 1, 0x20, 0x11, rng.getrandbits(32))))
        case 6 if len(message) > HEADER.size:
            start = rng.randrange(HEADER.size, len(message))
            message[start:] = rng.randbytes(len(message) - start)


def test_a_hundred_thousand_messages_do_no_harm(tmp_path: Path) -> None:
    print(f"\nmessages chosen by FUZZ_SEED={SEED}")
    rng = Random(SEED)
    with cards.served(tmp_path) as (server, host, uuid, _):
        said: list[str] = []
        sessions = replies = 0
        session: Session | None = None
        files, blocks, memory = cards.open_files(), 0, 0
        for number in range(IN_PROCESS):
            if session is None:
                session = Session(partial(ClientDevice, host, uuid), said.append)
                sessions += 1
                assert not HEADER.unpack_from(_give(session, VERSION, ()))[4]
            replies += bool(_give(session, *fuzzed(rng)))
            if session.is_over:
                session.close()
                session = None
            if number == WARM_UP:
                blocks, memory = sys.getallocatedblocks(), cards.resident()
            said.clear() if not any("internal error of the device" in line for line in said) else None
        if session is not None:
            session.close()
        assert said == []
        assert cards.open_files() == files
        assert sys.getallocatedblocks() - blocks < BLOCKS
        assert cards.resident() - memory < BYTES
        # If all messages failed the first check, nothing would be tested.
        assert replies > IN_PROCESS // 4
        assert sessions < IN_PROCESS // 2
        assert cards.echo(server.path) == b"well-behaved"


def _give(session: Session, message: bytes, kinds: tuple[str, ...]) -> bytes:
    """Pass a message to a session as the server does. Return the reply, if any, after checking it."""
    header = message[: HEADER.size]
    if len(header) < HEADER.size:
        return b""
    number, command, _, flags, _ = HEADER.unpack(header)
    try:
        size = session.payload_size(header)
    except Malformed as error:
        reply = session.refuse(header, error)
    else:
        payload = message[HEADER.size : HEADER.size + size]
        if len(payload) < size:
            session.is_over = True  # the server would wait for the rest
            return b""
        reply = session.answer(header, payload, [cards.descriptor(kind) for kind in kinds])
    if reply:
        answered = HEADER.unpack_from(reply)
        assert not flags & protocol.NO_REPLY
        assert answered[:2] == (number, command)
        assert answered[2] == len(reply)
        assert (answered[3] == protocol.REPLY | protocol.ERROR) == bool(answered[4])
        assert answered[3] in (protocol.REPLY, protocol.REPLY | protocol.ERROR)
    return reply


def test_what_comes_over_the_socket_does_no_harm(tmp_path: Path) -> None:
    print(f"\nmessages chosen by FUZZ_SEED={SEED}")
    rng = Random(SEED)
    with cards.served(tmp_path) as (server, _, _, lines):
        files = cards.open_files()
        sent = 0
        while sent < OVER_THE_SOCKET:
            client = cards.RawClient(server.path)
            if rng.random() < 0.9:
                client.agree()
            with suppress(BrokenPipeError, ConnectionResetError):
                for _ in range(rng.randrange(1, 20)):
                    message, kinds = fuzzed(rng)
                    if message:
                        client.send(message, kinds)
                    sent += 1
            client.close()  # without reading replies, possibly within a message
        assert cards.echo(server.path) == b"well-behaved"
        assert not [line for line in lines if "internal error of the device" in line]
    assert cards.open_files() < files
