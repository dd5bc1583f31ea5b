"""A model server whose answers are scripted like those of a capable model: journeys and screenshots never vary.

It stands behind an address as text-generation-inference does, so that the application and its worker, which are other
processes, use it as they would any server.
"""

import asyncio
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn

from copilot.domain.completion import Completion, CompletionRequest
from copilot.models.facade import build
from copilot.models.fake import FakeModel
from tasks.library import path

LABELS = ("billing", "delivery", "returns", "technical", "account", "feedback")
PLAIN, SHOWN, TOLD = 0.62, 0.85, 0.90
"""How often an answer is right by a prompt as people write it, with worked examples, and where each team is defined."""

BETTER = """Choose the one team that has to act first.
billing: invoices, payments, prices, refunds that have not arrived.
delivery: parcels that are not sent yet, late, incomplete or in the wrong place.
returns: sending something back, exchange, warranty.
technical: a product, the app or the website does not work as it should.
account: login, personal data, membership, newsletter.
feedback: praise, complaints and ideas after which nobody has to do anything."""
PROPOSALS = (
    (
        "add_rule",
        "Choose the one team that has to act first. A refund that has not arrived belongs to billing.",
        "Says to whom a late refund belongs.",
    ),
    ("compress", "Name the team that has to act on this message.", "Fewer words, the same question."),
    ("label_definitions", BETTER, "Refunds that were promised were taken for returns: each team is now defined."),
    (
        "rewrite",
        BETTER + "\nWhere a message touches two teams, choose the one whose work comes first.",
        "Messages about two things went to the team of the last sentence.",
    ),
)
MONDAY = {
    "My parcel with the floor lamp should have been here on Monday. Where is it?": "delivery",
    "You charged me twice for order 40318, please send one of the two amounts back.": "billing",
    "The app closes itself as soon as I open my basket.": "technical",
    "How do I change the address in my customer account?": "account",
    "Many thanks to the lady on the phone, she was very patient with me!": "feedback",
    "I would like to send the blender back, it is louder than my vacuum cleaner.": "returns",
}
"""Messages that no sample holds, with the team that has to act."""
SELF_TEST = (
    "Sort the ticket into Billing, Delivery or Returns. A parcel or package that is late or never came belongs to "
    "Delivery."
)


def _chance(*parts: str) -> float:
    """Return a number from 0 to 1 that depends on the texts alone."""
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _right_answers() -> dict[str, tuple[str, ...]]:
    """Return what is right for each text of the sample tasks, and for each message of Monday."""
    found: dict[str, tuple[str, ...]] = {text: (team,) for text, team in MONDAY.items()}
    for name, given, wanted in (
        ("support_tickets", "text", "label"),
        ("meeting_notes", "document", "summary"),
        ("product_keywords", "document", "keywords"),
        ("policy_questions", "question", "answer"),
    ):
        for line in (path(name) / "examples.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            value = row.get(wanted) or row.get(f"{wanted}s") or ""
            found[row[given].strip()] = tuple(value) if isinstance(value, list) else (value,)
    return found


@dataclass
class OfficeModel(FakeModel):
    """Answers the sample tasks, and the copilot's questions about them."""

    _left: int | None = None
    """Answers before it waits; None: it never does."""
    _seconds: float | None = None
    _right: dict[str, tuple[str, ...]] = field(default_factory=_right_answers)
    _released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(self._said, name="office")

    def hold(self, after: int, *, seconds: float | None = None) -> None:
        """Answer so often at once, then each time wait so long; None: until `release`."""
        self._released.clear()
        self._left, self._seconds = after, seconds

    def release(self) -> None:
        """Answer everything that waits, and all that comes."""
        self._left = None
        self._released.set()

    async def complete(self, request: CompletionRequest) -> Completion:
        """Answer one request."""
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                await asyncio.to_thread(self._released.wait, self._seconds)
        return await super().complete(request)

    def _said(self, request: CompletionRequest) -> str:
        text = "\n".join(message.content for message in request.messages)
        last = request.messages[-1].content
        if "Three tickets were sorted wrongly" in last:
            return json.dumps({"instruction": SELF_TEST, "why": "Late parcels were misread."})
        if "Improve the instruction." in last:
            operator, instruction, why = PROPOSALS[(request.decoding.seed or 0) % len(PROPOSALS)]
            return json.dumps({"operator": operator, "instruction": instruction, "why": why})
        return self._answer_to(text, last)

    def _answer_to(self, text: str, last: str) -> str:
        quality = TOLD if "billing: invoices, payments" in text else SHOWN if text.count("Label:") > 1 else PLAIN
        known = max((key for key in self._right if key in last), key=len, default="")
        right = self._right.get(known, ("feedback",))
        if right[0] in LABELS or any(label in text for label in LABELS[:3]):
            if _chance(known or last) < quality:
                return right[0]
            others = [label for label in LABELS if label != right[0]]
            return others[int(_chance("other", known or last) * len(others))]
        if len(right) > 1:
            return "\n".join(right[: max(2, int(len(right) * (0.5 + _chance(text) / 2)))])
        words = right[0].split()
        return " ".join(words[: max(3, int(len(words) * (0.6 + 0.4 * _chance(known, text))))])


@contextmanager
def served(model: FakeModel) -> Iterator[str]:
    """Serve a model while inside; give its address, as people would name it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(build(model), log_level="error", ws="none", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"tgi:http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            if isinstance(model, OfficeModel):
                model.release()
            server.should_exit = True
            thread.join()
