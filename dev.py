#!/usr/bin/env python3
"""The one script that sets up, checks and tests Falconer: `python3 dev.py help`.

It needs Python 3.11 or newer and nothing else: no package of its own, no activated environment. What it makes lies in
two folders beside it: `.dev/` (the package manager uv, the demo's data) and `.venv/` (the environment, as `uv.lock`
says). Removing both undoes all of it.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

UV_VERSION = "0.13.9"
OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / ".dev"
ENVIRONMENT = ROOT / ".venv"
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
SUFFIX = ".exe" if os.name == "nt" else ""
CHROMIUM = Path("/usr/bin/chromium")
SIDE_BY_SIDE = ("-n", "2")
DEMO_HOME = TOOLS / "demo-home"
DEMO_SAMPLE = "support_tickets"
DEMO_CALLS = 160
"""Enough for a verdict, and less than five minutes on two cores."""


class Problem(Exception):
    """Something the person at the keyboard has to know; the message is the whole story."""


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, quiet: bool = False) -> int:
    """Run a command in the repository's folder and return its exit code.

    Args:
        command: program and arguments.
        env: variables added to the present ones.
        quiet: keep the output back, and show it only when the command fails.

    Raises:
        Problem: the program is not there.
    """
    sys.stdout.flush()
    pipe = subprocess.PIPE if quiet else None
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdout=pipe,
            stderr=subprocess.STDOUT if quiet else None,
        )
    except FileNotFoundError as error:
        raise Problem(f"The program '{command[0]}' is not there. Run `python3 dev.py sync`, then try again.") from error
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: process.terminate())
    try:
        output = _outcome(process)
    finally:
        signal.signal(signal.SIGTERM, before)
    if quiet and process.returncode:
        sys.stderr.buffer.write(output)
        sys.stderr.flush()
    return process.returncode


def _outcome(process: subprocess.Popen[bytes]) -> bytes:
    """Wait for a program's end. Ctrl-C reaches it too, and it may have things to put away before it ends."""
    try:
        return process.communicate()[0] or b""
    except KeyboardInterrupt:
        process.wait()
        raise


def tool(name: str) -> Path:
    """Return the path of a program in the environment."""
    return ENVIRONMENT / SCRIPTS / (name + SUFFIX)


def base_python() -> str:
    """Return the interpreter behind whatever environment this script was started in."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def apt_install(package: str) -> bool:
    """Install one of Debian's packages where this user may; return whether it was done."""
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"Installing Debian's {package} with apt-get.", flush=True)
    quiet_apt = {"DEBIAN_FRONTEND": "noninteractive"}
    update = run(["apt-get", "update", "-q"], env=quiet_apt, quiet=True)
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", package]
    return not update and not run(install, env=quiet_apt, quiet=True)


def bootstrap() -> Path:
    """Return uv in the pinned version, fetched into `.dev/` where it is not there yet.

    Raises:
        Problem: this Python cannot make environments, or uv cannot be downloaded.
    """
    home = TOOLS / f"uv-{UV_VERSION}"
    program = home / SCRIPTS / ("uv" + SUFFIX)
    if program.exists():
        return program
    print(f"Fetching uv {UV_VERSION} into .dev/.", flush=True)
    # Made beside its place and then moved: an interrupted download leaves nothing that looks complete.
    unfinished = TOOLS / f"unfinished-{os.getpid()}"
    try:
        make: list[str | Path] = [base_python(), "-m", "venv", unfinished]
        if not _can_make_environments() and not apt_install("python3-venv"):
            raise Problem(
                f"{base_python()} cannot make environments: its venv or ensurepip module is missing. "
                "On Debian or Ubuntu run `apt-get install python3-venv`, then try again."
            )
        if run(make, quiet=True):
            raise Problem(f"The environment for uv could not be made in {unfinished}: the reason is above.")
        python = unfinished / SCRIPTS / ("python" + SUFFIX)
        pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if run([*pip, "--only-binary", ":all:", f"uv=={UV_VERSION}"], quiet=True):
            raise Problem(
                f"uv {UV_VERSION} could not be downloaded: the reason is above. Check the network; "
                "behind a proxy or a mirror set HTTPS_PROXY or PIP_INDEX_URL, then try again."
            )
        if not program.exists():
            shutil.rmtree(home, ignore_errors=True)
            unfinished.rename(home)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return program


