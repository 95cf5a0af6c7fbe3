"""From values to plain data and back, strictly: nothing is coerced, no field is passed over, no time lacks its zone.

Outside input and the log use the same rules; outside input is answered with the path of everything that is wrong.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin
from uuid import UUID

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from campaign_core.checks import UNSET, Unset
from campaign_core.decoding import decoder
from campaign_core.errors import InvalidMessage, Problem

T = TypeVar("T")


class Mismatch(ValueError):
    """A value of the wrong kind; the text says what would be right."""


def instant_text(at: datetime) -> str:
    """An instant as text: ISO 8601, UTC, microseconds, `Z`. Texts sort as the instants do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def instant_from(text: object) -> datetime:
    """The instant of an ISO 8601 text that has an offset.

    Raises:
        Mismatch: it is no such text.
    """
    at = time_from(text)
    if at.tzinfo is None:
        raise Mismatch(f"must have an offset such as Z or +02:00, is {text!r}")
    return at.astimezone(UTC)


def time_from(text: object) -> datetime:
    """The date and time of an ISO 8601 text, with or without an offset.

    Raises:
        Mismatch: it is no such text.
    """
    if type(text) is not str:
        raise Mismatch(f"must be a date and time as text, not {_kind(text)}")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Mismatch(f"must be a date and time such as 2030-01-31T09:00:00Z, is {text!r}") from None


def converter(*, detailed: bool, naive_times: bool, complete: bool = False) -> cattrs.Converter:
    """A strict converter.

    Args:
        detailed: gathers every problem, which costs time.
        naive_times: lets times lack an offset.
        complete: wants every field to be there, those with a default too; only UNSET ones may be left out.
    """
    made = cattrs.Converter(forbid_extra_keys=True, detailed_validation=detailed)
    # By class, not by predicate: cattrs asks its own coercing hooks for these classes before any predicate.
    for kind, words in ((str, "text"), (int, "a whole number"), (bool, "true or false")):
        made.register_structure_hook(kind, _exactly(kind, words))
    made.register_structure_hook(datetime, lambda given, _: (time_from if naive_times else instant_from)(given))
    made.register_unstructure_hook(datetime, lambda at: instant_text(at) if at.tzinfo else at.isoformat())
    made.register_structure_hook(UUID, lambda given, _: _uuid(given))
    made.register_unstructure_hook(UUID, str)
    made.register_unstructure_hook(StrEnum, lambda member: member.value)
    made.register_structure_hook_func(lambda kind: isinstance(kind, type) and issubclass(kind, Enum), _member)
    made.register_structure_hook_factory(_may_be_unset, lambda kind: _given(made, kind))
    made.register_structure_hook_factory(_is_run, lambda kind: _run(made, kind, detailed))
    if not detailed:
        made.register_structure_hook_func(_is_counts, _counts)
    made.register_structure_hook_factory(attrs.has, lambda kind: _record(made, kind, complete))
    made.register_unstructure_hook_factory(attrs.has, lambda kind: _unset_left_out(made, kind))
    return made


@lru_cache(maxsize=1)
def _outside() -> cattrs.Converter:
    return converter(detailed=True, naive_times=True)


def structure(data: object, kind: type[T]) -> T:
    """The value that plain data from outside stands for.

    Raises:
        InvalidMessage: with the path of everything that is wrong.
    """
    try:
        return _outside().structure(data, kind)
    except Exception as wrong:
        raise InvalidMessage(_problems(wrong)) from None


def unstructure(value: object) -> Any:
    """A value as plain data: dicts, lists, text, numbers."""
    return _outside().unstructure(value)


def _problems(wrong: BaseException) -> tuple[Problem, ...]:
    lines = cattrs.transform_error(wrong, format_exception=_sentence)
    return tuple(Problem(path, sentence) for sentence, _, path in (line.rpartition(" @ ") for line in lines))


def _sentence(wrong: BaseException, kind: Any) -> str:
    if isinstance(wrong, Mismatch):
        return str(wrong)
    if isinstance(wrong, KeyError):
        return "is required"
    if isinstance(wrong, cattrs.ForbiddenExtraKeysError):
        return f"has no such field: {', '.join(sorted(map(str, wrong.extra_fields)))}"
    return f"is not what belongs here ({cattrs.v.format_exception(wrong, kind)})"


