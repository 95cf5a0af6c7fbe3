"""What plain data does a file hold? JSON where its name ends in `.json`, YAML otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from campaign_core import InvalidMessage, Problem

#: The largest sets of variants and follow-ups, each character four bytes long and escaped, stay well below this.
MAX_BYTES: Final = 8 * 1024**2


def read_data(path: str) -> Any:
    """Dicts, lists, text and numbers.

    Raises:
        InvalidMessage: the file cannot be read, or is not what its name says.
    """
    text = read_text(path)
    return _json(path, text) if path.lower().endswith(".json") else _yaml(path, text)


def refused(path: str, sentence: str) -> InvalidMessage:
    """The refusal of a file."""
    return InvalidMessage((Problem(path, sentence),))


def read_text(path: str) -> str:
    """The text of a file, without a byte-order mark.

    Raises:
        InvalidMessage: the file cannot be read, is too large, or is not UTF-8.
    """

    def read(size: int) -> bytes:
        with open(path, "rb") as stream:
            return stream.read(size)

    return decoded(path, read)


def decoded(name: str, read: Callable[[int], bytes]) -> str:
    """The text that can be read somewhere; `read` answers so many bytes, or all where there are fewer.

    Raises:
        InvalidMessage: it cannot be read, is too large, or is not UTF-8; `name` says what.
    """
    try:
        content = read(MAX_BYTES + 1)
    except OSError as wrong:
        raise refused(name, f"cannot be read: {wrong.strerror or wrong}") from wrong
    if len(content) > MAX_BYTES:
        raise refused(name, f"holds more than {MAX_BYTES // 1024**2} MB, which no set of variants or follow-ups needs")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise refused(name, "is not UTF-8 text; save it as UTF-8") from wrong


def _json(path: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as wrong:
        reason = f"line {wrong.lineno}, column {wrong.colno}: {wrong.msg}"
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError as wrong:
        reason = str(wrong)
    raise refused(path, f"is not JSON that can be read: {reason}")


def _yaml(path: str, text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark
        reason = f"line {mark.line + 1}, column {mark.column + 1}: {wrong.problem}" if mark else str(wrong.problem)
        if "{{" in text:
            reason += '; text that begins with {{ must stand in quotes, as in "{{first_name}}, good morning"'
    except RecursionError:
        reason = "it is nested too deeply"
    except Exception as wrong:  # a tag such as !!int raises whatever its conversion raises
        reason = " ".join(str(wrong).split()) or type(wrong).__name__
    raise refused(path, f"is not YAML that can be read: {reason}")
