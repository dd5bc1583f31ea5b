"""What the playground says of an answer."""

from app.formatting import locale
from app.formatting.tasks import field_name
from app.wording import t, tn
from copilot import RowOutput


def answer_text(output: RowOutput) -> str:
    """Return an answer as people read it; a list one item a line."""
    if output.output is None:
        return ""
    return output.output if isinstance(output.output, str) else "\n".join(f"• {item}" for item in output.output)


def field_title(variable: str) -> str:
    """Return what a field is called that the template knows by a variable alone."""
    name = field_name(variable).strip()
    return name[:1].upper() + name[1:]


def cost_line(output: RowOutput, *, seconds: float, first: float | None = None) -> str:
    """Return what an answer took: seconds, tokens, and how sure the model is of a label."""
    parts = [t("{seconds:.1f} s", seconds=seconds)]
    if first is not None and seconds - first > 0.5:
        parts[0] += " " + t("(first word after {seconds:.1f} s)", seconds=first)
    usage = output.usage
    parts.append(t("{read} tokens read, {written} written", read=usage.prompt_tokens, written=usage.completion_tokens))
    if usage.calls > 1:
        parts.append(tn("one request", "{n} requests", usage.calls))
    if output.confidence is not None:
        parts.append(t("{share} sure", share=locale.percent(output.confidence)))
    return " · ".join(parts)
