"""Download packages of any Debian suite by an apt with its own state, without root and without installing them.

apt verifies the archive's signatures and so the checksums in its lists. This module verifies the files against the
checksums, since ``apt-get download`` accepts every existing file of the right size.
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
#: Releases of the distribution as they appear in apt's configuration, to recognise its sites among others.
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
// The user to which apt would switch for a download has no access to root's cache.
APT::Sandbox::User "root";
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::Languages "none";
Acquire::Retries "2";
// The machine's hooks for its own updates do not apply to this state.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A package file of the archive: package, version, dependencies, file name, size in bytes and SHA-256."""

    name: str
    version: str
    depends: tuple[str, ...]
    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Apt:
    """An apt with its own lists, cache and empty status below ``folder``."""

    folder: Path

    def run(self, *argv: str, cwd: Path | None = None, tick: Callable[[], None] | None = None) -> str:
        """Run an apt program and return its output. Raises VmError with apt's first error message if it fails."""
        done = process.run([argv[0], "-c", str(self.folder / "apt.conf"), *argv[1:]], cwd=cwd, tick=tick)
        if done.returncode:
            raise VmError(f"{argv[0]} {argv[1]}: {complaint(done.stderr)}")
        return done.stdout


def complaint(stderr: str) -> str:
    """Return the most specific line of apt's error output: a full disk or network error before its consequences."""
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
    return "failed without an error message"


def machine_sites() -> list[tuple[str, str]]:
    """Return (site, release) of each Debian ``main`` component in this machine's apt configuration.

    The machine's lists need not be up to date.
    """
    done = process.run(["apt-get", "indextargets", "--no-release-info", "--format", "$(SITE) $(RELEASE) $(COMPONENT)"])
    if done.returncode:
        raise VmError(f"apt-get indextargets: {complaint(done.stderr)}")
    return parse_sites(done.stdout)


def parse_sites(output: str) -> list[tuple[str, str]]:
    """Return (site, release) of the lines ``SITE RELEASE COMPONENT`` for Debian's main component, each once."""
    found: dict[tuple[str, str], None] = {}
    for line in output.splitlines():
        fields = line.split()
        if len(fields) == 3 and fields[2] == "main" and fields[1].split("-")[0].split("/")[0] in RELEASES:
            found[fields[0], fields[1]] = None
    return list(found)


def site_for(suite: str, sites: Sequence[tuple[str, str]]) -> str:
    """Return the site for a suite: that of a configured release of the same kind (security updates have another site).

    Raises VmError if apt's configuration has no such site.
    """
    security = suite.endswith("-security")
    updated = {site for site, release in sites if release.endswith("-updates")}
    fitting = [site for site, release in sites if release.endswith("-security") == security]
    # Archives of other vendors may use Debian's names for their releases, but have no -updates.
    fitting.sort(key=lambda site: site not in updated)
    if not fitting:
        raise VmError(f"no Debian site for {suite} found in apt's configuration; kernels come from Debian's archive")
    return fitting[0]


def prepare(folder: Path, suites: Sequence[str]) -> Apt:
    """Set up an apt for the given suites below ``folder``, update its lists, and verify their signatures.

    A package that is in several suites comes from the first one.
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
    """Return a package of the lists, by default in its newest version. Raises VmError if it is not found."""
    try:
        output = apt.run("apt-cache", "show", "--no-all-versions", f"{name}={version}" if version else name)
    except VmError as error:
        raise VmError(f"package {name}{' ' + version if version else ''} not found in the archive ({error})") from error
    return _package(output.split("\n\n")[0], name)


def plan(apt: Apt, names: Sequence[str], suite: str) -> list[Package]:
    """Return the packages that installing ``names`` from ``suite`` on an empty machine would install."""
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
        # The file name that `apt-get download` uses; unlike that in the archive it contains the version's epoch.
        file = f"{name}_{fields['Version'].replace(':', '%3a')}_{fields['Architecture']}.deb"
        return Package(name, fields["Version"], depends, file, int(fields["Size"]), fields["SHA256"])
    except KeyError as missing:
        raise VmError(f"package {name}: field {missing} missing in apt's lists") from missing


def is_whole(path: Path, package: Package) -> bool:
    """Return whether a file has the size and checksum of the package."""
    if not path.is_file() or path.stat().st_size != package.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == package.sha256


def download(apt: Apt, packages: Sequence[Package], folder: Path, progress: Callable[[str], None]) -> list[Path]:
    """Download packages into a folder, resuming earlier downloads, and return the files after checking them.

    Raises VmError if a checksum does not match.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / package.file for package in packages]
    wanted = []
    for package, path in zip(packages, files, strict=True):
        if is_whole(path, package):
            continue
        # apt resumes a shorter file, but trusts one of the full length.
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
            raise VmError(f"{package.file}: checksum mismatch; fetch it again")
    return files


def unpack(package: Path, into: Path, tick: Callable[[], None] | None = None) -> None:
    """Unpack a package's files below a folder, without running its scripts."""
    done = process.run(["dpkg-deb", "--extract", package, into], tick=tick)
    if done.returncode:
        raise VmError(f"cannot unpack {package.name}: {complaint(done.stderr)}")
