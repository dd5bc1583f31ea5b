"""The plain-text prompts on which the Alfred models (fine-tuned from Falcon-40B) were trained.

Alfred-40B-0723: a dialogue of lines that begin with `User:` and `Alfred:`. Alfred-40B-1023: four marks around each
message. Source: the two models' cards.
"""

import re
from collections.abc import Sequence
from typing import Literal

from copilot.domain.completion import Message
from tasks.model import Frozen

FormatName = Literal["alfred-0723", "alfred-1023"]


class PromptFormat(Frozen):
    """How messages become one text for a model without a chat template."""

    system: str
    """Frame of a system message; `{}` is its content."""
    user: str
    assistant: str
    cue: str
    """After the last message: what the model continues."""
    stop: str
    """What the model writes when its answer is over."""
    lead: str = ""
    """Blank with which an answer begins."""

    def render(self, messages: Sequence[Message]) -> str:
        """Return the prompt; an assistant's message at the end is continued."""
        frames = {"system": self.system, "user": self.user, "assistant": self.assistant}
        parts = [frames[message.role].replace("{}", message.content) for message in messages]
        if messages and messages[-1].role == "assistant":
            return "".join(parts[:-1]) + self.cue + self.lead + messages[-1].content
        return "".join(parts) + self.cue


FORMATS: dict[str, PromptFormat] = {
    "alfred-0723": PromptFormat(
        system="{}\n\n", user="User: {}\n", assistant="Alfred: {}\n", cue="Alfred:", stop="User:", lead=" "
    ),
    "alfred-1023": PromptFormat(
        system="<start_system>{}<end_message>",
        user="<start_user>{}<end_message>",
        assistant="<start_assistant>{}<end_message>",
        cue="<start_assistant>",
        stop="<end_message>",
    ),
}


def parse(text: str) -> tuple[tuple[Message, ...], PromptFormat | None]:
    """Take a prompt in one of the formats apart into its messages; any other text is one user message."""
    for name, read in (("alfred-1023", _read_marks), ("alfred-0723", _read_dialogue)):
        frame = FORMATS[name]
        if text.endswith(frame.cue):
            messages = read(text.removesuffix(frame.cue))
            if messages and frame.render(messages) == text:
                return messages, frame
    return (Message(role="user", content=text),), None


def _read_marks(text: str) -> tuple[Message, ...]:
    found = re.finditer(r"<start_(system|user|assistant)>(.*?)<end_message>", text, re.DOTALL)
    return tuple(Message.model_validate({"role": match[1], "content": match[2]}) for match in found)


def _read_dialogue(text: str) -> tuple[Message, ...]:
    head, *turns = re.split(r"^(User|Alfred): ", text, flags=re.MULTILINE)
    messages = [Message(role="system", content=head.removesuffix("\n\n"))] if head else []
    for speaker, content in zip(turns[::2], turns[1::2], strict=True):
        role = "user" if speaker == "User" else "assistant"
        messages.append(Message.model_validate({"role": role, "content": content.removesuffix("\n")}))
    return tuple(messages)
