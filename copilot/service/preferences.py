"""What the SDK hands out for choices that outlive a visit; got as `Copilot.preferences`."""

from contextlib import suppress

from pydantic import JsonValue, ValidationError

from copilot.domain.preferences import Choices, DataPlace, DefaultModels
from copilot.errors import UserError
from copilot.service import models
from copilot.service.workspace import Workspace
from copilot.storage import preferences as storage


class Preferences:
    """Language, light or dark, and models: chosen once, for the whole installation.

    Args:
        workspace: the installation.
        defaults: the models of this program, used where none was chosen.
    """

    def __init__(self, workspace: Workspace, defaults: DefaultModels) -> None:
        self._workspace = workspace
        self._defaults = defaults

    def get(self) -> Choices:
        """Return what was chosen; a choice that another version made and this one does not know is left out."""
        with self._workspace.database.reading() as session:
            saved = storage.load_choices(session)
        known = {name: value for name, value in saved.items() if name in Choices.model_fields}
        try:
            return Choices.model_validate(known)
        except ValidationError as error:
            wrong = {str(fault["loc"][0]) for fault in error.errors()}
            return Choices.model_validate({name: value for name, value in known.items() if name not in wrong})

    def update(self, **choices: JsonValue) -> Choices:
        """Choose something else, e.g. `update(language="fr")`; what is not named stays.

        Raises:
            UserError: there is no such choice, or not this value for it.
        """
        unknown = sorted(choices.keys() - Choices.model_fields.keys())
        if unknown:
            raise UserError(f"There is no choice '{unknown[0]}'; possible are {', '.join(Choices.model_fields)}.")
        try:
            Choices.model_validate(choices)
        except ValidationError as error:
            fault = error.errors()[0]
            raise UserError(f"The choice '{fault['loc'][0]}' cannot be {choices[str(fault['loc'][0])]!r}.") from None
        with self._workspace.database.writing() as session:
            storage.save_choices(session, choices=choices)
        return self.get()

    def models(self) -> DefaultModels:
        """Return the models to use where a call names none: those chosen, else this program's.

        A connection that was removed is no longer chosen.
        """
        chosen = self.get()
        names = {connection.name for connection in models.list_all(self._workspace)}
        task, writer, judge = (
            name if name in names else "" for name in (chosen.model, chosen.copilot_model, chosen.judge_model)
        )
        if task and not writer:
            # Who chooses a model for the task, and none for the prompts, means the same one for both.
            return DefaultModels(task=task, judge=judge or self._defaults.judge)
        return DefaultModels(
            task=task or self._defaults.task,
            copilot=writer or self._defaults.copilot,
            judge=judge or self._defaults.judge,
        )

    def place(self) -> DataPlace:
        """Return where data lies, and how much of it."""
        home, database = self._workspace.home, self._workspace.database
        total = 0
        for file in home.rglob("*"):
            # Logs and temporary files come and go while we look.
            with suppress(OSError):
                total += file.stat().st_size if file.is_file() else 0
        return DataPlace(
            folder=str(home),
            database=database.where,
            bytes=total,
            on_server=self._workspace.settings.database.startswith("postgresql"),
        )
