"""Thirteen tasks that no part of the optimiser was made with knowledge of, cut from a wheel on PyPI.

    pip download evals==3.0.1.post1 --no-deps
    python benchmarks/unseen_sets.py evals-3.0.1.post1-py3-none-any.whl FOLDER

Writes FOLDER/KIND/NAME with `train.jsonl`, `dev.jsonl` (60 rows each) and `test.jsonl` (up to 200), as `main_job.py`
reads them. The rows are for measuring; their licences are their owners'.
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

REGISTRY = "evals/registry/data"
TUNING, TEST, SEED = 60, 200, 7
SHORT_MESSAGE = 80
"""Characters. A sentence up to this length seldom has a name in it."""
FIRST_MESSAGES = 3000
"""As many of a long file as are read."""
_ENTITY_TYPE = re.compile(r" - (PERSON|ORGANIZATION|LOCATION)$")
Row = dict[str, Any]


def message(sample: Row) -> str:
    """Return what the user says."""
    return str(sample["input"][-1]["content"])


def ideal(sample: Row) -> str:
    """Return the right answer, the first where there are several."""
    answer = sample["ideal"]
    return answer if isinstance(answer, str) else answer[0]


def labelled(sample: Row, text: str | None = None) -> Row:
    """Return a row to classify."""
    return {"text": message(sample) if text is None else text, "label": ideal(sample).strip()}


def food(sample: Row) -> Row:
    """Return a phrase, and whether it names food."""
    asked = "Is the following string a food item or related to food?"
    return labelled(sample, message(sample).replace(asked, "").strip())


def products(sample: Row) -> Row:
    """Return two descriptions, and whether they are of one product."""
    return labelled(sample, message(sample).split("'Yes' if", 1)[-1].split("\n", 1)[-1])


def string(sample: Row) -> Row:
    """Return a string of any characters, and whether it means harm."""
    return labelled(sample, message(sample).replace("Is this string malicious?", "").strip().strip("`").strip())


def likelihood(sample: Row) -> Row:
    """Return the steps of a task, and how one more of them changes what is likely."""
    return labelled(sample, message(sample).split(" Answer with")[0])


def title(sample: Row) -> Row:
    """Return an abstract with its title."""
    return {"document": message(sample), "summary": ideal(sample)}


def patients(sample: Row) -> Row | None:
    """Return a medical abstract with the words that say who was studied; None where they are not quoted."""
    answer = ideal(sample)
    if "'" not in answer:
        return None
    span = answer[answer.index("'") + 1 : answer.rindex("'")].strip()
    return {"document": message(sample), "question": "Which patients were studied?", "answers": [span]}


def names(sample: Row) -> Row | None:
    """Return a sentence of a contract with the names in it; None where there are none."""
    text, answer = message(sample), ideal(sample)
    if not answer.startswith("[") or len(text) <= SHORT_MESSAGE:
        return None
    found = [_ENTITY_TYPE.sub("", part.strip()) for part in answer[1:-1].split(", ")]
    kept = list(dict.fromkeys(name for name in found if name and name.lower() in text.lower()))
    return {"document": text, "keywords": kept} if kept else None


SETS: dict[str, tuple[str, Callable[[Row], Row | None]]] = {
    "classification/bias": ("bias_detection/samples.jsonl", labelled),
    "classification/events": ("event_categories/samples.jsonl", labelled),
    "classification/food": ("food/samples.jsonl", food),
    "classification/heart": ("heart-disease/samples.jsonl", labelled),
    "classification/likelihood": ("crepe/samples.jsonl", likelihood),
    "classification/products": ("product-matching/zeroshot/samples.jsonl", products),
    "classification/russian": ("rucola/samples.jsonl", labelled),
    "classification/sarcasm": ("sarcasm/samples.jsonl", labelled),
    "classification/sarcasm_pt": ("portuguese-sarcasm/samples.jsonl", labelled),
    "classification/strings": ("naughty_strings/samples.jsonl", string),
    "document_qa/patients": ("population_span_extraction/samples.jsonl", patients),
    "keyword_extraction/names": ("ner_finance/samples.jsonl", names),
    "summarization/titles": ("abstract2title/samples.jsonl", title),
}
"""Folder of a set: its file in the registry, and what makes a row of a sample."""


def rows(lines: list[str], convert: Callable[[Row], Row | None]) -> Iterator[Row]:
    """Yield the rows, each text once."""
    seen = set()
    for line in lines:
        row = convert(json.loads(line))
        text = row and (row.get("text") or row.get("document"))
        if row and text and text not in seen:
            seen.add(text)
            yield row


def write(folder: Path, found: list[Row]) -> None:
    """Shuffle the rows and write the three files."""
    random.Random(SEED).shuffle(found)
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"train": found[:TUNING], "dev": found[TUNING : 2 * TUNING], "test": found[2 * TUNING :][:TEST]}
    for name, part in parts.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in part)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    print(f"{folder}: {', '.join(f'{len(part)} {name}' for name, part in parts.items())}")


def main() -> None:
    """Read the command line and write the sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    with ZipFile(given.wheel) as wheel:
        for name, (file, convert) in SETS.items():
            lines = wheel.read(f"{REGISTRY}/{file}").decode("utf-8").splitlines()[:FIRST_MESSAGES]
            write(given.folder / name, list(rows(lines, convert)))


if __name__ == "__main__":
    main()
