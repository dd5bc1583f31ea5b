"""Home: projects and tasks."""

from app.components.page import heading
from app.wording import t

heading(t("Home"))
