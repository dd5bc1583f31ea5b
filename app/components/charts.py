"""Charts in one manner: a finding as title, units on the axes, labels where a legend would be."""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from app.components import chart_theme
from app.components.text import plain
from app.wording import t

HEIGHT = 240
INTERVAL_HEIGHT = 125


def _colours() -> dict[str, str]:
    return dict(chart_theme.colours())


def _show(chart: alt.LayerChart | alt.FacetChart, *, key: str, text: str, title: str = "") -> None:
    if title:
        # Above the chart, not in it: there it would be cut at the chart's width.
        st.markdown(f"**{plain(title)}**")
    chart_theme.show(chart, key=key, text=text)


def score_chart(points: Sequence[dict[str, float]], own: float | None, *, cap: int, title: str) -> None:
    """Show the best score so far against calls, with its interval, and the user's prompt as a line."""
    colours, data = _colours(), pd.DataFrame(points)
    furthest = max(point["calls"] for point in points)
    calls = alt.X("calls:Q", title=t("Calls"), scale=alt.Scale(domain=[0, max(furthest, min(cap, furthest * 1.25))]))
    score = alt.Y("score:Q", title=t("Score (out of 100)"), scale=alt.Scale(domain=[0, 100]))
    base = alt.Chart(data)
    layers: list[alt.Chart] = [
        base.mark_area(interpolate="step-after", color=colours["better"], opacity=0.15).encode(
            x=calls, y=alt.Y("low:Q", title=t("Score (out of 100)")), y2="high:Q"
        ),
        base.mark_line(interpolate="step-after", color=colours["better"], strokeWidth=2.5).encode(x=calls, y=score),
        base.mark_circle(color=colours["better"], size=40, opacity=1).encode(
            x=calls,
            y=score,
            tooltip=[
                alt.Tooltip("calls:Q", title=t("Calls"), format=".0f"),
                alt.Tooltip("score:Q", title=t("Score"), format=".0f"),
            ],
        ),
    ]
    if own is not None:
        mine = alt.Chart(pd.DataFrame([{"score": own, "calls": 0, "label": t("your prompt")}]))
        layers.append(mine.mark_rule(color=colours["grey"], strokeDash=[5, 4], strokeWidth=1.5).encode(y=score))
        layers.append(
            mine.mark_text(align="left", dx=4, dy=-7, color=colours["grey"], fontSize=12).encode(
                x=calls, y=score, text="label:N"
            )
        )
    _show(alt.layer(*layers).properties(height=HEIGHT), key="score_chart", text=title, title=title)


def interval_chart(found: dict[str, float], *, tone: str, text: str, axis: str, key: str = "interval_chart") -> None:
    """Show a difference with its interval on one line, 0 marked."""
    colours = _colours()
    data = pd.DataFrame([{**found, "zero": 0.0, "label": t("no difference")}])
    base = alt.Chart(data)
    place = alt.X(
        "delta:Q",
        title=axis,
        scale=alt.Scale(domain=[-found["reach"], found["reach"]]),
        axis=alt.Axis(tickCount=5),
    )
    middle = alt.value(46)
    chart = alt.layer(
        base.mark_rule(color=colours["line"], strokeWidth=1.5).encode(x="zero:Q", y=alt.value(18), y2=alt.value(70)),
        base.mark_text(color=colours["grey"], fontSize=12).encode(x="zero:Q", y=alt.value(8), text="label:N"),
        base.mark_rule(color=colours[tone], strokeWidth=4).encode(x=alt.X("low:Q"), x2="high:Q", y=middle),
        base.mark_tick(color=colours[tone], thickness=3, size=18).encode(x="low:Q", y=middle),
        base.mark_tick(color=colours[tone], thickness=3, size=18).encode(x="high:Q", y=middle),
        base.mark_circle(color=colours[tone], size=180, opacity=1).encode(x=place, y=middle),
    )
    _show(chart.properties(height=INTERVAL_HEIGHT), key=key, text=text)


def methods_chart(points: Sequence[dict[str, object]], *, title: str) -> None:
    """Show prompts beside methods without a language model, each with its score."""
    colours, data = _colours(), pd.DataFrame(points)
    name = alt.Y("name:N", title=None, sort=[str(point["name"]) for point in points])
    score = alt.X(
        "score:Q", title=t("Score (out of 100)"), scale=alt.Scale(domain=[0, 108]), axis=alt.Axis(values=[0, 50, 100])
    )
    colour = alt.condition("datum.model", alt.value(colours["better"]), alt.value(colours["grey"]))
    base = alt.Chart(data)
    chart = alt.layer(
        base.mark_bar(size=14, cornerRadiusEnd=2).encode(x=score, y=name, color=colour),
        base.mark_text(align="left", dx=4, color=colours["ink"], fontSize=12).encode(
            x=score, y=name, text=alt.Text("score:Q", format=".0f")
        ),
    )
    _show(chart.properties(height=60 + 30 * len(points)), key="methods_chart", text=title, title=title)


def criteria_chart(points: Sequence[dict[str, object]], *, title: str) -> None:
    """Show every criterion's score with its interval, for both prompts."""
    colours, data = _colours(), pd.DataFrame(points)
    prompts = list(dict.fromkeys(str(point["prompt"]) for point in points))
    name = alt.Y("criterion:N", title=None, sort=None)
    offset = alt.YOffset("prompt:N", sort=prompts)
    drawn = alt.Scale(domain=prompts, range=[colours["grey"], colours["better"]])
    colour = alt.Color("prompt:N", scale=drawn, legend=alt.Legend(title=None, orient="top", direction="vertical"))
    shape = alt.Shape("prompt:N", scale=alt.Scale(domain=prompts, range=["diamond", "circle"]))
    base = alt.Chart(data)
    score = alt.X(
        "score:Q",
        title=t("Score (out of 100)"),
        scale=alt.Scale(domain=[0, 100]),
        axis=alt.Axis(values=[0, 25, 50, 75, 100]),
    )
    chart = alt.layer(
        base.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q"), x2="high:Q", y=name, yOffset=offset, color=colour),
        base.mark_point(filled=True, size=110, opacity=1).encode(
            x=score, y=name, yOffset=offset, color=colour, shape=shape
        ),
    )
    height = 110 + 50 * len({point["criterion"] for point in points})
    _show(chart.properties(height=height), key="criteria_chart", text=title, title=title)
