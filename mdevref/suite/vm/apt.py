"""Packages of any suite of the distribution, through apt with a state of its own: no root, and nothing is installed.

apt checks the archive's signatures and so vouches for the checksums in its lists; the files themselves are checked here
against those, since ``apt-get download`` takes a file of the right size that is already there for good.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mdevref.suite.vm import VmError, process

ARCHITECTURE = "amd64"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
#: Releases of the distribution as they appear in apt's configuration, to tell its sites from anybody else's.
RELEASES = (
    "buster",
    "bullseye",
    "bookworm",
    "trixie",
    "forky",
    "duke",
    "oldoldstable",
    "oldstable",
    "stable",
    "testing",
    "sid",
    "unstable",
)

_CONFIGURATION = """\
Dir::State "{folder}/state";
Dir::State::lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Cache::archives "{folder}/archives";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "{folder}/preferences";
Dir::Etc::preferencesparts "/dev/null";
Dir::Log "{folder}";
// Root's cache is closed to the user that apt would become for a download.
APT::Sandbox::User "root";
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::Languages "none";
Acquire::Retries "2";
// What the machine does after its own updates is no business of this state.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A file of the archive: package, version, the file's name, its size in bytes and its SHA-256."""

    name: str
    version: str
    depends: tuple[str, ...]
    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Apt:
    """apt with lists, cache and an empty status of its own, below ``folder``."""

    folder: Path

    def run(self, *argv: str, cwd: Path | None = None, tick: Callable[[], None] | None = None) -> str:
        """The output of an apt program; VmError with apt's own first complaint when it fails."""
        done = process.run([argv[0], "-c", str(self.folder / "apt.conf"), *argv[1:]], cwd=cwd, tick=tick)
        if done.returncode:
            raise VmError(f"{argv[0]} {argv[1]}: {complaint(done.stderr)}")
        return done.stdout


def complaint(stderr: str) -> str:
    """The line of apt's error output that says what is wrong; a full disk and a dead network come before their echo."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    for pattern in (
        r"No space left",
        r"resolv|onnect|timed out|unreachable",
        r"NO_PUBKEY|signature|not signed",
        r"^E:",
        r".",
    ):
        for line in lines:
            if re.search(pattern, line):
                return re.sub(r"^[EW]: ", "", line)
    return "failed without a word"


def machine_sites() -> list[tuple[str, str]]:
    """(site, release) of every ``main`` of the distribution in this machine's apt configuration, updated or not."""
    done = process.run(["apt-get", "indextargets", "--no-release-info", "--format", "$(SITE) $(RELEASE) $(COMPONENT)"])
    if done.returncode:
        raise VmError(f"apt-get indextargets: {complaint(done.stderr)}")
    return parse_sites(done.stdout)


def parse_sites(output: str) -> list[tuple[str, str]]:
    """The lines ``SITE RELEASE COMPONENT`` that concern the distribution's main component, each once, in order."""
    found: dict[tuple[str, str], None] = {}
    for line in output.splitlines():
        fields = line.split()
        if len(fields) == 3 and fields[2] == "main" and fields[1].split("-")[0].split("/")[0] in RELEASES:
            found[fields[0], fields[1]] = None
    return list(found)


def site_for(suite: str, sites: Sequence[tuple[str, str]]) -> str:
    """The site to ask for a suite: that of a release of the same sort (security updates have a site of their own)."""
    security = suite.endswith("-security")
    updated = {site for site, release in sites if release.endswith("-updates")}
    fitting = [site for site, release in sites if release.endswith("-security") == security]
    # Somebody else's archive may use the distribution's names for its releases, yet it has no -updates.
    fitting.sort(key=lambda site: site not in updated)
    if not fitting:
        raise VmError(f"apt's configuration names no Debian site for {suite}: vm: kernels come from Debian's archive")
    return fitting[0]


