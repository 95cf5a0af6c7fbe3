"""How is a story told whose every step is a command of the program, carried out as if it had been typed, and checked?"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from campaign_adapters.cli.calls import DEFAULT_WORKSPACE, Answer, Call, Text
from campaign_adapters.cli.exit_codes import ExitCode, code_of
from campaign_adapters.cli.plain_text import plain
from campaign_adapters.cli.program import Finished, Refusal, attempt
from campaign_adapters.cli.shared_options import DEFAULT_DB, Shared
from campaign_core import CampaignError

#: What a step must come to: fields of its data with their values, or a judgement of the data.
Expected = dict[str, Any] | Callable[[dict[str, Any]], bool]


class StoryBroken(Exception):
    """A step came to something else than told."""


@frozen
class Story:
    """A story being told."""

    call: Call
    #: One record for each step, for `--json`.
    steps: list[dict[str, Any]] = field(factory=list)

    def step(
        self, title: str, arguments: list[str], expected: Expected, code: int = ExitCode.OK, typed: str | None = None
    ) -> Any:
        """Carries a command out, shows what came of it, and answers its data.

        Args:
            title: what happens, in a sentence.
            arguments: the command line, without `--db`.
            expected: what the data must be like; of a refusal, `code` and `message`.
            code: the exit code it must have.
            typed: the command line to show where it is not the arguments.

        Raises:
            StoryBroken: it came to something else.
        """
        return self._carry_out(
            title,
            typed or shlex.join(arguments),
            lambda: attempt([*place_of(self.call), *arguments], Shared(_quiet, _quiet)),
            expected,
            code,
        )

    def own_step(self, title: str, typed: str, perform: Callable[[], Answer], expected: Expected) -> Any:
        """Does what a command line would, and more between; shows and answers what came of it.

        Raises:
            StoryBroken: it came to something else than told.
        """
        return self._carry_out(title, typed, lambda: _attempted(perform), expected, ExitCode.OK)

    def _carry_out(self, title: str, typed: str, perform: Callable[[], Finished], expected: Expected, code: int) -> Any:
        line = _typed(self.call, typed)
        self.call.say(f"\n{len(self.steps) + 1}. {title}\n   $ {line}")
        finished = perform()
        data, text = _came_to(finished)
        holds = finished.code == code and _fits(data, expected)
        self.call.say(text)
        self.steps.append(
            {"title": title, "command": line, "exit_code": int(finished.code), "answer": data, "as_told": holds}
        )
        if not holds:
            raise StoryBroken(f"Step {len(self.steps)} came to something else than told (exit code {finished.code}).")
        if code:
            self.call.say(f"   Exit code {int(code)}, as it should be.")
        return data


def _attempted(perform: Callable[[], Answer]) -> Finished:
    """What came of it, a refusal of the kernel's among that."""
    try:
        answer = perform()
    except CampaignError as wrong:
        return Finished(code_of(wrong), refusal=Refusal(wrong.code, plain(wrong.sentence)))
    return Finished(answer.code, answer)


def _came_to(finished: Finished) -> tuple[Any, Text]:
    """The data of what a command came to, and how people see it."""
    if finished.refusal is not None:
        word, sentence = finished.refusal
        return {"code": word, "message": sentence}, f"Error: {sentence}"
    if finished.answer is not None:
        return finished.answer.data, finished.answer.text or ""
    return {}, ""


def _fits(data: Any, expected: Expected) -> bool:
    if isinstance(expected, dict):
        return all(name in data and data[name] == value for name, value in expected.items())
    return expected(data)


def place_of(call: Call) -> list[str]:
    """The options that name the database and the workspace."""
    chosen = [] if call.workspace == DEFAULT_WORKSPACE else ["--workspace", call.workspace]
    return ["--db", call.db, *chosen]


def _typed(call: Call, arguments: str) -> str:
    usual = call.db == DEFAULT_DB and call.workspace == DEFAULT_WORKSPACE
    return f"campaign {arguments}" if usual else f"campaign {shlex.join(place_of(call))} {arguments}"


def _quiet(text: Text) -> None:
    """A step shows nothing while it is at work; the story shows what came of it."""
