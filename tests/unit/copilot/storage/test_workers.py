"""Whether the process that worked on a run is still there."""

import os
import socket
import subprocess
import sys

import pytest

from copilot.storage.workers import is_dead, machine_name, worker_name


def test_a_live_process_and_one_of_another_machine_are_not_dead() -> None:
    assert not is_dead(worker_name())
    assert not is_dead(f"not-{machine_name()}:{os.getpid()}")
    gone = 2**22 + 1
    """A number that no process has."""
    assert is_dead(f"{machine_name()}:{gone}")
    assert not is_dead(f"{socket.gethostname()}/1:{gone}"), "another machine or container of that name counts by itself"
    assert not is_dead("")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a dead child from a live one")
def test_a_killed_process_is_dead_before_and_after_its_parent_takes_note() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = f"{machine_name()}:{child.pid}"
    assert not is_dead(name)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_dead(name)
    child.communicate()
    assert is_dead(name)
