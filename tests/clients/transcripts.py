"""Transcripts of real clients on described hosts: commands, output and exit status.

``transcripts/CLIENT-HOST.txt`` contains the commands of one shell, each after ``$``, followed by stdout and stderr, and
the exit status after ``->``. The first command prints the client's version, because the output differs between
versions. In a transcript with ``time_passes``, the host's clock is manual: delayed events occur at that command,
independently of the machine's speed. ``python -m tests.clients.transcripts`` rewrites the transcripts.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = Path(__file__).parent / "transcripts"

#: Defines names before the commands. ``until_it_is COMMAND`` waits until COMMAND succeeds.
PREAMBLE = """\
A=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001 B=83b8f4f2-509f-382f-3c1e-e6bfe0fa1002 C=83b8f4f2-509f-382f-3c1e-e6bfe0fa1003
until_it_is() { i=0; until "$@" >/dev/null 2>&1; do i=$((i + 1)); [ $i -lt 1000 ] || return 1; sleep 0.01; done; }
time_passes() { kill -USR1 $PPID; }
"""

#: Runs a command on a host whose clock advances by a day when the command sends SIGUSR1.
TIMELESS = """\
import signal, sys
from mdevref import hosts
from mdevref.servers.sysfs import private
clock = hosts.ManualClock()
signal.signal(signal.SIGUSR1, lambda *_: clock.advance(86_400))
host = hosts.load(sys.argv[1], clock=clock)
sys.exit(private.run(lambda: host, sys.argv[2:], with_root=False, with_udev=False))
"""

#: Starts libvirt's daemon with only its node device driver, in an empty /run, with uevents.
LIBVIRT = """\
mkdir -p /run/drivers /run/libvirt
ln -s /usr/lib/*/libvirt/connection-driver/libvirt_driver_nodedev.so /run/drivers
export LIBVIRT_DRIVER_DIR=/run/drivers LIBVIRT_DEFAULT_URI=nodedev:///system
libvirtd >/run/said 2>&1 &
trap "kill $!" EXIT
until_it_is virsh nodedev-list
device() {
  cat >/run/device.xml <<XML
<device><parent>$1</parent><capability type='mdev'><type id='$2'/><uuid>$3</uuid></capability></device>
XML
}
has_none() { test -z "$(virsh nodedev-list --cap mdev)"; }
"""

#: For each client: shell code before the commands, and options of ``mdevref run``.
SETTINGS: Mapping[str, tuple[str, Sequence[str]]] = {"libvirt": (LIBVIRT, ("--udev",)), "udevadm": ("", ("--udev",))}


def found(client: str) -> list[Path]:
    """Return the transcripts of a client."""
    return sorted(FOLDER.glob(f"{client}-*.txt"))


def host_of(path: Path) -> str:
    return path.stem.partition("-")[2]


def commands(text: str) -> list[str]:
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]


def version(text: str) -> str:
    """Return the client's version in a transcript."""
    return text.partition("\n")[2].partition("\n-> ")[0]


def replay(path: Path) -> str:
    """Run the transcript's commands on its host and return the new transcript."""
    before, options = SETTINGS.get(path.name.partition("-")[0], ("", ()))
    lines = [PREAMBLE + before]
    for command in commands(path.read_text()):
        lines += [f"printf '%s\\n' {shlex.quote(f'$ {command}')}", f"{{ {command}\n}} 2>&1", "printf -- '-> %s\\n' $?"]
    run = [sys.executable, "-c", "from mdevref.cli import main; main()", "run", "--host", host_of(path), *options, "--"]
    if "time_passes" in path.read_text():
        run = [sys.executable, "-c", TIMELESS, host_of(path)]
    done = subprocess.run([*run, "sh", "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


if __name__ == "__main__":
    for transcript in [FOLDER / name for name in sys.argv[1:]] or sorted(FOLDER.glob("*.txt")):
        transcript.write_text(replay(transcript))
        print(transcript)
