"""`falconer template`: saved prompts, their versions and labels."""

from pathlib import Path
from typing import Annotated

import typer

from copilot.cli.output import JsonFlag, console, installation, say, write_json, write_text

app = typer.Typer(help="List, show, compare, label and export prompts.", no_args_is_help=True, rich_markup_mode=None)
Reference = Annotated[str, typer.Argument(metavar="NAME[@LABEL]", help="NAME (newest), NAME@LABEL or NAME@3.")]


@app.command("list")
def list_(
    search: Annotated[str, typer.Argument(help="Text in name, task, note or prompt.")] = "", json: JsonFlag = False
) -> None:
    """List saved prompts, the newest version of each."""
    with installation() as copilot:
        found = copilot.templates(search=search)
    if json:
        write_json([version.model_dump(mode="json") for version in found])
        return
    for version in found:
        labels = f"  [{', '.join(version.labels)}]" if version.labels else ""
        say(f"{version.name}  version {version.version}{labels}  {version.note}".rstrip())
    if not found:
        say("No prompts saved yet. Improve a task, or save one with: falconer template save NAME FILE.yaml")


@app.command("show")
def show(reference: Reference, json: JsonFlag = False) -> None:
    """Show a prompt as the model sees it, with its versions."""
    with installation() as copilot:
        from copilot.service import templates
        from copilot.service.results import prompt_text

        found = templates.get(copilot.workspace, reference)
        versions = templates.versions(copilot.workspace, found.name)
    if json:
        write_json(found.model_dump(mode="json") | {"versions": [version.version for version in versions]})
        return
    for version in versions:
        here = ">" if version.version == found.version else " "
        say(f"{here} {version.version}  {version.created_at:%Y-%m-%d %H:%M}  {', '.join(version.labels)}".rstrip())
    say("")
    say(prompt_text(found.template))


@app.command("diff")
def diff(
    before: Reference,
    after: Annotated[str, typer.Argument(metavar="NAME[@LABEL]", help="What to compare it with.")],
    json: JsonFlag = False,
) -> None:
    """Show what changed between two prompts, word by word."""
    with installation() as copilot:
        from copilot.service import templates

        old, new = (templates.get(copilot.workspace, reference) for reference in (before, after))
        pieces = templates.diff(old.template, new.template)
        fields = templates.changed_fields(old.template, new.template)
    if json:
        write_json(
            {
                "before": f"{old.name}@{old.version}",
                "after": f"{new.name}@{new.version}",
                "pieces": [piece.model_dump(mode="json") for piece in pieces],
                "fields": [field.model_dump(mode="json") for field in fields],
            }
        )
        return
    from copilot.cli import presenting

    if not fields:
        say("The two are the same.")
        return
    presenting.show_diff(console(), pieces)
    hidden = [field.field for field in fields if field.field in ("contract", "decoding", "decision", "label_scoring")]
    if hidden:
        say(f"Also different: {', '.join(hidden)} (--json shows how).")


@app.command("label")
def label(
    name: Annotated[str, typer.Argument(metavar="NAME[@VERSION]", help="Without a version: the newest.")],
    label: Annotated[str, typer.Argument(metavar="LABEL", help="Such as draft, staging or production.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the label away.")] = False,
    json: JsonFlag = False,
) -> None:
    """Point a label at a version; what runs NAME@LABEL uses that version from now on."""
    with installation() as copilot:
        from copilot.service import templates

        found = templates.get(copilot.workspace, name)
        if remove:
            change = templates.unlabel(copilot.workspace, found.name, label)
        else:
            change = templates.label(copilot.workspace, found.name, label, version=found.version)
    if json:
        write_json(change.model_dump(mode="json"))
    elif change.after is None:
        say(f"{change.name} has no label '{change.label}' any more (it was version {change.before}).")
    else:
        was = f" (it was version {change.before})" if change.before and change.before != change.after else ""
        say(f"{change.name}@{change.label} is version {change.after}{was}.")


@app.command("save")
def save(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help="A template file.")],
    json: JsonFlag = False,
) -> None:
    """Save a template file as the next version of a name."""
    with installation() as copilot:
        from copilot.service import templates

        read = templates.read_file(file)
        origin = templates.Origin(task=read.task, note=read.note)
        version = templates.save(copilot.workspace, name, read.template, origin=origin)
    for warning in read.warnings:
        say(f"  ! {warning}", errors=True)
    if json:
        write_json(version.model_dump(mode="json"))
    else:
        say(f"Saved as '{version.name}', version {version.version}.")


@app.command("export")
def export(
    reference: Reference,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help=".yaml, .json, .py or .sh; else printed.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Write a prompt to a file: .yaml holds all of it; .json, .py and .sh are for OpenAI-compatible servers."""
    with installation() as copilot:
        from copilot.service import templates

        if json or output is None:
            document, text = templates.exported(copilot.workspace, reference)
        notes = copilot.export(reference, output) if output is not None else ()
    for note in notes:
        say(f"  ! {note}", errors=True)
    if json:
        write_json({"file": str(output) if output else None, "template": document, "notes": list(notes)})
    elif output is None:
        write_text(text)
    else:
        say(f"Written to {output}.")
