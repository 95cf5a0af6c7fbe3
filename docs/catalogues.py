"""Which errors, events, public names and commands there are: pages written from the code, so that they cannot drift from it.

Each function answers the Markdown that stands between the markers of its page. What a field means is taken from the
`#:` comment above it, what a class means from its docstring.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from enum import Enum
from types import FunctionType
from typing import Any, Final
from uuid import UUID

import attrs

import campaign_core
from campaign_core import errors
from campaign_core.campaign.lifecycle import LANDING as CAMPAIGN_LANDING
from campaign_core.errors import CampaignError
from campaign_core.inbox.lifecycle import LANDING as INBOX_LANDING
from campaign_core.log.codec import Codec
from campaign_core.views.view import View
from docs.command_lines import commands_catalogue

_ID = UUID("6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b")

#: One of each error, as a caller meets it; a class that is only ever caught has none.
SAMPLES: Final[dict[type[CampaignError], CampaignError]] = {
    type(each): each
    for each in (
        errors.IllegalTransition("campaign", "delete", "ACTIVE", ("pause", "resume", "complete"), "be deleted"),
        errors.NotLaunchReady(("leads", "email_content")),
        errors.PreflightFailed(("None of its assigned inboxes is ACTIVE.",)),
        errors.UnusableInboxes((_ID,)),
        errors.UnbalancedSplit(101),
        errors.TooManyVariants(5, 4),
        errors.UnfitSequences("all waits together are at most 45 days; these are 46"),
        errors.UnknownFollowUp(_ID),
        errors.NothingSent(_ID),
        errors.StaleClaim(3),
        errors.UnfitLead("the campaign is running, and with these values a subject would be blank"),
        errors.StartTooFarAhead("2033-01-01T00:00:00+00:00"),
        errors.LeadFileRefused("The file is empty; it needs a header row such as email,first_name,company."),
        errors.LeadsStillOpen(),
        errors.UnknownCampaign(_ID),
        errors.UnknownInbox(_ID),
        errors.UnknownLead(_ID),
        errors.UnknownWorkspace("acme"),
        errors.InboxInUse(_ID, (_ID,)),
        errors.AlreadyExists("inbox", "sales@acme.example"),
        errors.CommandIdReused("order-17"),
        errors.InvalidMessage((errors.Problem("$.name", "must have 8 to 255 characters, has 5"),)),
        errors.WrongExpectedVersion(f"campaign-{_ID}", 3, 4),
        errors.LogUnavailable("campaigns.db cannot be used: unable to open database file."),
        errors.LogBusy("campaigns.db was being written by another process for more than 5 seconds; try again."),
        errors.UnsupportedLog("notes.db is a SQLite database but not a campaign log; choose another file."),
        errors.CorruptLog("campaigns.db is damaged: database disk image is malformed."),
        errors.ViewFailed("campaigns", 17),
        errors.MisuseError("The log is closed; open it again to use it."),
    )
}

_SECTION = re.compile(r"(Args|Attributes|Raises[\w ]*):")
_ENTRY = re.compile(r"(\w+): (.*)")
#: Where a rule comes from is said to readers of the code.
_FOR_THE_CODE = re.compile(r"\s*Source:.*")
#: How a message is checked, not how it is used.
_NOT_FOR_CALLERS = {"disagreements"}


def error_classes(root: type[CampaignError] = CampaignError) -> Iterator[type[CampaignError]]:
    """Every public error of the core, a base before what derives from it, in the order in which they are written."""
    if not root.__name__.startswith("_"):
        yield root
    for each in root.__subclasses__():
        if each.__module__ == errors.__name__:  # an adapter's own are its own
            yield from error_classes(each)


def errors_catalogue() -> str:
    """The tree of errors, then each of them: its code, what it means, what it carries, how it reads."""
    tree = (inspect.getdoc(errors) or "").split("\n\n")[1]
    parts = [f"```text\n{textwrap.dedent(tree)}\n```"]
    for kind in error_classes():
        retry = " · may be tried again as it is" if kind.retryable else ""
        parts += [f"### {kind.__name__}", f"`{kind.code}`{retry}", _prose(kind)]
        if kind in SAMPLES:
            parts.append(f"> {SAMPLES[kind].sentence}")
    return "\n\n".join(parts)


def events_catalogue() -> str:
    """Every event by its stored name: what it means, its fields, the status it leaves behind."""
    landing = {**CAMPAIGN_LANDING, **INBOX_LANDING}
    parts = []
    for event in Codec().events:
        kind: Any = event
        parts += [f"### {kind.stored_name}", _prose(kind)]
        if kind.stored_name in landing:
            parts.append(f"Afterwards: {landing[kind.stored_name].value}. Schema {kind.schema}.")
        else:
            parts.append(f"The status stays. Schema {kind.schema}.")
        parts.append(_fields(kind) or "It has no fields.")
    return "\n\n".join(parts)


def api_reference() -> str:
    """Every public name but the errors, which have a page of their own: what it means and what it is made of."""
    groups: dict[str, list[str]] = {title: [] for title in ("The kernel", "Commands", "Views", "Values")}
    for name in campaign_core.__all__:
        thing = getattr(campaign_core, name)
        if not (isinstance(thing, type) and issubclass(thing, CampaignError)):
            groups[_group(thing)] += [f"### {name}", *_described(thing)]
    listed = ", ".join(
        f"[`{kind.__name__}`](errors.md#{kind.__name__.lower()})"
        for kind in error_classes()
        if kind.__name__ in campaign_core.__all__
    )
    parts = [part for title, parts in groups.items() for part in (f"## {title}", *parts)]
    return "\n\n".join([*parts, "## Errors", listed])


def _group(thing: Any) -> str:
    module = "views" if isinstance(thing, View) else thing.__module__
    if module.endswith((".commands", ".uploads")):
        return "Commands"
    if "views" in module:
        return "Views"
    return "The kernel" if ".kernel." in module else "Values"


def _described(thing: Any) -> Iterator[str]:
    if isinstance(thing, View):
        key, row = ", ".join(thing.key), thing.row.__name__
        yield f"The view `{thing.name}`: rows are [`{row}`](#{row.lower()}), one for each {key}."
    elif isinstance(thing, type):
        yield _prose(thing)
        if issubclass(thing, Enum):
            meanings = _comments(thing)
            yield "\n".join(
                f"- `{each.name}`" + (f": {meanings[each.name]}" if meanings[each.name] else "") for each in thing
            )
            return
        yield from filter(None, [_inherited(thing), _fields(thing)])
        for name, method in _members(thing).items():
            shown = isinstance(method, property | FunctionType) and name not in _NOT_FOR_CALLERS
            if shown and not name.startswith("_"):
                yield f"{_heading(name, method)}\n\n{textwrap.indent(_prose(method), '  ')}"
    elif isinstance(thing, FunctionType):
        yield f"`{_signature(thing.__name__, thing)}`"
        yield _prose(thing)
    else:
        yield _prose(type(thing))


def _members(thing: type) -> dict[str, Any]:
    """What a class has, with what it has from a base that has no entry of its own."""
    found = dict(vars(thing))
    for base in thing.__mro__[1:]:
        if base.__module__.startswith("campaign_core") and not hasattr(campaign_core, base.__name__):
            found |= {name: member for name, member in vars(base).items() if name not in found}
    return found


def _heading(name: str, method: Any) -> str:
    return f"- `.{name}`" if isinstance(method, property) else f"- `.{_signature(name, method)}`"


def _signature(name: str, function: Any) -> str:
    """The signature as it is written, without `self`; a default that is a function is shown by its name."""
    signature, shown, keywords_only = inspect.signature(function), [], False
    for each in signature.parameters.values():
        if each.name == "self":
            continue
        if each.kind is each.KEYWORD_ONLY and not keywords_only:
            keywords_only = True
            shown.append("*")
        star = "*" if each.kind is each.VAR_POSITIONAL else ""
        keywords_only = keywords_only or bool(star)
        default = "..." if inspect.isroutine(each.default) else repr(each.default)
        shown.append(f"{star}{each.name}: {each.annotation}" + ("" if each.default is each.empty else f" = {default}"))
    return f"{name}({', '.join(shown)}) -> {signature.return_annotation}"


def _inherited(kind: type) -> str | None:
    bases = [base.__name__ for base in kind.__bases__ if attrs.has(base)]
    if not bases:
        return None
    linked = [f"[`{each}`](#{each.lower()})" if each in campaign_core.__all__ else f"`{each}`" for each in bases]
    return f"It has every field of {' and '.join(linked)}" + (", and:" if _own(kind) else ".")


def _own(kind: Any) -> list[Any]:
    """The fields a class declares itself."""
    return [each for each in attrs.fields(kind) if not each.inherited] if attrs.has(kind) else []


def _fields(kind: type) -> str | None:
    """A table of the fields a class declares itself; None if there are none."""
    meanings = _comments(kind)
    rows = [
        f"| `{each.name}` | {_code(str(kind.__annotations__[each.name]))} | {_default(each)} | {meanings.get(each.name, '')} |"
        for each in _own(kind)
        if not each.name.startswith("_")
    ]
    return "\n".join(["| field | type | default | meaning |", "|---|---|---|---|", *rows]) if rows else None


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def _default(attribute: Any) -> str:
    default = attribute.default
    if default is attrs.NOTHING:
        return ""
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return f"`{default.factory()!r}`"
    return f"`{default.name if isinstance(default, Enum) else repr(default)}`"


def _comments(kind: type) -> dict[str, str]:
    """What the `#:` comments above the fields of a class say, by field."""
    lines = textwrap.dedent(inspect.getsource(kind)).splitlines()
    (definition,) = ast.parse("\n".join(lines)).body
    assert isinstance(definition, ast.ClassDef)
    found = {}
    for node in definition.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name):
            above: list[str] = []
            line = node.lineno - 2
            while lines[line].lstrip().startswith("#:"):
                above.insert(0, lines[line].lstrip()[2:].strip())
                line -= 1
            found[target.id] = " ".join(above).replace("|", "\\|")
    return found


def _prose(thing: Any) -> str:
    """A docstring as Markdown: sections become lists."""
    out: list[str] = []
    listing = False
    for line in _FOR_THE_CODE.sub("", inspect.getdoc(thing) or "").splitlines():
        entry = _ENTRY.fullmatch(line.strip())
        if _SECTION.fullmatch(line):
            listing = True
            out += [line, ""]
        elif listing and line.startswith("    ") and not line.startswith("     ") and entry is not None:
            out.append(f"- `{entry[1]}`: {entry[2]}")
        elif listing and line.startswith("     "):
            out[-1] += " " + line.strip()
        else:
            listing = listing and not line
            out.append(line)
    return "\n".join(out).strip()


#: Page and marker to what stands there.
SECTIONS: Final[dict[tuple[str, str], Callable[[], str]]] = {
    ("commands.md", "commands"): commands_catalogue,
    ("errors.md", "errors"): errors_catalogue,
    ("events.md", "events"): events_catalogue,
    ("reference.md", "reference"): api_reference,
}
