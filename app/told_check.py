"""Compares the catalogues of `told` with the sentences below the app: `python -m app.told_check [--template fr]`.

What the lower layers say is collected from their code: every literal that has the form of a sentence, what is raised,
and the pieces that fill the slots of those. An f-string becomes a template with a slot for each placeholder.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from app.language import LANGUAGES
from app.locales_check import Sentences, compare, typography
from app.told_left_out import LIBRARIES, PROMPTS, WORDS
from app.told_sources import collect
from app.wording import LOCALES

LAYERS = ("tasks", "evaluators", "copilot")
ROOT = Path(__file__).parent.parent
_CODE = re.compile(r"\[\{\{.*\}\}\]")
"""What is written as in a file, with straight quotation marks."""


def load(code: str) -> dict[str, str]:
    """Return a catalogue; an empty one where there is none."""
    file = LOCALES / "told" / f"{code}.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


@cache
def templates() -> frozenset[str]:
    """Return the templates of every sentence below the app that a page can show."""
    return (collect(ROOT, LAYERS) - PROMPTS) | {*WORDS, *LIBRARIES}


def faults(code: str) -> tuple[str, ...]:
    """Return what is wrong with a catalogue, in sentences."""
    catalogue = load(code)
    words = {english: _CODE.sub("", said) for english, said in catalogue.items()}
    return (*compare(catalogue, Sentences(templates(), frozenset(), ())), *typography(code, words))


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell what each catalogue lacks; with `--template`, write what is still to be translated as JSON."""
    parser = argparse.ArgumentParser(prog="python -m app.told_check", description=__doc__)
    parser.add_argument("--template", choices=[code for code in LANGUAGES if code != "en"])
    code = parser.parse_args(arguments).template
    if code:
        missing = {key: "" for key in sorted(templates() - load(code).keys())}
        sys.stdout.write(json.dumps(missing, ensure_ascii=False, indent=2) + "\n")
        return 0
    found = [f"{other}: {fault}" for other in LANGUAGES if other != "en" for fault in faults(other)]
    sys.stdout.write("".join(f"{fault}\n" for fault in found) or "All catalogues are complete.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
