"""The page app."""

from app.components.page import heading
from app.wording import t

heading(t("app"))
