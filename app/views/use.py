"""The page use."""

from app.components.page import heading
from app.wording import t

heading(t("use"))
