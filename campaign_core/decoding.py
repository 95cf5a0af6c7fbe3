"""How a stored value becomes an attrs class quickly: a function written for the class, in front of its strict hook.

Reading a log is little else than making such values, so each class gets straight code of its own: one look at the type of
each field, one call of the class. The function takes what it surely knows to be right. Everything else, wrong or only
unusual, goes to the hook behind it, which is the authority and words what is wrong.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, Union, get_args, get_origin
from uuid import UUID

import attrs

#: As cattrs has them: plain data and the wanted class in, the value out.
Hook = Callable[[Any, Any], Any]

_PLAIN: Final = (str, int, bool)
_UUID_CHARACTERS: Final = 36


def decoder(kind: Any, strict: Hook, hook_of: Callable[[Any], Hook]) -> Hook:
    """The function for a class: it expects every field, and leaves what it does not know to `strict`.

    `hook_of` answers the hook of a field's type.
    """
    attrs.resolve_types(kind)
    fields = attrs.fields(kind)
    known: dict[str, Any] = {"kind": kind, "strict": strict, "uuid_of": _uuid_of}
    taken, tests, made = [], ["type(given) is dict", f"len(given) == {len(fields)}"], []
    for place, each in enumerate(fields):
        value = f"v{place}"
        taken.append(f"{value} = given[{each.name!r}]")
        test, expression = _reading(each.type, value, known, hook_of)
        tests += [test] if test else []
        made.append(f"{each.alias}={expression}")
    source = "\n".join(
        (
            "def decode(given, _):",
            "    try:",
            *(f"        {line}" for line in taken),
            f"        if {' and '.join(tests)}:",
            f"            return kind({', '.join(made)})",
            "    except Exception:",
            "        pass",
            "    return strict(given, kind)",
        )
    )
    exec(compile(source, f"<decoder of {kind.__name__}>", "exec"), known)
    decode: Hook = known["decode"]
    return decode


def _reading(kind: Any, value: str, known: dict[str, Any], hook_of: Callable[[Any], Hook]) -> tuple[str, str]:
    """The test a field's value must pass, empty where the expression that makes its value tells."""
    name = f"t{len(known)}"
    arguments = get_args(kind)
    if kind in _PLAIN:
        return f"type({value}) is {kind.__name__}", value
    if kind is UUID:
        return f"type({value}) is str and len({value}) == {_UUID_CHARACTERS}", f"uuid_of({value})"
    if isinstance(kind, type) and issubclass(kind, Enum):
        known[name] = {each.value: each for each in kind}
        return "", f"{name}[{value}]"
    if get_origin(kind) in (Union, types.UnionType) and len(arguments) == 2 and type(None) in arguments:
        (inner,) = (each for each in arguments if each is not type(None))
        test, expression = _reading(inner, value, known, hook_of)
        return f"({value} is None or {test})" if test else "", f"(None if {value} is None else {expression})"
    if get_origin(kind) is tuple and arguments[1:] == (Ellipsis,) and arguments[0] in (str, int):
        known[name] = {arguments[0]}
        return f"type({value}) is list and {{*map(type, {value})}} <= {name}", f"tuple({value})"
    if get_origin(kind) is Mapping and arguments in ((str, str), (str, int)):
        known[name] = {arguments[1]}
        return f"type({value}) is dict and {{*map(type, {value}.values())}} <= {name}", value
    known[name], known[f"{name}k"] = hook_of(kind), kind
    return "", f"{name}({value}, {name}k)"


def _uuid_of(text: str) -> UUID:
    """The UUID of its usual form, in half the time of `UUID(text)`."""
    return UUID(int=int(text.replace("-", ""), 16))