def _exactly(kind: type, words: str) -> Callable[[object, Any], Any]:
    def hook(given: object, wanted: Any) -> Any:
        if wanted is not kind:  # an enumeration of such values
            return _member(given, wanted)
        if type(given) is not kind:
            raise Mismatch(f"must be {words}, not {_kind(given)}")
        return given

    return hook


def _uuid(given: object) -> UUID:
    if type(given) is str:
        try:
            return UUID(given)
        except ValueError:
            pass
    raise Mismatch(f"must be a UUID such as 6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b, is {given!r}")


def _member(given: object, kind: Any) -> Any:
    try:
        return kind(given)
    except ValueError:
        raise Mismatch(f"must be one of {', '.join(each.value for each in kind)}, is {given!r}") from None


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _may_be_unset(kind: Any) -> bool:
    return _is_union(kind) and Unset in get_args(kind)


def _given(made: cattrs.Converter, kind: Any) -> Callable[[object, Any], Any]:
    """A field that was given is never UNSET; being UNSET is being left out."""
    rest: Any = Union.__getitem__(tuple(each for each in get_args(kind) if each is not Unset))
    inner = made.get_structure_hook(rest)
    return lambda given, _: inner(given, rest)


def _is_run(kind: Any) -> bool:
    return get_origin(kind) is tuple and len(get_args(kind)) == 2 and get_args(kind)[1] is Ellipsis


def _run(made: cattrs.Converter, kind: Any, detailed: bool) -> Callable[[object, Any], Any]:
    item = get_args(kind)[0]
    items = types.GenericAlias(list, (item,))
    inner = made.get_structure_hook(items)
    if not detailed:
        return _plain_run(made.get_structure_hook(item), item)

    def hook(given: object, _: Any) -> Any:
        if type(given) is not list:
            raise Mismatch(f"must be a list, not {_kind(given)}")
        return tuple(inner(given, items))

    return hook


def _plain_run(one: Callable[[Any, Any], Any], item: Any) -> Callable[[object, Any], Any]:
    """The same for the log, where each problem need not be told: text and numbers are looked at all at once."""
    whole = {item} if item in (str, int) else set()

    def hook(given: object, _: Any) -> Any:
        if type(given) is not list:
            raise Mismatch(f"must be a list, not {_kind(given)}")
        return tuple(given) if set(map(type, given)) <= whole else tuple([one(each, item) for each in given])

    return hook


def _is_counts(kind: Any) -> bool:
    return get_origin(kind) is Mapping and get_args(kind) in ((str, int), (str, str))


def _counts(given: object, kind: Any) -> Any:
    """Text to text or numbers, looked at all at once; it is a dictionary already."""
    key, value = get_args(kind)
    if type(given) is not dict or not set(map(type, given.values())) <= {value} or not set(map(type, given)) <= {key}:
        raise Mismatch(f"must map text to {'text' if value is str else 'whole numbers'}, is {given!r:.80}")
    return given


def _record(made: cattrs.Converter, kind: Any, complete: bool) -> Callable[[object, Any], Any]:
    strict = _strict_record(made, kind, complete)
    may_lack = any(each.default is UNSET for each in attrs.fields(kind))
    return decoder(kind, strict, made.get_structure_hook) if complete and not may_lack else strict


def _strict_record(made: cattrs.Converter, kind: Any, complete: bool) -> Callable[[object, Any], Any]:
    inner = make_dict_structure_fn(kind, made, _cattrs_forbid_extra_keys=True)
    wanted = {each.name for each in attrs.fields(kind) if each.default is not UNSET} if complete else set()

    def hook(given: object, _: Any) -> Any:
        if type(given) is not dict:
            raise Mismatch(f"must be an object with named fields, not {_kind(given)}")
        if not wanted <= given.keys():
            raise Mismatch(f"must have the fields {', '.join(sorted(wanted - given.keys()))}")
        return inner(given, kind)

    return hook


def _unset_left_out(made: cattrs.Converter, kind: Any) -> Callable[[Any], Any]:
    attrs.resolve_types(kind)
    left_out = {
        attribute.name: override(omit_if_default=True) for attribute in attrs.fields(kind) if attribute.default is UNSET
    }
    return make_dict_unstructure_fn(kind, made, **left_out)  # type: ignore[arg-type]


def _kind(value: object) -> str:
    return {type(None): "nothing", str: "text", bool: "true or false", dict: "an object", list: "a list"}.get(
        type(value), f"{type(value).__name__} {value!r:.40}"
    )
