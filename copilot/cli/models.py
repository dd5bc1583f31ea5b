"""`falconer models`: model servers by name."""

from typing import Annotated

import typer
from pydantic import JsonValue

from copilot.cli.output import JsonFlag, installation, say, write_json

app = typer.Typer(help="Name, list and test model servers.", no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="NAME")]


@app.command("list")
def list_(json: JsonFlag = False) -> None:
    """List the embedded model and those that were added."""
    with installation() as copilot:
        from copilot.service import models

        found = models.list_all(copilot.workspace)
    if json:
        write_json([connection.model_dump(mode="json") for connection in found])
        return
    for connection in found:
        where = connection.url or connection.model or connection.kind
        key = f"  key from {connection.key_variable}" if connection.key_variable else ""
        say(f"{connection.name}  {connection.kind}  {where}{key}")


@app.command("add")
def add(
    name: Name,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="URL ending in /v1, tgi:URL, langchain:PROVIDER:MODEL, FILE.gguf.")
    ],
    key_variable: Annotated[
        str, typer.Option("--key-variable", help="NAME of the environment variable that holds the key.")
    ] = "",
    model: Annotated[str, typer.Option("--model", help="The model's id, on a server that has several.")] = "",
    concurrency: Annotated[int | None, typer.Option("--concurrency", min=1, help="Requests in flight at once.")] = None,
    requests_per_minute: Annotated[float | None, typer.Option("--requests-per-minute", min=0.01)] = None,
    timeout: Annotated[float | None, typer.Option("--timeout", min=0.1, help="Seconds to wait for an answer.")] = None,
    prompt_price: Annotated[float | None, typer.Option(min=0, help="Money per million prompt tokens.")] = None,
    completion_price: Annotated[float | None, typer.Option(min=0, help="Money per million answer tokens.")] = None,
    currency: Annotated[str, typer.Option(help="Of the prices.")] = "USD",
    prompt_format: Annotated[
        str | None, typer.Option("--prompt-format", help="TGI only: chat, alfred-0723 or alfred-1023.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Save a model server under a name. Keys stay in the environment: only the variable's name is kept."""
    options: dict[str, JsonValue] = {
        "concurrency": concurrency,
        "requests_per_minute": requests_per_minute,
        "timeout": timeout,
        "prompt_format": prompt_format,
    }
    options = {option: value for option, value in options.items() if value is not None}
    if prompt_price is not None or completion_price is not None:
        options["prices"] = {
            "currency": currency,
            "prompt": prompt_price or 0.0,
            "completion": completion_price or 0.0,
        }
    with installation() as copilot:
        from copilot.service import models

        connection = models.connection_of(name, address, key_variable=key_variable, model=model, options=options)
        models.add(copilot.workspace, connection)
    if json:
        write_json(connection.model_dump(mode="json"))
    else:
        say(f"Saved '{name}'. Try it with: falconer models test {name}")


@app.command("test")
def test(
    name: Annotated[str, typer.Argument(metavar="NAME|URL")] = "embedded",
    json: JsonFlag = False,
) -> None:
    """Ask a model one small question and say how it answers."""
    with installation() as copilot:
        from copilot.service import models

        found = copilot.portal.call(models.test(copilot.workspace, name))
    if json:
        write_json(found.model_dump(mode="json"))
        return
    say(f"{found.model} answers in {found.seconds:.2f} s: {found.answer}")
    say(f"  serves: {found.revision}")
    say(f"  context: {found.context_length:,} tokens" if found.context_length else "  context: it does not say")
    say(f"  label probabilities: {'yes' if found.label_probabilities else 'no'}")


@app.command("remove")
def remove(name: Name, json: JsonFlag = False) -> None:
    """Forget a model server."""
    with installation() as copilot:
        from copilot.service import models

        models.remove(copilot.workspace, name)
    if json:
        write_json({"removed": name})
    else:
        say(f"'{name}' is forgotten.")
