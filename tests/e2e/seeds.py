"""An office that has worked with Falconer for a while, made through the public interface."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from openpyxl import Workbook

from copilot import Budget, Copilot, Run, RunStatus, Sheet
from copilot.domain.feedback import Feedback
from copilot.types import ConnectionDraft, PromptEdit
from tests.e2e.office_model import MONDAY, OfficeModel

MODEL = "office-server"
CALLS = 420
EARLIER_CALLS = 300
NOTE = "The worked examples show what belongs to whom."
LIVE_ANSWERS, LIVE_SECONDS = 61, 20.0
WAITING = Event()
BATCH = (*list(MONDAY)[:3], "", *list(MONDAY)[3:])
"""One row is empty, and fails."""


@dataclass(frozen=True)
class Office:
    """What was made, for links."""

    tickets: str
    notes: str
    keywords: str
    run: str
    live: str
    app: str
    sheet: str
    template: str = "support-tickets"

    @property
    def states(self) -> Mapping[str, str]:
        """The ids by their names in URLs, for the finished task."""
        return {"task": self.tickets, "run": self.run, "template": self.template, "app": self.app}


def finished(run: Run) -> Run:
    """Wait for the verdict.

    Raises:
        AssertionError: it failed, or takes too long.
    """
    for _ in range(600):
        if run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
            break
        WAITING.wait(0.2)
    assert run.status is RunStatus.FINISHED, run.saved.summary
    return run


def all_done(sheet: Sheet) -> Sheet:
    """Wait for all rows of a sheet.

    Raises:
        AssertionError: it takes too long.
    """
    for _ in range(600):
        if sheet.progress().status not in (RunStatus.QUEUED, RunStatus.RUNNING):
            return sheet
        WAITING.wait(0.2)
    raise AssertionError(sheet.progress())


def furnish(home: Path, model: OfficeModel, address: str) -> Office:
    """Fill an installation; at its end an improvement is on its way and waits for the model.

    Args:
        home: the folder of the database.
        model: the scripted model, which is told when to wait.
        address: where it answers.
    """
    with Copilot(home, model=MODEL) as copilot:
        copilot.connections.add(
            ConnectionDraft(name=MODEL, address=address, prompt_price=0.15, completion_price=0.6, currency="EUR")
        )
        copilot.preferences.update(started=True)
        notes = copilot.tasks.create_sample("meeting_notes").id
        copilot.tasks.move(notes, "Head office")
        keywords = copilot.tasks.create_sample("product_keywords").id
        copilot.tasks.move(keywords, "Catalogue")
        tickets = copilot.tasks.create_sample("support_tickets").id
        copilot.tasks.move(tickets, "Customer service")
        finished(copilot.tasks.start_run(tickets, max_calls=EARLIER_CALLS, seed=2))
        run = finished(copilot.tasks.start_run(tickets, max_calls=CALLS))
        _say(copilot, run)
        app = _save_and_publish(copilot, run)
        sheet = _batch(copilot, app, home)
        model.hold(LIVE_ANSWERS, seconds=LIVE_SECONDS)
        live = copilot.tasks.start_run(keywords, max_calls=300)
        return Office(
            tickets=tickets, notes=notes, keywords=keywords, run=run.id, live=live.id, app=app, sheet=sheet.id
        )


def _say(copilot: Copilot, run: Run) -> None:
    """Let two colleagues look at answers."""
    best = copilot.reviews.prompts(run.id)[0].id
    lines = copilot.reviews.page(run.id, best, limit=3).lines
    said = (
        {"flag": "down", "tag": "wrong team", "comment": "Has to be acted on by another team.", "author": "Jonas"},
        {"flag": "down", "comment": "Two things are asked, the first one counts.", "author": "Amira"},
        {"flag": "up", "author": "Amira"},
    )
    for line, words in zip(lines, said, strict=True):
        copilot.reviews.add(
            Feedback.model_validate({"run_id": run.id, "candidate_id": best, "example_id": line.example_id, **words})
        )


def _save_and_publish(copilot: Copilot, run: Run) -> str:
    library = copilot.template_library
    name = Office.template
    first = library.save_run(
        run.id, name, note="The worked examples show what belongs to whom.", author="Amira", labels=("production",)
    )
    changed = library.edited(
        first.template,
        PromptEdit(
            system=first.template.system,
            instruction=first.template.instruction
            + "\nWhere two teams fit, choose the one that the customer waits for.",
            item=first.template.item,
            outputs=tuple(shown.output for shown in first.template.demonstrations),
        ),
    )
    library.save(name, changed, note="Says what to do where two teams fit.", author="Jonas", labels=("staging",))
    library.set_tags(name, ("customer service", "sorting"))
    app = copilot.apps.create(copilot.apps.draft(f"{name}@production"))
    (field,) = app.draft.fields
    field = field.model_copy(update={"label": "Message", "example": BATCH[0]})
    draft = app.draft.model_copy(
        update={"title": "Which team?", "about": "Says which team has to act on a message", "fields": (field,)}
    )
    copilot.apps.update(app.slug, draft)
    return copilot.apps.publish(app.slug).slug


def _batch(copilot: Copilot, app: str, folder: Path) -> Sheet:
    file = messages(folder / "Messages of Monday.xlsx")
    field = copilot.apps.form(app).fields[0].name
    return all_done(copilot.apps.submit(app, file, columns={field: "Message"}))


def messages(path: Path) -> Path:
    """Write a sheet of messages, one of them empty."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Ticket", "Message"])
    for number, text in enumerate(BATCH, start=4001):
        sheet.append([number, text or None])
    book.save(path)
    return path


def improved(home: Path, *, sample: str = "support_tickets", max_calls: int = 120) -> tuple[str, str]:
    """Make a sample task with a finished run by the built-in scripted model; return the ids of both."""
    with Copilot(home, model="fake") as copilot:
        copilot.preferences.update(started=True)
        saved = copilot.tasks.create_sample(sample)
        run = copilot.improve(saved.task, copilot.tasks.dataset(saved.id), budget=Budget(max_calls=max_calls))
        copilot.tasks.link_run(saved.id, run.id)
        return saved.id, run.id


def template(home: Path, name: str = "Team for a message") -> str:
    """Save a template with one field; return its name."""
    with Copilot(home, model="fake") as copilot:
        task, run = improved(home)
        assert task
        copilot.template_library.save_run(run, name, labels=("production",))
        return name