def prepare(folder: Path, suites: Sequence[str]) -> Apt:
    """An apt of its own for the given suites, its lists brought up to date and their signatures checked.

    A package that several suites carry comes from the first.
    """
    for name in ("apt-get", "apt-cache", "dpkg-deb"):
        process.program(name)
    for part in ("state", "lists/partial", "cache", "archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "status").write_text("")
    sites = machine_sites()
    options = f"[arch={ARCHITECTURE} target=Packages" + (f" signed-by={KEYRING}]" if KEYRING.exists() else "]")
    (folder / "sources.list").write_text(
        "".join(f"deb {options} {site_for(suite, sites)} {suite} main\n" for suite in suites)
    )
    (folder / "preferences").write_text(f"Package: *\nPin: release n={suites[0]}\nPin-Priority: 990\n")
    (folder / "apt.conf").write_text(_CONFIGURATION.format(folder=folder, architecture=ARCHITECTURE))
    apt = Apt(folder)
    apt.run("apt-get", "update", "--error-on=any")
    return apt


def show(apt: Apt, name: str, version: str | None = None) -> Package:
    """What the lists say of a package, its newest version unless one is given."""
    try:
        output = apt.run("apt-cache", "show", "--no-all-versions", f"{name}={version}" if version else name)
    except VmError as error:
        raise VmError(f"the archive has no package {name}{' ' + version if version else ''} ({error})") from error
    return _package(output.split("\n\n")[0], name)


def plan(apt: Apt, names: Sequence[str], suite: str) -> list[Package]:
    """Packages and all that they need on a machine that has nothing, as installing them from ``suite`` would bring."""
    output = apt.run("apt-get", "install", "--simulate", "--no-install-recommends", "-t", suite, *names)
    found = re.findall(r"^Inst (\S+) \((\S+) ", output, re.MULTILINE)
    shown = apt.run("apt-cache", "show", *(f"{name}={version}" for name, version in found))
    packages = (_package(text, "") for text in shown.split("\n\n") if text.strip())
    # Two suites may carry the same package.
    return list({(package.name, package.version): package for package in packages}.values())


def _package(text: str, name: str) -> Package:
    fields = dict(re.findall(r"^([A-Za-z0-9-]+): (.*)$", text, re.MULTILINE))
    depends = tuple(
        re.split(r"[ :(|]", part.strip())[0] for part in fields.get("Depends", "").split(",") if part.strip()
    )
    name = name or fields.get("Package", "")
    try:
        # The name that `apt-get download` gives a file: unlike the archive's own it has the version's epoch.
        file = f"{name}_{fields['Version'].replace(':', '%3a')}_{fields['Architecture']}.deb"
        return Package(name, fields["Version"], depends, file, int(fields["Size"]), fields["SHA256"])
    except KeyError as missing:
        raise VmError(f"apt's lists say nothing of {missing} for the package {name}") from missing


def is_whole(path: Path, package: Package) -> bool:
    """Whether a file is the package, to the bit."""
    if not path.is_file() or path.stat().st_size != package.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == package.sha256


def download(apt: Apt, packages: Sequence[Package], folder: Path, progress: Callable[[str], None]) -> list[Path]:
    """Bring packages into a folder, going on where an earlier download stopped; the files, each checked."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / package.file for package in packages]
    wanted = []
    for package, path in zip(packages, files, strict=True):
        if is_whole(path, package):
            continue
        # apt goes on with a file that is shorter, and trusts one that is as long.
        if path.exists() and path.stat().st_size >= package.size:
            path.unlink()
        wanted.append(f"{package.name}={package.version}")
    if wanted:
        total = sum(package.size for package in packages)

        def tick() -> None:
            here = sum(path.stat().st_size for path in files if path.exists())
            progress(f"downloading, {here / 1e6:.0f} of {total / 1e6:.0f} MB")

        apt.run("apt-get", "download", *wanted, cwd=folder, tick=tick)
    for package, path in zip(packages, files, strict=True):
        if not is_whole(path, package):
            path.unlink(missing_ok=True)
            raise VmError(f"{package.file} arrived damaged; fetch it again")
    return files


def unpack(package: Path, into: Path, tick: Callable[[], None] | None = None) -> None:
    """Unpack a package's files below a folder, nothing of it run."""
    done = process.run(["dpkg-deb", "--extract", package, into], tick=tick)
    if done.returncode:
        raise VmError(f"unpacking {package.name}: {complaint(done.stderr)}")
