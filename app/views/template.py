"""The page template."""

from app.components.page import heading
from app.wording import t

heading(t("template"))
