"""Result: the verdict, what it rests on, what changed, and every row."""

from functools import partial

from app import navigation, state
from app.components import result_states
from app.components.page import empty, heading, steps
from app.components.result_page import show
from app.components.run_task import of_url, run_of_url
from app.formatting.tasks import done_steps
from app.wording import t
from copilot import RunStatus

saved = of_url()
if saved is not None:
    tasks = state.copilot().tasks
    runs, counts = tasks.runs(saved.id), tasks.counts(saved.id)
    run_id = run_of_url(runs)
    steps("result", task=saved.id, done=done_steps(counts, criteria=bool(saved.task.criteria), runs=runs), run=run_id)
    heading(t("Result"), saved.task.name)
    if run_id is None:
        empty(
            t(
                "Here the verdict will stand: whether a new prompt is better than yours, on examples that nothing was "
                "tuned on. Nothing has been tried for this task yet."
            ),
            t("Improve the prompt"),
            partial(navigation.go, "improve", task=saved.id),
        )
    else:
        result_states.choose(runs, run_id)
        run = state.copilot().get_run(run_id)
        if run.status is RunStatus.FINISHED:
            show(saved, run)
        else:
            result_states.unfinished(saved, run)
