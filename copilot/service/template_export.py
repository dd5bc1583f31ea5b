"""A saved template as text in the forms that people take away."""

import re

from copilot.domain.library import TemplateExport, TemplateForm
from copilot.domain.prompt import PromptTemplate
from copilot.domain.saved import TemplateVersion
from copilot.export import snippets
from copilot.export.langchain_code import to_langchain_code
from copilot.export.templates import format_template

# The name stands in a comment, which it cannot leave: it has no line ends.
_SDK = """# Runs the template {reference} with everything that was scored.
from copilot import Copilot

copilot = Copilot()  # the same FALCONER_HOME as this installation's
template = copilot.template({reference!r})

answer = template.run({example})
print(answer.output if answer.error is None else answer.error)

# Many rows, several at once and in their order:
# for answer in template.map(rows): ...

# In LangChain, the same as one Runnable:
# chain = template.as_runnable()
"""


def export_text(saved: TemplateVersion, form: TemplateForm, *, reference: str) -> TemplateExport:
    """Return a template in a form.

    Args:
        saved: the version.
        form: which.
        reference: how a program of this installation asks for it; a label goes on meaning what it points at.
    """
    stem = re.sub(r"[^\w-]+", "-", saved.name).strip("-_") or "template"
    if form == "yaml":
        text = format_template(
            saved.template, name=saved.name, task=saved.task, note=saved.note, run_id=saved.run_id or ""
        )
        return TemplateExport(form=form, file_name=f"{stem}.yaml", text=text)
    if form == "python":
        text = _SDK.format(reference=reference, example=_example(saved.template))
        return TemplateExport(form=form, file_name=f"{stem}.py", text=text)
    if form == "langchain":
        made, name = to_langchain_code(saved.template), f"{stem}_langchain.py"
    elif form == "openai":
        made, name = snippets.to_python_snippet(saved.template), f"{stem}_openai.py"
    else:
        made, name = snippets.to_curl(saved.template), f"{stem}.sh"
    return TemplateExport(form=form, file_name=name, text=made.text, notes=made.notes)


def _example(template: PromptTemplate) -> str:
    return "{" + ", ".join(f'{name!r}: "..."' for name in template.variables) + "}"
