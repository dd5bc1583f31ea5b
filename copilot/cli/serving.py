"""`falconer serve-model`, an API that looks like text-generation-inference, and `falconer worker`."""

from contextlib import suppress
from typing import Annotated

import typer

from copilot.cli.output import JsonFlag, Model, installation, say, write_json


def serve_model(
    model: Model = None,
    host: Annotated[str, typer.Option("--host", help="Where to listen; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8080,
    key_variable: Annotated[
        str, typer.Option("--key-variable", help="NAME of the environment variable with the key clients must send.")
    ] = "",
    json: JsonFlag = False,
) -> None:
    """Serve a model to clients of text-generation-inference (LangChain, huggingface_hub) until Ctrl-C."""
    with installation(model=model) as copilot:
        from copilot.service import models

        name = model or copilot.workspace.settings.model
        server = models.ModelServer(host=host, port=port, key_variable=key_variable)
        if json:
            write_json({"url": server.url, "model": name})
        else:
            say(f"{name} answers at {server.url} until you press Ctrl-C.", errors=True)
        with suppress(KeyboardInterrupt):
            models.serve(copilot.workspace, name, server)


def worker() -> None:
    """Work on runs and sheets in the background until Ctrl-C; start as many as you like, on as many machines."""
    from copilot.worker.__main__ import main

    say("Waiting for runs and sheets until you press Ctrl-C.", errors=True)
    if code := main(stay=True):
        raise typer.Exit(code)
