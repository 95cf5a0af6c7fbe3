"""Which variants does a file hold?

JSON where the name ends in `.json`, YAML otherwise: a list of variants, or an object whose field `variants` is that list.
"""

from __future__ import annotations

import json
from typing import Any, Final

from attrs import frozen

from campaign_core import InvalidMessage, Problem, Variant
from campaign_core.conversion import structure

#: Four variants of the greatest length, each character four bytes long and escaped, stay well below this.
MAX_BYTES: Final = 8 * 1024**2


@frozen
class VariantFile:
    """What a file holds."""

    variants: tuple[Variant, ...]


def read_variants(path: str) -> tuple[Variant, ...]:
    """The variants of a file. Whether they are allowed, alone and together, is for the kernel to say.

    Raises:
        InvalidMessage: the file cannot be read, is not what its name says, or holds something else than variants.
    """
    text = _read(path)
    data = _json(path, text) if path.lower().endswith(".json") else _yaml(path, text)
    return structure(data if isinstance(data, dict) else {"variants": data}, VariantFile).variants


def _read(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as wrong:
        raise _refused(path, f"cannot be read: {wrong.strerror or wrong}") from wrong
    if len(content) > MAX_BYTES:
        raise _refused(path, f"holds more than {MAX_BYTES // 1024**2} MB, which no set of variants needs")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise _refused(path, "is not UTF-8 text; save it as UTF-8") from wrong


def _json(path: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as wrong:
        reason = f"line {wrong.lineno}, column {wrong.colno}: {wrong.msg}"
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError as wrong:
        reason = str(wrong)
    raise _refused(path, f"is not JSON that can be read: {reason}")


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
    raise _refused(path, f"is not YAML that can be read: {reason}")


def _refused(path: str, sentence: str) -> InvalidMessage:
    return InvalidMessage((Problem(path, sentence),))
