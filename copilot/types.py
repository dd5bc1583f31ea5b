"""Names for annotations: what the methods of `Copilot` take and hand out, beyond the names in `copilot` itself."""

from copilot.domain.difference import FieldDifference as FieldDifference
from copilot.domain.library import LabelMove as LabelMove
from copilot.domain.library import PromptEdit as PromptEdit
from copilot.domain.library import TemplateDifference as TemplateDifference
from copilot.domain.library import TemplateEntry as TemplateEntry
from copilot.domain.library import TemplateExport as TemplateExport
from copilot.domain.library import TemplateForm as TemplateForm
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
from copilot.service.template_library import TemplateLibrary as TemplateLibrary
from tasks.loading.report import ImportReport as ImportReport
