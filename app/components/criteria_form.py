"""The form of one criterion, made from its parameters; every change is handed on at once."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import streamlit as st
from pydantic import JsonValue

from app.formatting import criteria as words
from app.formatting import criteria_names as names
from app.formatting import locale
from app.wording import t
from copilot import SuccessCriterion
from copilot.types import CriterionEntry, CriterionParameter, Requirement

Change = Callable[[SuccessCriterion], None]
TALL = 120


@dataclass(frozen=True, kw_only=True)
class Form:
    """One form: what it shows, and what is done with a change.

    Args:
        entry: the criterion in the catalogue.
        criterion: as it stands.
        key: of this form among all of the page.
        changed: told of the criterion with the change.
    """

    entry: CriterionEntry
    criterion: SuccessCriterion
    key: str
    changed: Change

    def show(self) -> None:
        """Show the settings, then whether it must be met and how much it counts."""
        for small, parameters in groupby(self.entry.parameters, key=_is_small):
            with st.container(horizontal=small, gap="small"):
                for parameter in parameters:
                    self._parameter(parameter)
        self._threshold()
        self._requirement()
        self._weight()

    def _parameter(self, parameter: CriterionParameter) -> None:
        if parameter.name == "rubric" and self.entry.name == "judge":
            self._rubric()
            return
        label = names.parameter_label(self.entry.name, parameter.name, parameter.description)
        value = self.criterion.parameters.get(parameter.name, parameter.default)
        match parameter.type:
            case "number" | "whole number":
                self._number(parameter, label, value)
            case "choice":
                self._choice(parameter, label, value)
            case "list of texts":
                text = "\n".join(map(str, value)) if isinstance(value, list | tuple) else ""
                st.text_area(label, text, height=TALL, **self._bound(parameter.name, _lines))
            case "list of choices":
                chosen = list(value) if isinstance(value, list | tuple) else []
                options = list(parameter.choices)
                bound = self._bound(parameter.name, list)
                st.multiselect(label, options, chosen, format_func=names.choice_label, **bound)
            case "yes or no":
                st.checkbox(label, bool(value), **self._bound(parameter.name, bool))
            case "object":
                self._object(parameter, label, value)
            case _:
                self._text(parameter, label, value)

    def _number(self, parameter: CriterionParameter, label: str, value: JsonValue) -> None:
        whole = parameter.type == "whole number"
        given = float(value) if isinstance(value, int | float) else None
        read = _whole if whole else _as_is
        step: Any = 1 if whole else 0.05 if (given or 0) <= 1 else 1.0
        shown: Any = int(given) if whole and given is not None else given
        least: Any = 0 if whole else 0.0
        placeholder = t("no limit") if not parameter.required else None
        bound = self._bound(parameter.name, read)
        st.number_input(label, min_value=least, value=shown, step=step, placeholder=placeholder, width=220, **bound)

    def _choice(self, parameter: CriterionParameter, label: str, value: JsonValue) -> None:
        # Models count pieces of words: nobody thinks in them, and no expected answer has a number of them.
        options = [choice for choice in parameter.choices if choice != "tokens" or value == "tokens"]
        index = options.index(str(value)) if value in options else 0
        bound = self._bound(parameter.name, _as_is)
        st.selectbox(label, options, index, format_func=names.choice_label, width=220, **bound)

    def _text(self, parameter: CriterionParameter, label: str, value: JsonValue) -> None:
        text = str(value or "")
        bound = self._bound(parameter.name, str.strip)
        if parameter.name == "language":
            known = names.languages()
            codes = list(known) if text in known or not text else [text, *known]
            st.selectbox(
                label,
                codes,
                codes.index(text or "en"),
                format_func=lambda code: known.get(code, code),
                width=220,
                **bound,
            )
        elif parameter.name == "region":
            st.text_input(label, text, max_chars=2, width=220, **self._bound(parameter.name, _capitals))
        elif parameter.name == "rubric":
            st.text_area(label, text, height=TALL, **bound)
        else:
            st.text_input(label, text, **bound)

    def _object(self, parameter: CriterionParameter, label: str, value: JsonValue) -> None:
        def from_fields(text: str) -> JsonValue:
            return words.with_fields(value, words.lines(text))

        def from_text(text: str) -> JsonValue:
            read = words.read_object(text)
            return value if read is None else read

        fields = t("Fields that the data must have, one a line")
        st.text_area(fields, "\n".join(words.fields_of(value)), height=TALL, **self._bound(parameter.name, from_fields))
        with st.popover(t("Details")):
            text = json.dumps(value, indent=2, ensure_ascii=False)
            bound = self._bound(parameter.name, from_text, part=f"{parameter.name}-{hash(text)}")
            st.text_area(label, text, height=240, **bound)

    def _rubric(self) -> None:
        rules, levels = words.split_rubric(str(self.criterion.parameters.get("rubric", "")))

        def with_rules(text: str) -> JsonValue:
            return words.joined_rubric(text, levels)

        label = names.parameter_label("judge", "rubric", "")
        hint = t("For example: The answer names the cause and the next step, and promises nothing.")
        bound = self._bound("rubric", with_rules, part="rules")
        st.text_area(label, rules, height=TALL, placeholder=hint, **bound)
        meanings = {"5": t("A 5 is"), "3": t("A 3 is"), "1": t("A 1 is")}
        hints = {"5": t("fully meets the rules"), "3": t("half meets them"), "1": t("misses them")}
        for column, rating in zip(st.columns(3), words.LEVELS, strict=True):
            bound = self._bound("rubric", _level(rules, levels, rating), part=f"level-{rating}")
            column.text_input(meanings[rating], levels.get(rating, ""), placeholder=hints[rating], **bound)

    def _threshold(self) -> None:
        if not self.entry.graded:
            return
        value = self.entry.default_threshold if self.criterion.threshold is None else self.criterion.threshold
        key = f"{self.key}-threshold"
        if self.entry.name == "judge":
            ratings = {(rating - 1) / 4: rating for rating in range(1, 6)}
            nearest = min(ratings, key=lambda known: abs(known - value))
            st.select_slider(
                t("Passes from rating"),
                options=list(ratings),
                value=nearest,
                format_func=lambda share: t("{n} of 5", n=ratings[share]),
                key=key,
                on_change=self._set_threshold,
                width=420,
            )
            return
        percents = sorted({*range(0, 101, 5), round(value * 100)})
        st.select_slider(
            t("An answer passes from a score of"),
            options=percents,
            value=round(value * 100),
            format_func=lambda n: locale.percent(n / 100),
            key=key,
            on_change=self._set_threshold,
            width=420,
        )

    def _requirement(self) -> None:
        labels = {
            "must": t("Must: an answer that misses it is worth nothing"),
            "should": t("Should: an answer that misses it is worth less"),
        }
        st.radio(
            t("How strict"),
            list(labels),
            index=list(labels).index(str(self.criterion.requirement)),
            format_func=lambda name: labels[name],
            key=f"{self.key}-requirement",
            on_change=self._set_requirement,
        )

    def _weight(self) -> None:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.segmented_control(
                t("It counts"),
                ["light", "normal", "heavy"],
                default=words.weight_word(self.criterion.weight),
                format_func=words.weight_label,
                key=f"{self.key}-weight",
                on_change=self._set_weight_word,
            )
            with st.popover(t("Details")):
                key = f"{self.key}-number-{self.criterion.weight:g}"
                st.number_input(
                    t("Weight"),
                    min_value=0.0,
                    value=float(self.criterion.weight),
                    step=0.25,
                    key=key,
                    on_change=lambda: self._change(weight=float(st.session_state[key] or 0)),
                    help=t("1 is normal; with 2 it counts twice as much as the others, with 0 not at all."),
                )

    def _bound(self, name: str, read: Callable[[Any], JsonValue], *, part: str | None = None) -> dict[str, Any]:
        """Return a widget's key and what happens when it changes: one setting is read and handed on."""
        key = f"{self.key}-{part or name}"

        def changed() -> None:
            parameters = {other: value for other, value in self.criterion.parameters.items() if other != name}
            value = read(st.session_state[key])
            if value is not None:
                parameters[name] = value
            self._change(parameters=parameters)

        return {"key": key, "on_change": changed}

    def _set_threshold(self) -> None:
        value = float(st.session_state[f"{self.key}-threshold"])
        self._change(threshold=value if self.entry.name == "judge" else value / 100)

    def _set_requirement(self) -> None:
        self._change(requirement=Requirement(st.session_state[f"{self.key}-requirement"]))

    def _set_weight_word(self) -> None:
        word = st.session_state[f"{self.key}-weight"]
        if word:
            self._change(weight=words.weight_of(word))

    def _change(self, **update: object) -> None:
        self.changed(self.criterion.model_copy(update=update))


def _is_small(parameter: CriterionParameter) -> bool:
    return parameter.type in ("number", "whole number", "choice") or parameter.name in ("language", "region")


def _level(rules: str, levels: dict[str, str], rating: str) -> Callable[[str], JsonValue]:
    return lambda text: words.joined_rubric(rules, {**levels, rating: text})


def _as_is(value: Any) -> JsonValue:
    kept: JsonValue = value
    return kept


def _whole(value: Any) -> JsonValue:
    return None if value is None else int(value)


def _lines(text: str) -> JsonValue:
    return list[JsonValue](words.lines(text))


def _capitals(value: str) -> JsonValue:
    return value.strip().upper()
