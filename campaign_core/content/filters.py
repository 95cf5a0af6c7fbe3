"""Does a part of `{{a|b}}` look like a filter of Liquid? Those would be put out as text, so they are refused.

Source: the standard filters of Liquid, https://shopify.github.io/liquid/filters/.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

#: Filters whose name may well be an option in English; they count only with a colon after them.
_WORDS: Final = frozenset(
    (
        *("abs", "append", "at_least", "at_most", "ceil", "compact", "concat", "date", "default", "divided_by"),
        *("find", "first", "floor", "has", "join", "last", "map", "minus", "modulo", "plus", "prepend", "reject"),
        *("remove", "replace", "reverse", "round", "size", "slice", "sort", "split", "sum", "times", "truncate"),
        *("uniq", "where"),
    )
)
_FILTERS: Final = frozenset(
    (
        *("base64_decode", "base64_encode", "base64_url_safe_decode", "base64_url_safe_encode", "capitalize"),
        *("downcase", "escape", "escape_once", "find_index", "lstrip", "newline_to_br", "remove_first"),
        *("remove_last", "replace_first", "replace_last", "rstrip", "sort_natural", "strip", "strip_html"),
        *("strip_newlines", "truncatewords", "upcase", "url_decode", "url_encode"),
    )
)
#: Of the filters without a colon, those that are English words as well.
_ALSO_WORDS: Final = frozenset({"escape", "strip"})
_CALLED: Final = _FILTERS | _WORDS
_BARE: Final = _FILTERS - _ALSO_WORDS
_IDENTIFIER: Final = re.compile(r"\s*[A-Za-z_][\w-]*\s*")
_CALL: Final = re.compile(r"\s*(\w+)\s*:")

MALFORMED_DEFAULT: Final = (
    'Write {{name | default: "text"}}: one name, then one text in quotes, without braces and with nothing after it.'
)


def filter_problem(parts: Sequence[str]) -> tuple[int, str] | None:
    """The number of the first part that is a filter, and what is possible instead; None if there is none.

    Args:
        parts: the text each part begins with, in order.
    """
    for number, part in enumerate(parts[1:], 1):
        called = _CALL.match(part)
        if called and called[1] == "default":
            return number, MALFORMED_DEFAULT
        name = called[1] if called else part.strip()
        names = _CALLED if called else _BARE
        if name in names and _IDENTIFIER.fullmatch(parts[0]):
            return number, (
                f"There is no filter {name}; a field is put out as it is, or with a text in its place: "
                '{{name | default: "text"}}.'
            )
    return None
