"""Zipped formats (.xlsx, .docx, .ods) are checked before any reader unpacks them."""

import zipfile
import zlib
from pathlib import Path

from tasks.loading.report import ImportLimits, ImportRefused

RATIO_MATTERS_FROM = 50_000_000
_CHUNK = 1 << 20


def check_archive(path: Path, *, limits: ImportLimits) -> tuple[str, ...]:
    """Return the names inside a zip file.

    Raises:
        ImportRefused: it is damaged, locked with a password, or would unpack to far too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            packed = path.stat().st_size
            unpacked = sum(entry.file_size for entry in entries)
            ratio = unpacked / max(packed, 1)
            if unpacked > limits.max_unpacked_bytes or (
                unpacked > RATIO_MATTERS_FROM and ratio > limits.max_unpack_ratio
            ):
                raise ImportRefused(
                    f"The file '{path.name}' would unpack from {packed / 1e6:.1f} MB to {unpacked / 1e6:,.0f} MB, "
                    "which is more than is opened here; save the part you need as .csv and import that."
                )
            if any(entry.flag_bits & 1 for entry in entries):
                raise ImportRefused(f"The file '{path.name}' is password-protected; save it without the password.")
            # Reading every entry once finds damage, and a directory that lies about the sizes.
            for entry in entries:
                with archive.open(entry) as stream:
                    while stream.read(_CHUNK):
                        pass
            return tuple(entry.filename for entry in entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise ImportRefused(
            f"The file '{path.name}' is damaged or was not copied completely; open it in its program, save it again "
            "and import the new copy."
        ) from error
