"""What the pages about templates say: versions, labels, prompts part by part, and differences in plain words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.formatting import locale
from app.wording import t, tn
from copilot import PromptTemplate, TemplateVersion
from copilot.types import LabelChange, LabelMove, Piece, SavedApp

MARKS = {"same": "same", "gone": "removed", "new": "added"}
KNOWN_LABELS = ("draft", "staging", "production")
_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,49}")


@dataclass(frozen=True)
class Part:
    """A part of a prompt as people read it, in two versions."""

    title: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether the two are not the same."""
        return self.before != self.after


def version_name(saved: TemplateVersion) -> str:
    """Return a version as it is chosen from a list."""
    words = t("Version {version} of {day}", version=saved.version, day=locale.date(saved.created_at))
    return f"{words} · {', '.join(saved.labels)}" if saved.labels else words


def byline(saved: TemplateVersion, *, zone: str | None = None) -> str:
    """Return when a version was saved and by whom."""
    when = locale.moment(saved.created_at, zone=zone)
    if saved.author:
        return t("Saved {when} by {author}", when=when, author=saved.author)
    return t("Saved {when}", when=when)


def move_sentence(move: LabelMove) -> str:
    """Return what pointing a label at a version replaces, before it is done."""
    if move.replaces is None:
        return t(
            "“{label}” points at no version yet; it will point at version {version} of {day}.",
            label=move.label,
            version=move.version.version,
            day=locale.date(move.version.created_at),
        )
    if move.replaces.version == move.version.version:
        return t("“{label}” points at version {version} already.", label=move.label, version=move.version.version)
    return t(
        "“{label}” now points at version {before} of {before_day}; it will point at version {after} of {after_day}.",
        label=move.label,
        before=move.replaces.version,
        before_day=locale.date(move.replaces.created_at),
        after=move.version.version,
        after_day=locale.date(move.version.created_at),
    )


def change_sentence(change: LabelChange) -> str:
    """Return a move of a label that was done."""
    values = {"label": change.label, "before": change.before, "after": change.after}
    if change.after is None:
        return t("“{label}” was taken off version {before}.", **values)
    if change.before is None:
        return t("“{label}” points at version {after}.", **values)
    return t("“{label}” points at version {after}; it pointed at version {before}.", **values)


def change_preview(name: str, versions: Sequence[TemplateVersion], label: str, *, prompt: PromptTemplate) -> str:
    """Return what saving a prompt under a name will do, before it is done."""
    if versions and versions[0].content_hash == prompt.content_hash:
        words = t(
            "“{name}” holds this very prompt already, as version {version}.", name=name, version=versions[0].version
        )
    elif not versions:
        words = t("A new template, “{name}”, with this prompt as version 1.", name=name)
    else:
        words = t("“{name}” exists: this becomes its version {version}.", name=name, version=versions[0].version + 1)
    there = [saved.version for saved in versions if label in saved.labels]
    if there:
        return words + " " + t("“{label}” moves there from version {version}.", label=label, version=there[0])
    return words + " " + t("“{label}” will point at it.", label=label) if label else words


def apps_following(apps: Sequence[SavedApp], name: str, label: str = "") -> tuple[str, ...]:
    """Return the titles of apps that run a template, or one label of it."""
    references = [(app.draft.title, app.published or app.draft) for app in apps if not app.withdrawn]
    return tuple(
        title
        for title, used in references
        if (used.template == f"{name}@{label}" if label else used.template.partition("@")[0] == name)
    )


def usable_label(text: str) -> str:
    """Return a label as it is kept, from what somebody typed; empty: it cannot be one."""
    cleaned = re.sub(r"[\s.]+", "-", text.strip().lower())
    return cleaned if _LABEL.fullmatch(cleaned) and cleaned != "latest" else ""


def proposed_name(task: str) -> str:
    """Return a name for a template from its task's, without what a template's name cannot hold."""
    name = " ".join(re.sub(r"[@/\\]", " ", "".join(sign if sign.isprintable() else " " for sign in task)).split())
    return (name.removesuffix(".yaml").removesuffix(".yml")[:200].strip()) or t("My template")


