"""Which characters the bytes of a text file stand for."""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tasks.loading.report import Findings, ImportRefused

_SAMPLE = 1 << 20
_CHUNK = 1 << 20
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Where several fit equally well, the earlier one is far more common in office files.
_LEGACY = ("cp1252", "cp932", "gb18030", "cp949", "big5", "cp1251", "cp1250", "mac_roman", "euc_jp", "iso8859_2",
           "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256")  # fmt: skip
_NAMES = {
    "cp1252": "Windows-1252 (Western European)", "mac_roman": "Mac Roman (Western European)",
    "cp932": "Shift-JIS (Japanese)", "euc_jp": "EUC-JP (Japanese)", "gb18030": "GB18030 (Chinese)",
    "big5": "Big5 (Chinese)", "cp949": "Korean (cp949)", "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)", "cp1250": "Windows-1250 (Central European)",
    "iso8859_2": "ISO 8859-2 (Central European)", "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)", "cp1255": "Windows-1255 (Hebrew)", "cp1256": "Windows-1256 (Arabic)",
}  # fmt: skip
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_MIXED = "falconer_mixed_utf8"


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Decode the bytes that are not UTF-8 as Windows-1252, the usual cause of such mixtures."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error(_MIXED, _as_windows)


@dataclass(frozen=True)
class TextEncoding:
    """How to open a text file."""

    name: str
    errors: str = "strict"

    @contextmanager
    def open(self, path: Path) -> Iterator[TextIO]:
        """Open the file with its line ends untouched."""
        with path.open(encoding=self.name, errors=self.errors, newline="") as stream:
            yield stream

    def head(self, path: Path, characters: int = _SAMPLE) -> str:
        """Return the beginning of the text, without a byte order mark."""
        with self.open(path) as stream:
            return stream.read(characters).lstrip("\ufeff")


def detect_encoding(path: Path, *, findings: Findings) -> TextEncoding:
    """Return the encoding of a text file: mark, then zero bytes, then UTF-8, then the likeliest older one.

    Raises:
        ImportRefused: the file is not text.
    """
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    encoding = _by_mark(sample) or _by_zero_bytes(sample, findings=findings)
    if encoding is None:
        _refuse_binary(path, sample)
        if _decodes(path, "utf-8"):
            encoding = TextEncoding("utf-8")
        else:
            encoding = _mixed_utf8(path, sample, findings=findings) or _legacy(path, sample, findings=findings)
    elif not _decodes(path, encoding.name):
        findings.warn(f"Some characters are damaged and were replaced by \ufffd (the file says it is {encoding.name}).")
        encoding = TextEncoding(encoding.name, errors="replace")
    findings.encoding = encoding.name
    return encoding


def _by_mark(sample: bytes) -> TextEncoding | None:
    for mark, name in _BOMS:
        # The mark of UTF-32 LE begins like that of UTF-16 LE, followed by a zero character.
        if sample.startswith(mark):
            return TextEncoding(name)
    return None


def _by_zero_bytes(sample: bytes, *, findings: Findings) -> TextEncoding | None:
    """Text in UTF-16 or UTF-32 without a mark has zero bytes at regular places."""
    if b"\0" not in sample or len(sample) < 4:
        return None
    places = [sample[start::4].count(0) / len(sample[start::4]) for start in range(4)]
    for name, zero in (("utf-32-le", (1, 2, 3)), ("utf-32-be", (0, 1, 2))):
        other = ({0, 1, 2, 3} - set(zero)).pop()
        if places[other] < 0.1 and all(places[place] > 0.5 for place in zero) and places[1 if other else 2] > 0.9:
            findings.note(f"The file has no encoding mark; its bytes are those of {name.upper()}.")
            return TextEncoding(name)
    even, odd = sample[0::2].count(0) / len(sample[0::2]), sample[1::2].count(0) / len(sample[1::2])
    for name, low, high in (("utf-16-le", even, odd), ("utf-16-be", odd, even)):
        if low < 0.05 and high > 0.2 and _reads_as_text(sample[: len(sample) // 2 * 2], name):
            findings.note(f"The file has no encoding mark; its bytes are those of {name.upper()}.")
            return TextEncoding(name)
    return None


def _reads_as_text(sample: bytes, name: str) -> bool:
    text = codecs.getincrementaldecoder(name)("replace").decode(sample)
    odd = sum(not character.isprintable() and character not in "\r\n\t" for character in text)
    return odd < len(text) * 0.02


def _refuse_binary(path: Path, sample: bytes) -> None:
    control = sum(sample.count(bytes([byte])) for byte in range(32) if byte not in {9, 10, 11, 12, 13, 26, 27})
    if control > max(len(sample) * 0.02, 3) or (control and len(sample) < 30 and control > len(sample) * 0.1):
        raise ImportRefused(
            f"The file '{path.name}' holds binary data, not text, whatever its name says; export it from its program "
            "as .csv or .xlsx and import that."
        )


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _mixed_utf8(path: Path, sample: bytes, *, findings: Findings) -> TextEncoding | None:
    """Take a file as UTF-8 with damaged places where most of its special characters are sound UTF-8."""
    rest = _UTF8_SEQUENCE.sub(b"", sample)
    sound, broken = len(_UTF8_SEQUENCE.findall(sample)), len(_HIGH.findall(rest))
    if not sound and not broken:
        # Plain ASCII as far as the sample goes: the odd bytes come later.
        sound = broken = 1
    if sound < 2 * broken and not (sound and broken <= 1):
        return None
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                findings.count(
                    "In {where}, some bytes do not fit the file's encoding (UTF-8); they were read as Windows-1252, "
                    "please check the special characters there.",
                    number,
                )
    return TextEncoding("utf-8", errors=_MIXED)


def _legacy(path: Path, sample: bytes, *, findings: Findings) -> TextEncoding:
    from charset_normalizer import from_bytes

    # A sample must not end in the middle of a character.
    cut = sample.rfind(b"\n") + 1 if len(sample) == _SAMPLE else len(sample)
    # The special characters decide, so a sample full of ASCII lines is thinned to the lines that have some.
    lines = [line for line in sample[: cut or len(sample)].splitlines(keepends=True) if _HIGH.search(line)]
    matches = from_bytes(b"".join(lines)[:100_000], cp_isolation=list(_LEGACY), threshold=0.4)
    chaos = {name: match.chaos for match in matches for name in match.could_be_from_charset if name in _LEGACY}
    for match in matches:
        chaos.setdefault(match.encoding, match.chaos)
    best = min(chaos.values(), default=0.0)
    fitting = [name for name in _LEGACY if chaos.get(name, 9.0) <= best + 0.02 and _decodes(path, name)]
    name = fitting[0] if fitting else "cp1252"
    findings.warn(
        f"The file does not say how its characters are stored; it was read as {_NAMES[name]}. Please check the special "
        "characters, or save it as UTF-8."
    )
    return TextEncoding(name, errors="strict" if fitting else "replace")


def line_iterator(stream: TextIO) -> Iterator[str]:
    """Yield physical lines with their ends (LF, CRLF or CR), without a byte order mark at the beginning."""
    for number, line in enumerate(stream):
        yield line.lstrip("\ufeff") if number == 0 else line


def text_of(path: Path, encoding: TextEncoding) -> str:
    """Return a whole text with LF line ends."""
    with encoding.open(path) as stream:
        return io.IncrementalNewlineDecoder(None, translate=True).decode(stream.read().lstrip("\ufeff"), final=True)
