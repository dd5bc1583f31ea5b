"""Where the layers below the app say things that no page shows, each with the reason; all else is translated."""

_PROGRAMS = "programs that use the library see it, no page"
_PROMPTS = "words of prompts, which the model reads"
_OWN = "the pages say it in their own words"

LEFT_OUT = {
    r"copilot/cli/.*": "the terminal speaks English",
    r"copilot/worker/(__main__|lanes)\.py": "options and log of a process",
    r"copilot/models/facade.*": "the server's answers to programs, in the words of its protocol",
    r"copilot/models/(alfred|steps)\.py": _PROMPTS,
    r"copilot/models/fake\.py": "a model for tests",
    r"copilot/storage/migrations/.*": "the tables of the database",
    r"copilot/(settings|storage/database)\.py": "a wrong setting ends the program when it starts, in the terminal",
    r"copilot/storage/columns\.py": _PROGRAMS,
    r"tasks/kinds/(?!labels|lists|parsing).*": _PROMPTS,
    r"tasks/library/.*": "the names of samples are not typed on a page",
    r"tasks/(criteria|taskfile|yamlnodes)\.py": "task files in YAML are read at the terminal only",
    r"tasks/plan\.py": "how a run is planned is shown at the terminal only",
    r"tasks/loading/report\.py:(plural|enumerated|name_lines)": "`told` takes lists and numbers apart itself",
    r"tasks/warnings\.py:_names": "`told` takes lists and numbers apart itself",
    r"tasks/loading/columns\.py:_quoted": "`told` takes lists and numbers apart itself",
    r"evaluators/wording\.py:.+": "`told` takes lists and numbers apart itself",
    r"evaluators/\w+\.py:[A-Z]\w+": "titles and descriptions of the catalogue: the pages have their own",
    r"evaluators/judge\.py:(prompt|compare|_.*)": _PROMPTS,
    r"evaluators/(baselines\.py|statistics/.*)": _PROGRAMS,
    r"copilot/domain/migration\.py": "template files in YAML are read at the terminal only",
    r"copilot/export/(templates|yaml_text)\.py": "template files in YAML are read at the terminal only",
    r"copilot/export/(langchain|langchain_code|snippets|report|report_rows)\.py": "files to take away, not pages",
    r"copilot/export/rows\.py": "rows are written to files of other programs at the terminal only",
    r"copilot/optimizers/(validation|shipping)\.py": _OWN,
    r"copilot/optimizers/reflection\.py:(?!_with_rule).*": _PROMPTS,
    r"copilot/__init__\.py": _PROGRAMS,
    r"copilot/engine/search\.py": _OWN,
    r"copilot/engine/verdict\.py:.*": _OWN,
    r"copilot/service/(criteria_rules|criteria_checks|criteria_ideas|criteria_phrases)\.py": _OWN,
    r"copilot/service/saved_tasks_drafts\.py:(_.*)?": _PROMPTS,
    r"copilot/service/(row_files|row_answers|sheet_handles|sdk|tasks)\.py": _PROGRAMS,
}

PROMPTS = {
    "Good answers for other inputs look like this:",
    "Is ice cold? Answer A for yes or B for no.",
    "The answer.",
}
"""Sentences of prompts that stand beside others."""

WORDS = (
    # lists and places: the functions that write them take them together from words
    "and",
    "or",
    "{n} more",
    "{n}, ... ({total} in all)",
    *(
        template
        for unit in ("line", "row", "record", "page", "paragraph")
        for template in (f"{unit} {{n}}", f"{unit}s {{n}}")
    ),
    # what is counted
    *(f"{{n}} {unit}" for unit in ("sentences", "lines", "tokens")),
    *(f"1 {unit}" for unit in ("sentence", "line", "token")),
    "the document",
    "the reference",
    "words",
    "word pairs",
    "words in order",
    # single words in slots
    *("line", "row", "record", "page", "paragraph", "column", "columns"),
    *("label", "document", "question", "text", "summary", "keywords", "answer"),
    *("numbers", "names", "run", "sheet"),
    *("queued", "running", "finished", "stopped", "failed"),
)
"""Words and phrases that fill slots and are made from single words, which the code does not show as such."""

LIBRARIES = (
    # jsonschema
    "{found} is a required property",
    "{found} is not of type {type}",
    "{found} is not one of {values}",
    "{found} is too long",
    "{found} is too short",
    "{found} should be non-empty",
    "{found} does not match {pattern}",
    "{found} is less than the minimum of {minimum}",
    "{found} is greater than the maximum of {maximum}",
    "Additional properties are not allowed ({found} was unexpected)",
    # pydantic
    "Extra inputs are not permitted",
    "Input should be a valid integer",
    "Input should be a valid number",
    "Input should be a valid string",
    "Input should be greater than {minimum}",
    "Input should be greater than or equal to {minimum}",
    "Input should be less than or equal to {maximum}",
    # the operating system
    "No such file or directory",
    "Permission denied",
    "No space left on device",
    "Is a directory",
    "Not a directory",
    "Read-only file system",
)
"""What libraries say, where a sentence of ours repeats it."""
