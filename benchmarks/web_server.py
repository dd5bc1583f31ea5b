"""What the web application costs while nothing happens, and how soon it answers a click while the model works.

    python benchmarks/web_server.py [--clicks 60] [--chromium /usr/bin/chromium] [--idle-model]

Starts `falconer app` over a fresh home, opens every page in Chromium, and reads the resident memory of the server's
process (the bar is 250 MB). Then an improvement of the sample task is started, so that the embedded model is busy, and
Chromium clicks from page to page over the real websocket: from the click until the new page stands and the script has
ended (the bar is a median of 300 ms). Ends with exit code 1 where a bar is not met.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from app.navigation import IN_THE_SIDEBAR, PLACES
from copilot import Copilot, RunStatus

MEMORY_BAR_MB = 250
CLICK_BAR_MS = 300
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'
CLICK = """
async (path) => {
  const link = [...document.querySelectorAll('[data-testid="stSidebarNavLink"]')]
    .find(one => new URL(one.href).pathname === path);
  const title = () => (document.querySelector('h1') || {}).innerText;
  const before = title();
  const begun = performance.now();
  link.click();
  while (performance.now() - begun < 20000) {
    await new Promise(done => requestAnimationFrame(done));
    const state = document.querySelector('[data-testid="stApp"]').dataset.testScriptState;
    if (title() && title() !== before && state === 'notRunning') return performance.now() - begun;
  }
  throw new Error('no answer to a click within 20 s');
}
"""


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1000


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and all its threads; other work on the machine does not count into it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_page(page: Page, address: str) -> None:
    """Open a page and wait until it stands."""
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for(timeout=30_000)
    page.wait_for_selector(SETTLED, timeout=30_000)


def clicks(page: Page, address: str, count: int) -> list[float]:
    """Return the milliseconds of so many clicks from page to page."""
    open_page(page, address)
    paths = ["/" if name == "home" else f"/{name}" for name in (*IN_THE_SIDEBAR[1:], IN_THE_SIDEBAR[0])]
    found = []
    for number in range(count + len(paths)):
        milliseconds = page.evaluate(CLICK, paths[number % len(paths)])
        # Each page's first time loads its part of the script, which happens once in a visit.
        if number >= len(paths):
            found.append(float(milliseconds))
        time.sleep(0.2)
    return found


def keep_busy(home: Path) -> str:
    """Start an improvement in the background and return its id once the model answers."""
    with Copilot(home) as copilot:
        task = copilot.tasks.list()[0].task
        run = copilot.tasks.start_run(task.id, max_calls=2000)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and run.status is not RunStatus.RUNNING:
            time.sleep(0.5)
        time.sleep(5)
        print(f"An improvement is under way: {run.status.value}.")
        return run.id


def start(home: Path) -> tuple[subprocess.Popen[str], str]:
    """Start the server and return its process and address."""
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("falconer")), "app", "--no-browser", "--port", "0"],
        env={**os.environ, "FALCONER_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    line = process.stderr.readline()
    found = re.search(r"http://localhost:(\d+)", line)
    assert found, line
    return process, f"http://127.0.0.1:{found[1]}"


def main() -> int:
    """Measure, print, and return whether both bars are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=60)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--idle-model", action="store_true", help="click without an improvement under way")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        process, address = start(home)
        try:
            browser = playwright.chromium.launch(executable_path=given.chromium, args=list(ARGUMENTS))
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            open_page(page, address)
            first = resident_mb(process.pid)
            for place in PLACES:
                open_page(page, f"{address}/{'' if place.name == 'home' else place.name}")
            page.goto("about:blank")
            time.sleep(10)
            idle = resident_mb(process.pid)
            print(f"memory with one page open: {first:.0f} MB; idle after a visit to every page: {idle:.0f} MB")
            run_id = "" if given.idle_model else keep_busy(home)
            open_page(page, address)
            before = cpu_seconds(process.pid)
            times = clicks(page, address, given.clicks)
            spent = (cpu_seconds(process.pid) - before) / (len(times) + len(IN_THE_SIDEBAR) + 1)
            after = resident_mb(process.pid)
            browser.close()
            if run_id:
                with Copilot(home) as copilot:
                    print(f"afterwards it is {copilot.get_run(run_id).status.value}; it is stopped now")
                    copilot.get_run(run_id).stop()
        finally:
            process.terminate()
            process.wait(20)
    median = statistics.median(times)
    slow = statistics.quantiles(times, n=20)[-1]
    busy = "idle" if given.idle_model else "busy"
    print(f"{len(times)} clicks, model {busy}: median {median:.0f} ms, 95 % within {slow:.0f} ms")
    print(f"CPU of the server: {spent * 1000:.0f} ms a click; load of the machine: {os.getloadavg()[0]:.1f}")
    print(f"memory after them: {after:.0f} MB")
    met = idle < MEMORY_BAR_MB and median < CLICK_BAR_MS
    print(f"bars: below {MEMORY_BAR_MB} MB idle, below {CLICK_BAR_MS} ms median: {'met' if met else 'NOT met'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