def _can_make_environments() -> bool:
    return run([base_python(), "-c", "import ensurepip, venv"], quiet=True) == 0


def uv(*arguments: str) -> int:
    """Run uv on this repository and return its exit code."""
    settings = {
        # The environment uses the Python that is there; uv would otherwise fetch one of its own.
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_PYTHON": base_python(),
        "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT),
        "UV_HTTP_TIMEOUT": os.environ.get("UV_HTTP_TIMEOUT", "180"),
    }
    os.environ.pop("VIRTUAL_ENV", None)
    return run([bootstrap(), *arguments], env=settings)


def sync(arguments: Sequence[str] = ()) -> int:
    """Make .venv exactly as uv.lock says, with `falconer` in it."""
    begun = time.monotonic()
    if uv("sync", "--frozen", "--quiet", *arguments):
        raise Problem(
            "The environment .venv could not be made: uv's reason is above. It downloads about 450 MB of packages the "
            "first time, so check the network and the free disk space, then run `python3 dev.py sync` again."
        )
    seconds = time.monotonic() - begun
    if seconds > 2:
        print(f"The environment .venv is ready ({seconds:.0f} s).", flush=True)
    return 0


def demo(arguments: Sequence[str] = ()) -> int:
    """Improve the prompt of a bundled sample task on the embedded model: `demo [SAMPLE] [OPTIONS]`."""
    sync()
    sample = [DEMO_SAMPLE] if not arguments or arguments[0].startswith("-") else []
    cap = [] if "--max-calls" in arguments else ["--max-calls", str(DEMO_CALLS)]
    home = os.environ.get("FALCONER_HOME") or str(DEMO_HOME)
    return run([tool("falconer"), "improve", *sample, *arguments, *cap], env={"FALCONER_HOME": home})


def app(arguments: Sequence[str] = ()) -> int:
    """Open the web application with a sample task: `app [--port N] [--no-browser]`."""
    sync()
    home = os.environ.get("FALCONER_HOME") or str(DEMO_HOME)
    return run([tool("falconer"), "app", *arguments], env={"FALCONER_HOME": home})


def check(arguments: Sequence[str] = ()) -> int:
    """Run ruff, mypy, import-linter and the tests of architecture and docs; all of them, whatever fails."""
    if arguments:
        raise Problem("`dev.py check` takes no arguments.")
    sync()
    steps: dict[str, list[str | Path]] = {
        "ruff check": [tool("ruff"), "check", "."],
        "ruff format": [tool("ruff"), "format", "--check", "."],
        "mypy": [tool("mypy")],
        "import-linter": [tool("lint-imports")],
        "docs and architecture": [tool("pytest"), "tests/docs", "tests/architecture", "-m", "not model"],
    }
    failed = []
    for name, command in steps.items():
        print(f"-- {name}", flush=True)
        if run(command):
            failed.append(name)
    if failed:
        raise Problem(f"Failed: {', '.join(failed)}. `.venv/bin/ruff check --fix . && .venv/bin/ruff format .` helps.")
    print("All checks passed.")
    return 0


def test(arguments: Sequence[str] = ()) -> int:
    """Install what the tests need and run all of them; arguments after `--` go to pytest."""
    sync()
    missing = _missing()
    absent = [f"not {marker}" for marker in missing]
    if arguments:
        return run([tool("pytest"), *(["-m", " and ".join(absent)] if absent else []), *arguments])
    # Without arguments everything runs, two at a time, shared out as tests/conftest.py says. Browser tests go by
    # themselves: Playwright keeps a loop running in its process, and no other asyncio test can run beside it.
    code = run([tool("pytest"), "-m", " and ".join(["not browser", *absent]), *SIDE_BY_SIDE])
    if "browser" in missing:
        return code
    browser: list[str | Path] = [tool("pytest"), "-m", " and ".join(["browser", *absent])]
    if run([*browser, *SIDE_BY_SIDE]):
        print("Browser tests that failed are tried once more, one at a time: a busy machine makes pages late.")
        return max(code, run([*browser, "--last-failed"]))
    return code


