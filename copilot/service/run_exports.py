"""A run's table and verdict as files."""

import os
import secrets
from collections import defaultdict
from pathlib import Path

from copilot.domain.feedback import Feedback
from copilot.domain.prompt import PromptTemplate
from copilot.domain.snapshot import RowQuery
from copilot.errors import StorageError, UserError
from copilot.export.report import ReportContent, ReportPart, write_report
from copilot.export.report_rows import RowLayout
from copilot.export.report_words import ReportWords
from copilot.export.rows import FORMATS, open_row_writer
from copilot.service import feedback as feedbacks
from copilot.service import results, run_rows, runs
from copilot.service.workspace import Workspace

WORST_ROWS = 10


def export(workspace: Workspace, run_id: str, path: Path, query: RowQuery) -> tuple[str, ...]:
    """Write every row that the query leaves, with all scores and feedback, to a file that appears when it is whole.

    Returns:
        What the form could not hold, in sentences.

    Raises:
        UserError: there is no such form, run or prompt.
        StorageError: the file cannot be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"Rows cannot be written to '{path.name}'; use a name that ends in {', '.join(FORMATS)}.")
    said: dict[tuple[str, str], list[Feedback]] = defaultdict(list)
    for saved in feedbacks.list_all(workspace, run_id=run_id):
        said[saved.feedback.candidate_id, saved.feedback.example_id].append(saved.feedback)
    inputs, criteria = run_rows.table_columns(workspace, run_id, query)
    layout = RowLayout.of(inputs, criteria)
    unfinished = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.unfinished{path.suffix}")
    try:
        with open_row_writer(unfinished, layout.columns) as writer:
            for row in run_rows.all_rows(workspace, run_id, query):
                writer.write(layout.cells(row, said[row.trial.candidate_id, row.example.id]))
        os.replace(unfinished, path)
    except OSError as error:
        raise StorageError(f"The file {path} cannot be written ({error.strerror}). Choose another place.") from error
    finally:
        for rest in path.parent.glob(f"{unfinished.name}*"):
            rest.unlink(missing_ok=True)
    return writer.warnings


def report(workspace: Workspace, run_id: str, path: Path, words: ReportWords) -> None:
    """Write the report of a finished run as a .docx file.

    Raises:
        UserError: the run is not finished, or the name does not end in .docx.
        StorageError: the file cannot be written.
    """
    saved = runs.get_run(workspace, run_id)
    if saved.result is None:
        raise UserError("There is no report yet: this run has no verdict.")
    if path.suffix.lower() != ".docx":
        raise UserError(f"A report cannot be written to '{path.name}'; use a name that ends in .docx.")
    finalist = run_rows.finalist_id(workspace, run_id)
    asked = RowQuery(candidate_id=finalist, against=results.USER, show="failures", limit=WORST_ROWS)
    tried = run_rows.prompt(workspace, run_id, finalist)
    content = ReportContent(
        task=saved.plan.task,
        model=saved.plan.task_model,
        finished_at=saved.summary.finished_at,
        result=saved.result,
        before=_parts(saved.result.user_template),
        after=_parts(tried.template),
        reason=tried.rationale,
        yours=run_rows.facts(workspace, run_id, RowQuery(candidate_id=results.USER)),
        tried=run_rows.facts(workspace, run_id, asked),
        worst=run_rows.page(workspace, run_id, asked).rows,
    )
    write_report(path, content, words)


def _parts(template: PromptTemplate) -> tuple[ReportPart, ...]:
    return tuple(ReportPart(head=part.head, text=part.text) for part in results.prompt_parts(template))
