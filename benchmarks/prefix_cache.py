"""How much of a prompt's static prefix the embedded model takes from its cache.

    python benchmarks/prefix_cache.py [--model embedded|PATH.gguf|URL] [--items 20] [--concurrency 4] [--text]

Sends one prompt of about 400 static tokens with different items at its end, all at once, and prints the share of the
static tokens that was cached prefill (the bar is 80 %), tokens and seconds. By default labels are scored; with --text
short answers are written.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from copilot.domain.completion import Completion, CompletionRequest, Decoding, Message, Usage
from copilot.models.connect import connect
from copilot.models.connection import ModelConnection

LABELS = ("Billing", "Delivery", "Technical", "Other")
RULES = """You sort the messages of customers of a shop that sells garden furniture by what they are about.

Billing is about invoices, prices, refunds, instalments, vouchers and everything else that concerns money.
Delivery is about parcels, dates, addresses, missing or broken pieces on arrival, and carriers who were late or rude.
Technical is about assembly, manuals, spare parts, care, weather damage, and the website or the app not working.
Other is about everything else: praise, job applications, press, partners, newsletters and wrong numbers.

If a message is about more than one thing, choose what the customer wants us to do, not what caused it. A late parcel
for which the customer wants money back is Billing. A broken leg of a chair for which the customer wants a new leg is
Technical when it broke in use and Delivery when it arrived broken. A question about how to pay is Billing even when the
app is to blame. Praise for a driver is Other. Answer with the one word and nothing else.

"""
EXAMPLES = (
    ("The invoice of March shows the bench twice although I have ordered it only once.", "Billing"),
    ("Your driver left the parcel with the neighbours, who are on holiday until Sunday.", "Delivery"),
    ("The manual of the folding table lacks page three, so that I cannot find screw B.", "Technical"),
    ("I write for a local paper and would like to visit your workshop in May.", "Other"),
    ("Where do I enter the voucher? The app jumps back to the start at the last step.", "Billing"),
)
THINGS = ("bench", "table", "parasol", "swing", "lounger", "stool", "box", "pavilion", "grill", "fountain")
WISHES = ("has not come yet, when will it be here?", "was charged twice, please send the money back.")


def requests(items: int, text: bool) -> list[CompletionRequest]:
    """Return one request per item; all begin with the same messages."""
    static: list[Message] = []
    head = RULES
    for message, label in EXAMPLES:
        static += [Message(role="user", content=head + message), Message(role="assistant", content=label)]
        head = ""
    return [
        CompletionRequest(
            messages=(*static, Message(role="user", content=f"The {THINGS[n % 10]} number {n} {WISHES[n // 10 % 2]}")),
            decoding=Decoding(max_tokens=12 if text else 1),
            labels=() if text else LABELS,
        )
        for n in range(items)
    ]


async def measure(options: argparse.Namespace) -> None:
    """Send, count, print."""
    connection = ModelConnection(address=options.model, concurrency=options.concurrency)
    with tempfile.TemporaryDirectory() as home:
        model = connect(connection, home=Path(home))
        await model.prepare()
        made = requests(options.items, options.text)
        own = [len(await model.tokenize(request.messages[-1].content) or ()) for request in made]
        started = time.perf_counter()
        answers: list[Completion] = await asyncio.gather(*(model.complete(request) for request in made))
        seconds = time.perf_counter() - started
        await model.aclose()
    usage = sum((answer.usage for answer in answers), Usage())
    static = [answer.usage.prompt_tokens - length for answer, length in zip(answers, own, strict=True)]
    cached = sum(min(answer.usage.cached_tokens, tokens) for answer, tokens in zip(answers, static, strict=True))
    print(f"{model.name}: {options.items} items, {model.concurrency} at once, static prefix {max(static)} tokens")
    print(f"cached share of the static prefix: {cached / sum(static):.1%}")
    print(f"prompt tokens {usage.prompt_tokens}, cached {usage.cached_tokens}, written {usage.completion_tokens}")
    print(f"{seconds:.1f} s, {usage.tokens / seconds:.0f} tokens/s, {options.items / seconds:.1f} items/s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--concurrency", type=int)
    parser.add_argument("--text", action="store_true")
    asyncio.run(measure(parser.parse_args()))
