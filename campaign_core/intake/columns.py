"""Which columns of a lead file fill which fields. Source: reference sections 7.3 and 20.3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from campaign_core.checks import encodable, sentence_for, text
from campaign_core.errors import LeadFileRefused
from campaign_core.fields import EMAIL, MAX_NAME_CHARACTERS, field_name
from campaign_core.intake.formulas import unguarded

MAX_MAPPED_FIELDS: Final = 1000
#: What a spreadsheet lets a cell hold.
MAX_CELL_CHARACTERS: Final = 32_767
_CELL: Final = text(0, MAX_CELL_CHARACTERS)


def cell_rule(value: object) -> str | None:
    """What is wrong with a value given by hand; None where a cell of a file could hold it."""
    wrong = sentence_for(_CELL, value)
    if wrong is None and isinstance(value, str) and "\0" in value:
        return "must have no NUL characters"
    return wrong


def mapping_rule(mapping: object) -> str | None:
    """What is wrong with a mapping of fields to headers; None where it is right."""
    if not isinstance(mapping, Mapping) or not all(isinstance(each, str) for pair in mapping.items() for each in pair):
        return "must map field names to headers, both text"
    if len(mapping) > MAX_MAPPED_FIELDS:
        return f"must name at most {MAX_MAPPED_FIELDS:,} fields, names {len(mapping):,}"
    if any(len(each) > MAX_NAME_CHARACTERS or not encodable(each) for pair in mapping.items() for each in pair):
        return f"must hold names of at most {MAX_NAME_CHARACTERS} characters that can be written as UTF-8"
    names = [field_name(given) for given in mapping]
    if EMAIL not in names:
        return f"must say which column holds the {EMAIL} address"
    if len(set(names)) != len(names) or not all(names):
        return "must name each field once, and none by blanks only"
    return None


@frozen
class Columns:
    """The columns of a file that are imported."""

    #: (place in a row from 0, field name), in the order of the file.
    chosen: tuple[tuple[int, str], ...]
    #: Field name to the header as it stands in the file.
    mapping: Mapping[str, str]
    #: How many cells the header has.
    width: int
    #: What is passed over, one sentence each.
    warnings: tuple[str, ...] = ()


def choose_columns(header: Sequence[str], mapping: Mapping[str, str] | None) -> Columns:
    """Decides on the columns, by a mapping (field name to header) or, without one, by the headers themselves.

    Raises:
        LeadFileRefused: no column holds the address, two columns share a name, or the mapping names an absent header.
    """
    cells = [unguarded(cell.strip()) for cell in header]
    lengths = [max(len(cell), len(field_name(cell))) for cell in cells]
    too_long = [place for place, length in enumerate(lengths, 1) if length > MAX_NAME_CHARACTERS]
    if too_long:
        raise LeadFileRefused(
            f"The name of column {too_long[0]} has more than {MAX_NAME_CHARACTERS} characters; is the first row a header?"
        )
    return _by_headers(cells) if mapping is None else _by_mapping(cells, mapping)


def _by_headers(cells: list[str]) -> Columns:
    places: dict[str, int] = {}
    warnings = []
    for place, cell in enumerate(cells):
        name = field_name(cell)
        if not name:
            warnings.append(f"Column {place + 1} has no name and is not imported.")
        elif name in places:
            raise LeadFileRefused(
                f"Columns {places[name] + 1} and {place + 1} are both named {name!r}; rename one of them."
            )
        else:
            places[name] = place
    if EMAIL not in places:
        raise LeadFileRefused(
            f"No column is named {EMAIL}; the header found is: {', '.join(cells)}. Rename the column or give a mapping."
        )
    return _columns(cells, places, warnings)


def _by_mapping(cells: list[str], mapping: Mapping[str, str]) -> Columns:
    places: dict[str, int] = {}
    for given, header in mapping.items():
        name = field_name(given)
        if not name or name in places:
            raise LeadFileRefused(f"The mapping names the field {given!r} " + ("twice." if name else "without a name."))
        places[name] = _place_of(header, cells)
    if EMAIL not in places:
        raise LeadFileRefused(f"The mapping does not say which column holds the {EMAIL} address.")
    used = set(places.values())
    left = [cell or f"column {place + 1}" for place, cell in enumerate(cells) if place not in used]
    warnings = [f"Columns outside the mapping are not imported: {', '.join(left)}."] if left else []
    return _columns(cells, places, warnings)


def _place_of(header: str, cells: list[str]) -> int:
    """Where the header stands: as it is written, else regardless of case."""
    wanted = header.strip()
    for found in (
        [place for place, cell in enumerate(cells) if cell == wanted],
        [place for place, cell in enumerate(cells) if cell.casefold() == wanted.casefold()],
    ):
        if len(found) > 1:
            raise LeadFileRefused(
                f"Columns {found[0] + 1} and {found[1] + 1} are both named {wanted!r}; rename one of them."
            )
        if found:
            return found[0]
    raise LeadFileRefused(f"The mapping names the column {wanted!r}; the header found is: {', '.join(cells)}.")


def _columns(cells: list[str], places: Mapping[str, int], warnings: list[str]) -> Columns:
    in_order = sorted(places.items(), key=lambda item: item[1])
    return Columns(
        chosen=tuple((place, name) for name, place in in_order),
        mapping={name: cells[place] for name, place in in_order},
        width=len(cells),
        warnings=tuple(warnings),
    )
