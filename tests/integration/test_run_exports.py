"""A finished run as files: every row and remark, formulas as text, and a report that opens."""

from pathlib import Path

import docx
import openpyxl
import pytest

from copilot import Copilot, Dataset, Example, Feedback, Run, Task, TaskKind, UserError
from copilot.export.report_words import catalogue

HOSTILE = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run whose inputs and remarks are formulas."""
    rows = Dataset(
        examples=tuple(
            Example(id=f"{n}", inputs={"text": f"{HOSTILE} {n}"}, expected=("a" if n % 2 else "b",)) for n in range(50)
        )
    )
    task = Task(name="Formulas", kind=TaskKind.CLASSIFICATION, labels=("a", "b"), description="Sort.")
    copilot = Copilot(tmp_path / "home", model="fake")
    made = copilot.improve(task, rows)
    first = made.rows().rows[0]
    copilot.add_feedback(
        Feedback(run_id=made.id, candidate_id=first.trial.candidate_id, example_id=first.example.id, comment="=1+1")
    )
    return made


def test_all_rows_with_remarks_and_no_live_formula(run: Run, tmp_path: Path) -> None:
    run.export(tmp_path / "rows.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "rows.xlsx").active
    assert sheet is not None
    lines = list(sheet.iter_rows())
    titles = [cell.value for cell in lines[0]]
    assert {"text", "expected", "answer", "comment", "seconds"} <= set(titles)
    assert all(cell.data_type != "f" for line in lines for cell in line)
    comments = [line[titles.index("comment")].value for line in lines[1:]]
    assert comments.count("=1+1") == 1 and len(comments) > run.rows().total - 1
    run.export(tmp_path / "rows.csv")
    text = (tmp_path / "rows.csv").read_text()
    assert "'=HYPERLINK" in text and "'=1+1" in text and '\n"=HYPERLINK' not in text


def test_the_report_says_verdict_prompts_and_worst_rows(run: Run, tmp_path: Path) -> None:
    run.report(tmp_path / "report.docx")
    said = "\n".join(paragraph.text for paragraph in docx.Document(str(tmp_path / "report.docx")).paragraphs)
    assert run.verdict.sentence in said
    assert "Your prompt" in said and "Where it still fails" in said
    with pytest.raises(UserError, match="docx"):
        run.report(tmp_path / "report.pdf")
    assert sorted(path.suffix for path in tmp_path.iterdir() if path.is_file()) == [".docx"]


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_the_report_speaks_the_readers_language(run: Run, tmp_path: Path, language: str) -> None:
    heard: list[str] = []

    def told(sentence: str) -> str:
        heard.append(sentence)
        return f"<{sentence}>"

    run.report(tmp_path / "report.docx", language=language, told=told)
    document = docx.Document(str(tmp_path / "report.docx"))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    texts = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    assert {"de": "Ihr Prompt", "fr": "Votre prompt", "es": "Su prompt"}[language] in texts
    assert run.verdict.sentence not in texts and heard and f"<{heard[0]}>" in texts
    english = [word for word in catalogue() if len(word.split()) > 2 and "{" not in word and word in texts]
    assert english == []
    with pytest.raises(UserError, match="no report in 'it'"):
        run.report(tmp_path / "report.docx", language="it")
