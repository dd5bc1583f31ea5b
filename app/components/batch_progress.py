"""How far a batch is, while it works, and what can be done with it."""

import time
from contextlib import suppress
from functools import partial

import streamlit as st

from app import navigation, state
from app.components.app_files import made
from app.components.batch_start import XLSX
from app.components.text import plain
from app.formatting import apps as words
from app.formatting import locale
from app.formatting.told import told
from app.wording import t, tn
from copilot import RunStatus, Sheet, SheetProgress, UserError
from copilot.types import AppForm

WAKE_SECONDS = 15.0
"""A batch that waits and that nobody works on is offered to a worker so often."""


def progress(sheet: Sheet) -> None:
    """Show progress, asked for anew every second while the batch is under way, and the buttons that fit."""
    now = sheet.progress()
    live = now.status in words.LIVE
    st.fragment(_progress, run_every="1s" if live else None)(sheet, live=live)
    # The row is there from the beginning: what stands below keeps its place when the batch is over.
    with st.container(horizontal=True, key="batch_downloads"):
        _downloads(sheet, now)


def _progress(sheet: Sheet, *, live: bool) -> None:
    now = sheet.progress()
    if live is not (now.status in words.LIVE):
        st.rerun()
    stopping = bool(st.session_state.get(f"stopping_{sheet.id}")) and live
    sentence = words.batch_sentence(now, left=_left(now) if live else None, stopping=stopping)
    with st.container(key="batch_progress"):
        st.markdown(plain(sentence))
        st.progress(now.done / now.total if now.total else 1.0)
        if now.error:
            st.error(plain(told(now.error)))
    if live:
        _wake(now)
        st.button(
            t("Stop"),
            key="stop_batch",
            on_click=_stop,
            args=(sheet,),
            disabled=stopping,
            help=t("Rows that are done stay."),
        )
    elif now.status is not RunStatus.FINISHED:
        st.button(t("Go on"), key="resume_batch", type="primary", on_click=_resume, args=(sheet,))
    elif now.errors:
        st.button(
            tn("Run the failed row again", "Run the {n} failed rows again", now.errors),
            key="retry_batch",
            on_click=_retry,
            args=(sheet,),
            help=t("Rows that have an answer keep it."),
        )


def _left(now: SheetProgress) -> float | None:
    """Return the seconds left at the pace since this page saw the first answer: the model's start is no pace."""
    if not now.done:
        return None
    since, begun = st.session_state.setdefault(f"pace_{now.id}", (now.done, time.monotonic()))
    return words.seconds_left(now, since=since, elapsed=time.monotonic() - begun)


def _wake(now: SheetProgress) -> None:
    key = f"woken_{now.id}"
    if not now.workers and time.monotonic() - st.session_state.get(key, 0.0) > WAKE_SECONDS:
        st.session_state[key] = time.monotonic()
        state.copilot().apps.wake(now.id)


def _stop(sheet: Sheet) -> None:
    st.session_state[f"stopping_{sheet.id}"] = True
    sheet.cancel()


def _resume(sheet: Sheet) -> None:
    _forget(sheet)
    sheet.resume()


def _retry(sheet: Sheet) -> None:
    _forget(sheet)
    with suppress(UserError):  # somebody else has pressed it first: the page shows how far that is
        sheet.retry_failed()


def _forget(sheet: Sheet) -> None:
    for name in ("stopping", "pace", "woken"):
        st.session_state.pop(f"{name}_{sheet.id}", None)


def _downloads(sheet: Sheet, now: SheetProgress) -> None:
    if not now.done:
        return
    finished = now.status is RunStatus.FINISHED
    for suffix, mime in (("xlsx", XLSX), ("csv", "text/csv")):
        st.download_button(
            t("Download .{form}", form=suffix) if finished else t("Download what is done, .{form}", form=suffix),
            partial(written, sheet, suffix),
            file_name=f"{words.file_stem(now.name)}.{suffix}",
            mime=mime,
            on_click="ignore",
            key=f"download_{suffix}",
            type="primary" if finished and suffix == "xlsx" else "secondary",
        )


def written(sheet: Sheet, suffix: str) -> bytes:
    """Write the file when it is asked for: fifty thousand rows wait in no page."""
    return made(f"rows.{suffix}", lambda path: sheet.result(path, partial=True))


def deletion(form: AppForm, sheet: Sheet) -> None:
    """Offer to delete a batch that nobody works on; say what goes with it."""
    now = sheet.progress()
    if now.status in words.LIVE:
        return
    with st.popover(t("Delete this batch"), key="delete_batch"):
        st.markdown(
            plain(
                tn(
                    "The row of {name} and its answer are deleted for good.",
                    "All {rows} rows of {name} and their answers are deleted for good.",
                    now.total,
                    rows=now.total,
                    name=locale.quoted(now.name),
                )
            )
        )
        if st.button(t("Delete the rows and answers"), key="delete_batch_now"):
            sheet.delete()
            navigation.go("app", app=form.slug, tab="batch")
