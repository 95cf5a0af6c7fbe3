"""How is a request of the wrong shape answered? With a place, a sentence and a token for each thing that is wrong.

The tokens are those that clients of the product know. Source: reference section 2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Context = Mapping[str, Any]
#: How many problems of one request are told.
_MOST_TOLD: Final = 20


def _at_least(context: Context) -> str:
    return f"ensure this value has at least {context['min_length']} characters"


def _at_most(context: Context) -> str:
    return f"ensure this value has at most {context['max_length']} characters"


_NO_DATE: Final = ("value_error.date", "invalid date format; write it as 2030-01-31")
#: Kind of error to the product's token and sentence.
_KNOWN: Final[Mapping[str, tuple[str, str | Callable[[Context], str]]]] = {
    "missing": ("value_error.missing", "field required"),
    "json_invalid": ("value_error.jsondecode", lambda context: f"the body is no JSON: {context['error']}"),
    "string_type": ("type_error.str", "str type expected"),
    "string_too_short": ("value_error.any_str.min_length", _at_least),
    "string_too_long": ("value_error.any_str.max_length", _at_most),
    "int_type": ("type_error.integer", "value is not a valid integer"),
    "int_parsing": ("type_error.integer", "value is not a valid integer"),
    "int_from_float": ("type_error.integer", "value is not a valid integer"),
    "bool_type": ("type_error.bool", "value could not be parsed to a boolean"),
    "bool_parsing": ("type_error.bool", "value could not be parsed to a boolean"),
    "less_than_equal": (
        "value_error.number.not_le",
        lambda context: f"ensure this value is less than or equal to {context['le']}",
    ),
    "greater_than_equal": (
        "value_error.number.not_ge",
        lambda context: f"ensure this value is greater than or equal to {context['ge']}",
    ),
    "list_type": ("type_error.list", "value is not a valid list"),
    "too_short": (
        "value_error.list.min_items",
        lambda context: f"ensure this value has at least {context['min_length']} items",
    ),
    "too_long": (
        "value_error.list.max_items",
        lambda context: f"ensure this value has at most {context['max_length']} items",
    ),
    "dict_type": ("type_error.dict", "value is not a valid dict"),
    "model_type": ("type_error.dict", "value is not a valid dict"),
    "model_attributes_type": (
        "type_error.dict",
        "value is not a valid dict; send a JSON object with Content-Type: application/json",
    ),
    "date_type": _NO_DATE,
    "date_parsing": _NO_DATE,
    "date_from_datetime_parsing": _NO_DATE,
    "date_from_datetime_inexact": _NO_DATE,
    "uuid_type": ("type_error.uuid", "value is not a valid uuid"),
    "uuid_parsing": ("type_error.uuid", "value is not a valid uuid"),
    "enum": (
        "type_error.enum",
        lambda context: f"value is not a valid enumeration member; permitted: {context['expected']}",
    ),
    "literal_error": (
        "type_error.enum",
        lambda context: f"value is not a valid enumeration member; permitted: {context['expected']}",
    ),
}


def validation_body(wrong: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The body for errors as the validation of models words them: the first of them, so that no answer grows large."""
    return {"detail": [_problem(each) for each in wrong[:_MOST_TOLD]]}


def _problem(each: Mapping[str, Any]) -> dict[str, Any]:
    token, said = _KNOWN.get(each["type"], ("value_error", each["msg"].removeprefix("Value error, ")))
    sentence = said if isinstance(said, str) else said(each.get("ctx", {}))
    return {"loc": list(each["loc"]), "msg": sentence, "type": token}
