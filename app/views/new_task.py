"""The page new_task."""

from app.components.page import heading
from app.wording import t

heading(t("new_task"))
