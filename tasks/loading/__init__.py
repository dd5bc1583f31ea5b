"""Reads data files of business users: any common format, told from its content; every oddity is reported."""

from tasks.loading.columns import ColumnMatch, match_columns
from tasks.loading.examples import to_examples
from tasks.loading.report import ImportLimits, ImportRefused, ImportReport, Oddity
from tasks.loading.table import RowStream, Table, check_file, load_table, stream_rows

__all__ = [
    "ColumnMatch",
    "ImportLimits",
    "ImportRefused",
    "ImportReport",
    "Oddity",
    "RowStream",
    "Table",
    "check_file",
    "load_table",
    "match_columns",
    "stream_rows",
    "to_examples",
]
