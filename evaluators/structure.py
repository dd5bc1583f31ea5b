"""Is the output JSON of the wanted form?"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import Field, JsonValue

from evaluators.base import EvaluationContext, Evaluator, EvaluatorFailure, Score
from evaluators.wording import quote


@dataclass(frozen=True, kw_only=True)
class JsonSchema(Evaluator):
    """1 where the output is JSON that satisfies a schema, else 0."""

    name: ClassVar[str] = "json_schema"
    title: ClassVar[str] = "Valid JSON of the given form"
    description: ClassVar[str] = "The output is JSON, without text around it, that satisfies a JSON Schema."
    kinds: ClassVar[tuple[str, ...]] = ("custom",)

    json_schema: Annotated[dict[str, JsonValue], Field(description="The JSON Schema")]

    def __post_init__(self) -> None:
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import validator_for

        try:
            validator_for(self.json_schema).check_schema(self.json_schema)
        except SchemaError as error:
            raise ValueError(f"the JSON Schema is not valid ({error.message})") from None

    async def evaluate(self, context: EvaluationContext) -> Score:
        """Parse and validate."""
        try:
            value = json.loads(context.output, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            return self.score(0.0, self._explain_syntax(context.output, error))
        from jsonschema.exceptions import best_match
        from referencing.exceptions import Unresolvable

        try:
            problem = best_match(self._validator.iter_errors(value))
        except Unresolvable as error:
            raise EvaluatorFailure(f"the JSON Schema refers to {error.ref}, which it does not hold.") from None
        if problem is None:
            return self.score(1.0, "Is JSON of the wanted form.")
        place = "" if problem.json_path == "$" else f" at {problem.json_path}"
        return self.score(0.0, f"The JSON is not of the wanted form{place}: {problem.message[:200]}.")

    @cached_property
    def _validator(self) -> Any:
        from jsonschema.validators import validator_for
        from referencing import Registry

        # An explicit empty registry: a reference to an address in the schema is never fetched.
        return validator_for(self.json_schema)(self.json_schema, registry=Registry())

    @staticmethod
    def _explain_syntax(output: str, error: Exception) -> str:
        text = output.strip()
        if text.startswith("```"):
            return "Is not bare JSON: it stands in a code fence; ask for the JSON alone."
        if text and text[0] not in "{[" and ("{" in text or "[" in text):
            return f"Is not bare JSON: it begins with {quote(text, limit=40)}; ask for the JSON alone."
        if isinstance(error, json.JSONDecodeError):
            return f"Is not valid JSON in line {error.lineno}, column {error.colno}: {error.msg}."
        return f"Is not valid JSON: {'it is nested too deeply' if isinstance(error, RecursionError) else error}."


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
