"""Every error this product raises on purpose.

CopilotError                 message says what, where and what to do; never a stack trace for the user
├── UserError                the user can mend it: exit code 2
│   ├── TaskError            a task file or its values
│   ├── ImportRefused        a data file that cannot be taken
│   ├── CriterionError       an unknown criterion or a bad parameter
│   ├── TemplateError        a template file, a missing variable, an unknown name or label
│   └── ModelConfigError     a model name, URL or key that cannot be right
├── ModelError               a model server refused or failed (exit code 1)
│   ├── ModelUnreachable     no connection, DNS, timeout                       retryable
│   ├── ModelOverloaded      429, 503; `retry_after` seconds where said        retryable
│   ├── ModelServerFault     other 5xx, broken bodies                          retryable
│   ├── ModelAuthFailed      401, 403
│   ├── ModelNotFound        404
│   ├── ModelRejected        400, 413, 422: the request is wrong for this server
│   ├── ContextOverflow      the prompt does not fit
│   └── ConstraintRejected   the server lacks this constraint; ask again, the adapter has stepped down   retryable
├── BudgetExhausted          the run's cap on calls or tokens is reached
└── StorageError             database locked, disk full, wrong version
    └── StaleWorker          another worker has taken this run over; stop without writing
"""


class CopilotError(Exception):
    """Base of all errors raised on purpose; `str(error)` is fit for a user."""

    exit_code = 1


class UserError(CopilotError):
    """Something the user can mend."""

    exit_code = 2


class TaskError(UserError):
    """A task file or a task's values are wrong."""


class ImportRefused(UserError):
    """A data file cannot be taken."""


class CriterionError(UserError):
    """A criterion names no evaluator or has a bad parameter."""


class TemplateError(UserError):
    """A template file, variable, name or label is wrong."""


class ModelConfigError(UserError):
    """A model name, URL, key or setting cannot be right."""


class ModelError(CopilotError):
    """A model server refused or failed."""

    retryable = False

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds the server asked to wait, where it did."""


class ModelUnreachable(ModelError):
    """No connection, or no answer in time."""

    retryable = True


class ModelOverloaded(ModelError):
    """The server is at its limit (429, 503)."""

    retryable = True


class ModelServerFault(ModelError):
    """The server failed (other 5xx, or a body that cannot be read)."""

    retryable = True


class ModelAuthFailed(ModelError):
    """The key is missing or wrong (401, 403)."""


class ModelNotFound(ModelError):
    """The URL or the model's name leads nowhere (404)."""


class ModelRejected(ModelError):
    """The server will not take this request (400, 413, 422)."""


class ContextOverflow(ModelError):
    """Prompt and answer do not fit into the model's context."""


class ConstraintRejected(ModelError):
    """The server lacks this constraint; the adapter has noted it, and the next attempt uses its fallback."""

    retryable = True

    def __init__(self, message: str, *, prompt_tokens: int = 0, completion_tokens: int = 0) -> None:
        super().__init__(message)
        self.prompt_tokens = prompt_tokens
        """Tokens of an answer that was of no use, as the server counted them."""
        self.completion_tokens = completion_tokens


class BudgetExhausted(CopilotError):
    """The run's cap on calls or tokens is reached."""


class StorageError(CopilotError):
    """The database or the disk refuses."""


class StaleWorker(StorageError):
    """Another worker has taken the run over; the one that sees this stops and writes nothing more."""