def diff_pieces(pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    """Return a difference for `components.text.marked`."""
    return [(piece.text, MARKS[piece.change]) for piece in pieces]


def with_chips(template: PromptTemplate, text: str) -> list[tuple[str, str]]:
    """Return the text for each input for `components.text.marked`, its fields marked."""
    pieces: list[tuple[str, str]] = []
    end = 0
    for slot in template.slot_pattern.finditer(text):
        pieces += [(text[end : slot.start()], "same"), (slot.group(1), "variable")]
        end = slot.end()
    return [piece for piece in [*pieces, (text[end:], "same")] if piece[0]]


def read_parts(before: PromptTemplate, after: PromptTemplate) -> tuple[Part, ...]:
    """Return the parts that a reader of the prompt sees, those that differ alone."""
    parts = (
        Part(t("Background"), before.system, after.system),
        Part(t("Instruction"), before.instruction, after.instruction),
        Part(t("Worked examples"), _examples(before), _examples(after)),
        Part(t("Each input"), before.item, after.item),
    )
    return tuple(part for part in parts if part.differs)


def unseen_parts(before: PromptTemplate, after: PromptTemplate) -> tuple[Part, ...]:
    """Return in plain words what differs and stands in no text: length, chance, form and reading of the answer."""
    parts = (
        Part(t("Longest answer"), _length(before), _length(after)),
        Part(t("Wording"), _chance(before), _chance(after)),
        Part(t("Where the answer ends"), _ends(before), _ends(after)),
        Part(t("Form of the answer"), _form(before), _form(after)),
        Part(t("How a label is read"), _reading(before), _reading(after)),
        Part(t("Calibration on your examples"), _calibration(before), _calibration(after)),
        Part(t("Examples chosen for each input"), _retrieval(before), _retrieval(after)),
        Part(t("Afterwards"), _refined(before), _refined(after)),
    )
    found = tuple(part for part in parts if part.differs)
    return found or _untold(before, after)


def _untold(before: PromptTemplate, after: PromptTemplate) -> tuple[Part, ...]:
    """Return a part for what differs and has no words here, so that nothing differs silently."""
    read = {"system", "instruction", "item", "demonstrations"}
    if before.model_dump(exclude=read) == after.model_dump(exclude=read):
        return ()
    return (Part(t("Figures behind the prompt"), t("as they were"), t("measured anew")),)


def settings_of(template: PromptTemplate) -> tuple[tuple[str, str], ...]:
    """Return what belongs to a prompt and stands in no text, as title and plain words; what is not used is left out."""
    rows = (
        (t("Longest answer"), _length(template)),
        (t("Wording"), _chance(template)),
        (t("Form of the answer"), _form(template)),
        (t("How a label is read"), _reading(template) if template.contract.labels else ""),
        (t("Calibration on your examples"), _calibration(template) if template.decision else ""),
        (t("Examples chosen for each input"), _retrieval(template) if template.retrieval else ""),
        (t("Afterwards"), _refined(template) if template.contract.refinement else ""),
    )
    return tuple((title, words) for title, words in rows if words)


def _examples(template: PromptTemplate) -> str:
    shown = []
    for example in template.demonstrations:
        inputs = "\n".join(f"{name}: {text}" for name, text in example.inputs.items())
        shown.append(f"{inputs}\n→ {example.output}")
    return "\n\n".join(shown)


def _length(template: PromptTemplate) -> str:
    words = max(1, round(template.decoding.max_tokens * 0.75))
    return t("{tokens} tokens, about {words} words", tokens=template.decoding.max_tokens, words=words)


def _chance(template: PromptTemplate) -> str:
    decoding = template.decoding
    if decoding.temperature == 0:
        words = t("always the likeliest words: the same input gets the same answer")
    else:
        words = t("varies by chance ({share:g} on a scale where 0 is none)", share=decoding.temperature)
    if decoding.top_p < 1:
        words += "; " + t("the least likely {share} of words are left out", share=locale.percent(1 - decoding.top_p))
    if decoding.repetition_penalty != 1:
        words += "; " + t("repetition is discouraged ({strength:g})", strength=decoding.repetition_penalty)
    if decoding.seed:
        words += "; " + t("drawn with number {seed}", seed=decoding.seed)
    return words


def _ends(template: PromptTemplate) -> str:
    stops = ", ".join(repr(stop) for stop in template.decoding.stop)
    return t("before {texts}", texts=stops) if stops else t("where the model ends it")


def _form(template: PromptTemplate) -> str:
    contract = template.contract
    forms = {
        "text": t("free text"),
        "label": t("one of: {labels}", labels=", ".join(contract.labels)),
        "list": t("a list"),
        "json": t("a list inside a fixed structure") if not contract.labels else t("a label inside a fixed structure"),
    }
    if template.kind not in ("keyword_extraction", "classification"):
        forms["json"] = t("a text inside a fixed structure")
    held = contract.constraint is not None and not template.label_scoring
    codes = " " + t("written as {codes}", codes=", ".join(contract.codes)) if contract.codes else ""
    return forms[contract.form] + codes + ("; " + t("the model is held to it") if held else "")


def _reading(template: PromptTemplate) -> str:
    if not template.label_scoring:
        return t("from the text that the model writes")
    if template.label_samples > 1:
        return t("from how likely each label is, asking {n} times where needed", n=template.label_samples)
    return t("from how likely the model finds each label")


def _calibration(template: PromptTemplate) -> str:
    if template.decision is None or template.decision.method == "none":
        return t("none")
    shares = ", ".join(locale.signed(bias, 2) for bias in template.decision.biases)
    return t("labels that the model favours are held back ({shares})", shares=shares)


def _retrieval(template: PromptTemplate) -> str:
    if template.retrieval is None:
        return t("none")
    return tn(
        "the one of {bank} that is most like the input",
        "the {n} of {bank} that are most like the input",
        template.retrieval.count,
        bank=len(template.retrieval.bank),
    )


def _refined(template: PromptTemplate) -> str:
    refinement = template.contract.refinement
    if refinement is None:
        return t("the answer stays as it is")
    return {
        "occurring_items": t("items that do not stand in the document are left out"),
        "without_question": t("words of the question at both ends are left out"),
        "copied_words": t("only the longest part that stands in the document is kept"),
    }[refinement.rule]


def chosen_version(versions: Sequence[TemplateVersion], asked: str) -> TemplateVersion | None:
    """Return the version of a link (a number or a label; empty: the newest), or None where there is none such."""
    if not asked:
        return versions[0]
    return next((saved for saved in versions if asked == str(saved.version) or asked in saved.labels), None)
