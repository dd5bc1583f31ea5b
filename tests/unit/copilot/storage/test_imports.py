"""What a server on SQLite does without."""

import subprocess
import sys


def test_the_driver_of_postgresql_is_loaded_for_postgresql_alone() -> None:
    script = "import sys, copilot.service.workspace; print('psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
