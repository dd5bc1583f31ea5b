"""What llama.cpp's server understands beyond OpenAI's API: grammars, exact label probabilities, token ids.

Used for llama.cpp servers of the user's and for the embedded model, which is one.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx2

from copilot.domain.completion import CompletionRequest
from copilot.models import constraints, labels
from copilot.models.constraints import Means
from copilot.models.errors import translated
from tasks.model import ChoiceConstraint, Constraint, RegexConstraint

BIAS = 100.0
"""Added to the logits of the labels' tokens, so that no other token is among the likely ones."""


class LlamaCpp:
    """The dialect, spoken to one server.

    Args:
        http: client that carries the key.
        root: base URL without `/v1`.
        server: the server's name for the user.
    """

    def __init__(self, http: httpx2.AsyncClient, *, root: str, server: str) -> None:
        self._http = http
        self._root = root
        self._server = server
        self._ids: dict[str, tuple[int, str]] = {}
        self.context_length: int | None = None
        """Tokens per slot."""
        self.slots = 1
        """Requests that are answered at once."""

    async def detect(self) -> bool:
        """Whether the server is llama.cpp's; learns its context length and slots. Costs no generating request."""
        try:
            answer = await self._http.get(f"{self._root}/props")
            properties = answer.json() if answer.status_code == 200 else None
        except (httpx2.HTTPError, ValueError):
            return False
        if not isinstance(properties, dict) or "default_generation_settings" not in properties:
            return False
        self.slots = int(properties.get("total_slots") or 1)
        length = properties["default_generation_settings"].get("n_ctx")
        self.context_length = int(length) if length else None
        return True

    async def first_tokens(self, names: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Return id and text of each label's first token.

        Raises:
            ModelRejected: two labels share it.
            ModelError: the server failed.
        """
        for name in names:
            if name not in self._ids:
                self._ids[name] = (await self.tokenize(name))[0]
        found = {name: self._ids[name] for name in names}
        labels.require_distinct({name: piece for name, (_id, piece) in found.items()})
        return found

    async def tokenize(self, text: str) -> list[tuple[int, str]]:
        """Return id and text of each token, without a generating request.

        Raises:
            ModelError: the server failed.
        """
        with translated(server=self._server):
            body = {"content": text, "add_special": False, "with_pieces": True}
            answer = await self._http.post(f"{self._root}/tokenize", json=body)
            answer.raise_for_status()
            tokens = answer.json()["tokens"]
        return [(token["id"], _piece(token["piece"])) for token in tokens]


def sampling(request: CompletionRequest) -> dict[str, Any]:
    """Return the sampling parameters by which llama.cpp's defaults (top_k 40, min_p 0.05 ...) are switched off."""
    return {"top_k": 0, "min_p": 0.0, "repeat_penalty": request.decoding.repetition_penalty, "cache_prompt": True}


def _piece(piece: str | list[int]) -> str:
    """A token that is no whole character comes as bytes."""
    return piece if isinstance(piece, str) else bytes(piece).decode(errors="replace")


def label_options(tokens: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """Return what makes one token's probabilities exact for all labels: no truncation, and only they are likely."""
    return {
        "logprobs": True,
        "top_logprobs": max(20, 2 * len(tokens)),
        "logit_bias": [[token_id, BIAS] for token_id in sorted({token_id for token_id, _piece in tokens.values()})],
        "post_sampling_probs": True,
        "temperature": 1.0,
        "top_p": 1.0,
        "top_k": 0,
        "min_p": 0.0,
    }


def read_labels(shown: Sequence[dict[str, Any]], tokens: dict[str, tuple[int, str]]) -> dict[str, float]:
    """Return each label's log-probability from the alternatives of the one token (`top_probs`)."""
    by_id = {entry["id"]: math.log(entry["prob"]) for entry in shown if entry.get("prob", 0) > 0}
    owners = Counter(token_id for token_id, _piece in tokens.values())
    known = {
        name: by_id[token_id] - math.log(owners[token_id])
        for name, (token_id, _piece) in tokens.items()
        if token_id in by_id
    }
    return labels.complete(list(tokens), known, list(known.items()) or [("", 0.0)])


LADDERS: dict[str, tuple[Means, ...]] = {
    "choice": ("grammar", "parsing"),
    "regex": ("grammar", "schema", "parsing"),
    "json_schema": ("schema", "parsing"),
}
"""Means per kind of constraint, strongest first. Regexes as grammars need a server built with llguidance; the converter
from JSON schemas, which every server has, loses patterns with classes such as \\d."""


def constraint_options(constraint: Constraint, means: Means) -> dict[str, Any]:
    """Return the request's fields that enforce a constraint."""
    if means == "parsing":
        return {}
    if isinstance(constraint, ChoiceConstraint):
        return {"grammar": constraints.as_gbnf(constraint)}
    if means == "grammar" and isinstance(constraint, RegexConstraint):
        pattern = constraint.pattern.replace("/", "\\/").replace("\n", "\\n")
        return {"grammar": f"%llguidance {{}}\nstart: /{constraints.without_anchors(pattern)}/"}
    schema = constraints.text_schema(constraint) if isinstance(constraint, RegexConstraint) else constraint.json_schema
    described = {"name": "answer", "strict": True, "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": described}}
