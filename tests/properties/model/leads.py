"""Lead files and leads: what a table of cells means, and what becomes of the leads of a campaign."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.properties.model.mails import reason_against
from tests.properties.model.values import Answer, Campaign, Refused, Witness

#: Right for the addresses that are asked for, and for any that the kernel took from a file of noise before.
ADDRESS = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
_LIVE = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
_AROUND = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff"
STANDARD = ("email", "first_name", "last_name", "company")
LONGEST_CELL = 32_767


@dataclass
class Sheet:
    """A lead file as the cells that were written into it."""

    header: list[str]
    rows: list[list[str]]
    delimiter: str
    #: What it was written in, and what a report calls that.
    codec: str
    encoding: str
    #: Whether no options whatever could make it a lead file.
    hopeless: bool = False


@dataclass
class Read:
    """What the rows of a file come to, the campaign not yet asked."""

    rows: int = 0
    duplicates: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    leads: list[dict[str, str]] = field(default_factory=list)
    read_as: tuple[str, str] | None = None


def normal(address: str) -> str:
    """An address as it is stored."""
    name, _, domain = address.strip(_AROUND).rpartition("@")
    return f"{name}@{domain.lower()}"


def is_address(text: str) -> bool:
    return ADDRESS.fullmatch(text.strip(_AROUND)) is not None


def field_name(header: str) -> str:
    """The field that a header, or a name given by hand, stands for."""
    name = "_".join(header.split()).casefold()
    while name.startswith("custom_"):
        name = name[len("custom_") :]
    return name


def predictable(asked: dict[str, Any]) -> bool:
    """Whether the model knows how the file of an upload is read."""
    sheet: Sheet | None = asked["file"].sheet
    if asked.get("encoding") in ("klingon", "utf-7"):
        return True
    if sheet is None:
        return False
    return asked.get("encoding") in (None, sheet.codec) and asked.get("delimiter") in (None, sheet.delimiter)


def read(asked: dict[str, Any], mapping: dict[str, str] | None) -> Read:
    """What a file whose reading is known comes to."""
    sheet: Sheet | None = asked["file"].sheet
    if sheet is None or asked.get("encoding") in ("klingon", "utf-7") or sheet.hopeless:
        raise Refused("LeadFileRefused")
    header = [_plain(cell.strip()) for cell in sheet.header]
    if any(len(cell) > 255 for cell in header):
        raise Refused("LeadFileRefused")
    names = _by_headers(header) if mapping is None else _by_mapping(header, mapping)
    if "email" not in [name for _, name in names]:
        raise Refused("LeadFileRefused")
    found = Read(read_as=(asked.get("encoding") or sheet.encoding, sheet.delimiter))
    seen: set[str] = set()
    for row in sheet.rows:
        if any(cell.strip() for cell in row):
            found.rows += 1
            _take(found, seen, {name: row[place] for place, name in names if place < len(row)})
    return found


def _take(found: Read, seen: set[str], row: dict[str, str]) -> None:
    values = {name: _plain(cell.strip()) for name, cell in row.items() if cell.strip()}
    given = values.get("email", "")
    if any(len(cell) > LONGEST_CELL for cell in values.values()):
        _skip(found, "cell_too_long")
    elif not given.strip(_AROUND):
        _skip(found, "missing_email")
    elif not is_address(given):
        _skip(found, "invalid_email")
    elif normal(given).lower() in seen:
        found.duplicates += 1
    else:
        seen.add(normal(given).lower())
        found.leads.append({**values, "email": normal(given)})


def _skip(found: Read, reason: str) -> None:
    found.skipped[reason] = found.skipped.get(reason, 0) + 1


def guarded(value: str) -> str:
    """A value as a cell that no spreadsheet runs."""
    return f"'{value}" if value.lstrip("'").startswith(_LIVE) else value


def _plain(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell[:1] == "'" and cell.lstrip("'").startswith(_LIVE) else cell


def _by_headers(header: list[str]) -> list[tuple[int, str]]:
    names = [(place, field_name(cell)) for place, cell in enumerate(header) if field_name(cell)]
    if len({name for _, name in names}) < len(names):
        raise Refused("LeadFileRefused")
    return names


def _by_mapping(header: list[str], mapping: dict[str, str]) -> list[tuple[int, str]]:
    names = []
    for given, wanted in mapping.items():
        exact = [place for place, cell in enumerate(header) if cell == wanted.strip()]
        places = exact or [place for place, cell in enumerate(header) if cell.casefold() == wanted.strip().casefold()]
        if len(places) != 1:
            raise Refused("LeadFileRefused")
        names.append((places[0], field_name(given)))
    return names


def add(campaign: Campaign, asked: dict[str, Any], given: Read | Witness, *, by_hand: bool) -> Answer:
    """What an upload, or a lead added by hand, makes of a campaign that takes leads."""
    deletes, action = asked.get("delete_existing", False), asked.get("duplicate_action", "skip")
    stay = {} if deletes else dict(campaign.leads)
    removed = len(campaign.leads) - len(stay)
    if isinstance(given, Witness):
        _check(campaign, given, stay, action)
        leads, counts = given.leads, (given.rows, given.imported, given.updated, given.duplicates, given.skipped)
        imported = given.imported
    else:
        met = _merged(campaign, given.leads, stay, action, by_hand)
        leads, imported = met.leads, met.imported
        skipped = {**given.skipped, **met.unfit}
        counts = (given.rows, imported, met.updated, given.duplicates + met.kept, skipped)
    campaign.leads, campaign.leads_added = leads, campaign.leads_added + imported
    events = (*(["campaign.leads_removed"] if removed else []), "campaign.leads_uploaded")
    answer = Answer(campaign.status, events, 0, counts=counts, names_a_lead=by_hand)
    if deletes:
        answer.removed, answer.kept = removed, 0
    return answer


@dataclass
class _Met:
    """What became of rows once the campaign was asked."""

    leads: dict[int, dict[str, str]]
    imported: int = 0
    updated: int = 0
    kept: int = 0
    unfit: dict[str, int] = field(default_factory=dict)


def _merged(
    campaign: Campaign, given: list[dict[str, str]], stay: dict[int, dict[str, str]], action: str, by_hand: bool
) -> _Met:
    numbers = {values["email"].lower(): number for number, values in stay.items()}
    if by_hand and any(values["email"].lower() in numbers for values in given):
        raise Refused("AlreadyExists", noun="lead")
    if by_hand and any(reason_against(campaign, values) for values in given):
        raise Refused("UnfitLead")
    met = _Met(dict(stay))
    for values in given:
        number = numbers.get(values["email"].lower())
        if number is not None and action == "skip":
            met.kept += 1
            continue
        before = stay[number] if number is not None else {}
        after = {**(before if action == "update" else {}), **values, "email": before.get("email", values["email"])}
        reason = reason_against(campaign, after)
        if reason is not None:
            met.unfit[reason] = met.unfit.get(reason, 0) + 1
        elif number is None:
            met.imported += 1
            met.leads[campaign.leads_added + met.imported] = values
        else:
            met.updated += 1
            met.leads[number] = after
    return met


def _check(campaign: Campaign, seen: Witness, stay: dict[int, dict[str, str]], action: str) -> None:
    """Holds what the kernel made of an unreadable file to what must be true of any file."""
    assert seen.rows == seen.imported + seen.updated + seen.duplicates + sum(seen.skipped.values())
    new = range(campaign.leads_added + 1, campaign.leads_added + 1 + seen.imported)
    assert seen.leads.keys() == {*stay, *new}
    changed = [number for number, values in stay.items() if seen.leads[number] != values]
    assert len(changed) <= (0 if action == "skip" else seen.updated)
    assert all(seen.leads[number]["email"] == stay[number]["email"] for number in changed)
    assert not any(reason_against(campaign, seen.leads[number]) for number in (*new, *changed))
    keys = [values["email"].lower() for values in seen.leads.values()]
    assert len(set(keys)) == len(keys)
    assert all(value.strip() and "\0" not in value for values in seen.leads.values() for value in values.values())


def by_hand(asked: dict[str, Any]) -> dict[str, str | None]:
    """The values given by hand, by field name; None and blanks are those to take away."""
    given = {name: asked[name] for name in STANDARD[1:] if name in asked}
    given |= {field_name(name): value for name, value in asked.get("custom_fields", {}).items()}
    return {name: (value or "").strip() or None for name, value in given.items()}


def revised(before: dict[str, str], asked: dict[str, Any]) -> dict[str, str]:
    """The values of a lead after a revision."""
    after = {**before, **by_hand(asked)}
    return {name: value for name, value in after.items() if value is not None}


def remove(campaign: Campaign, asked: dict[str, Any]) -> Answer:
    """What a removal makes of a campaign that allows one."""
    named = {campaign.lead_ids.get(each) for each in asked["lead_ids"]} & campaign.leads.keys()
    campaign.leads = {number: values for number, values in campaign.leads.items() if number not in named}
    unknown = len(set(asked["lead_ids"])) - len(named)
    events = ("campaign.leads_removed",) if named else ()
    return Answer(campaign.status, events, 0, removed=len(named), kept=0, unknown=unknown)
