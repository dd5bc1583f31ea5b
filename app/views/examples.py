"""The page examples."""

from app.components.page import heading
from app.wording import t

heading(t("examples"))