def _missing() -> list[str]:
    """Install what the tests need besides Python; return the markers of those that cannot run here.

    Raises:
        Problem: something cannot be installed, in CI.
    """
    missing = []
    for marker, (title, package, is_there) in NEEDED.items():
        if is_there() or (apt_install(package) and is_there()):
            continue
        advice = f"{title} is not installed; on Debian or Ubuntu run `sudo apt-get install {package}`."
        if os.environ.get("CI"):
            raise Problem(f"{advice} Its tests are never left out in CI.")
        print(f"{advice} Its tests are left out this time.", flush=True)
        missing.append(marker)
    return missing


def _has_postgres() -> bool:
    return shutil.which("initdb") is not None or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def _has_chromium() -> bool:
    return CHROMIUM.exists()


NEEDED: dict[str, tuple[str, str, Callable[[], bool]]] = {
    "postgres": ("PostgreSQL", "postgresql", _has_postgres),
    "browser": ("Chromium", "chromium", _has_chromium),
}
"""What tests with a marker need: its name, Debian's package, and whether it is there."""


def screenshots(arguments: Sequence[str] = ()) -> int:
    """Make docs/screenshots anew: every screen, light and dark, wide and on a phone."""
    sync()
    if not _has_chromium() and not (apt_install("chromium") and _has_chromium()):
        raise Problem("Chromium is not installed; on Debian or Ubuntu run `sudo apt-get install chromium`.")
    folder = {"FALCONER_SCREENSHOTS": str(ROOT / "docs" / "screenshots")}
    return run([tool("pytest"), ROOT / "tests" / "e2e" / "test_screens.py", *arguments], env=folder)


def bench(arguments: Sequence[str] = ()) -> int:
    """Run a benchmark of the folder benchmarks/: `bench NAME`; without a name, list them."""
    known = {path.stem: path for path in sorted((ROOT / "benchmarks").glob("*.py")) if not path.stem.startswith("_")}
    if not arguments:
        print("Benchmarks: " + (", ".join(known) or "none yet"))
        return 0
    if arguments[0] not in known:
        raise Problem(f"There is no benchmark '{arguments[0]}'; choose one of {', '.join(known) or 'none yet'}.")
    sync()
    return run([tool("python"), known[arguments[0]], *arguments[1:]])


def docs(arguments: Sequence[str] = ()) -> int:
    """Write docs/reference anew from the code."""
    sync()
    return run([tool("python"), ROOT / "docs" / "reference" / "build.py", *arguments])


def lock(arguments: Sequence[str] = ()) -> int:
    """Bring uv.lock up to date with pyproject.toml; `lock --upgrade` takes the newest versions."""
    if uv("lock", *arguments):
        raise Problem("uv.lock could not be made: uv's reason is above.")
    return 0


VERBS: dict[str, Callable[[Sequence[str]], int]] = {
    "app": app,
    "demo": demo,
    "sync": sync,
    "check": check,
    "test": test,
    "bench": bench,
    "docs": docs,
    "screenshots": screenshots,
    "lock": lock,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out the verb on the command line and return the exit code."""
    listing = "\n".join(f"  {name:12}{(verb.__doc__ or '').splitlines()[0]}" for name, verb in VERBS.items())
    parser = argparse.ArgumentParser(
        prog="python3 dev.py",
        description=f"Set up, check and test Falconer.\n\n{listing}\n  help        Show this text.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("verb", choices=[*VERBS, "help"], metavar="VERB", nargs="?", default="help")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="passed on to the verb")
    given = parser.parse_args(arguments)
    if given.verb == "help":
        parser.print_help()
        return 0
    rest = given.arguments[1:] if given.arguments[:1] == ["--"] else given.arguments
    try:
        return VERBS[given.verb](rest)
    except Problem as problem:
        print(f"dev.py: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dev.py: stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"dev.py: Falconer needs Python 3.11 or newer; {sys.executable} is {platform.python_version()}.")
    sys.exit(main())
