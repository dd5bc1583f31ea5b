"""Names for annotations: what the methods of `Copilot` take and hand out, beyond the names in `copilot` itself."""

from copilot.domain.saved import LabelChange as LabelChange
from copilot.domain.saved import ModelConnection as ModelConnection
from copilot.domain.saved import SavedEvent as SavedEvent
from copilot.domain.saved import SavedFeedback as SavedFeedback
from copilot.domain.saved_tasks import ExampleCounts as ExampleCounts
from copilot.domain.saved_tasks import SavedExample as SavedExample
from copilot.domain.saved_tasks import SavedTask as SavedTask
from copilot.domain.saved_tasks import ScoredRun as ScoredRun
from copilot.domain.saved_tasks import TaskOverview as TaskOverview
from copilot.service.models import ModelTest as ModelTest
from copilot.service.results import Failure as Failure
from copilot.service.results import Piece as Piece
from copilot.service.saved_tasks_facade import Tasks as Tasks
from tasks.loading.report import ImportReport as ImportReport
