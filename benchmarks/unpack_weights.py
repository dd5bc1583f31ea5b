"""Write a GGUF file's weights out in 16 bits: the same model, which a processor with such arithmetic runs faster.

    uv run --with gguf benchmarks/unpack_weights.py SMALL.gguf LARGE.gguf

Weights in four and five bits save memory, but llama.cpp multiplies some of these formats slowly where many tokens come
at once: unpacked, long prompts are read faster. Answers differ a little, since activations are then not rounded to
eight bits; so both sides of a comparison need the same file.
"""

import sys
from typing import Any

import gguf
import numpy as np

FLOAT, UNPACKED = gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.BF16
ONLY_LOOKED_UP = "token_embd.weight"


def unpack(source: str, target: str) -> None:
    """Write the model in `source` to `target`; tables from which single rows are taken stay as they are."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        if field.name == "general.file_type":
            writer.add_file_type(gguf.LlamaFileType.MOSTLY_BF16)
        elif not field.name.startswith("GGUF.") and field.name != "general.architecture":
            inner = field.types[1] if len(field.types) > 1 else None
            writer.add_key_value(field.name, field.contents(), field.types[0], inner)
    has_output = any(tensor.name == "output.weight" for tensor in reader.tensors)
    for tensor in reader.tensors:
        if tensor.tensor_type == FLOAT or (has_output and tensor.name == ONLY_LOOKED_UP):
            writer.add_tensor(tensor.name, np.array(tensor.data), raw_dtype=tensor.tensor_type)
        else:
            writer.add_tensor(tensor.name, _in_16_bits(tensor), raw_dtype=UNPACKED)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _in_16_bits(tensor: Any) -> np.ndarray:
    weights = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
    return gguf.quants.quantize(weights.astype(np.float32), UNPACKED)


if __name__ == "__main__":
    unpack(*sys.argv[1:3])
