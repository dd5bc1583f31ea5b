"""`import copilot` is quick and quiet: no heavy library, no network, nothing written."""

import json
import subprocess
import sys
from pathlib import Path

HEAVY = (
    "huggingface_hub",
    "langchain",
    "langchain_core",
    "nltk",
    "openpyxl",
    "pandas",
    "pdfplumber",
    "pyarrow",
    "rouge_score",
    "sacrebleu",
    "scipy",
    "sklearn",
    "streamlit",
    "textstat",
    "torch",
    "xllamacpp",
    "yake",
)
# Events of the interpreter's own audit: whatever library tries it, it is seen.
PROBE = """
import json, sys
seen = []
watched = {"socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove"}
def watch(event, arguments):
    if event in watched:
        seen.append(event)
    elif event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        seen.append(f"open {arguments[0]} for writing")
sys.dont_write_bytecode = True
sys.addaudithook(watch)
MODULE
print(json.dumps({"seen": seen, "modules": sorted(sys.modules)}))
"""


def probe(statement: str, folder: Path) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.replace("MODULE", statement)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_importing_copilot_loads_nothing_heavy(tmp_path: Path) -> None:
    modules = set(probe("import copilot", tmp_path)["modules"])
    assert "copilot" in modules
    loaded = sorted(modules.intersection(HEAVY))
    assert not loaded, f"{', '.join(loaded)}: import it inside the function that needs it."


def test_the_optimiser_and_the_kinds_wait_with_scipy_until_labels_need_it(tmp_path: Path) -> None:
    modules = set(probe("import copilot.engine.improve, tasks.kinds", tmp_path)["modules"])
    assert "copilot.optimizers.decision" in modules and "scipy" not in modules


def test_importing_copilot_touches_neither_network_nor_disk(tmp_path: Path) -> None:
    assert probe("import copilot", tmp_path)["seen"] == []


def test_the_probe_sees_what_it_watches_for(tmp_path: Path) -> None:
    assert probe("import socket; socket.socket().bind(('127.0.0.1', 0))", tmp_path)["seen"] == ["socket.bind"]
    assert probe("open('note.txt', 'w').close()", tmp_path)["seen"] == ["open note.txt for writing"]
