"""Commands that people, programs and mistakes might send, as strategies of hypothesis.

A command is a kind and plain fields, so that a model can read it without knowing the kernel's classes. Campaigns and
inboxes are numbers here: places in a list of those made so far, or `NOBODY`.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

import campaign_core
from campaign_core import ContentType, Variant
from tests.conftest import AT

#: An id that nothing has.
NOBODY = 99
#: Which campaign or inbox: one of the first in the list, at times one that does not exist.
WHICH = st.sampled_from([*range(7), *range(5), NOBODY])

_NAMES = st.sampled_from(["Spring launch", "Summer launch", "SUMMER LAUNCH", "Größe zählt", "x" * 255])
_STARTS = st.sampled_from(
    [
        None,
        AT,
        datetime(2030, 3, 31, 2, 30),
        datetime(2031, 11, 2, 1, 30),
        datetime(2031, 12, 31, 20),
        datetime(2032, 1, 3, tzinfo=UTC),
        datetime(2040, 1, 1, tzinfo=UTC),
    ]
)
_SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "name": _NAMES,
    "timezone": st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Tokyo"]),
    "sending_days": st.lists(st.integers(1, 7), min_size=1, max_size=7).map(tuple),
    "sending_window_start": st.integers(0, 23),
    "sending_window_start_minute": st.integers(0, 59),
    "sending_window_end": st.integers(1, 24),
    "sending_window_end_minute": st.sampled_from([0, 0, 30]),
    "daily_limit_per_inbox": st.none() | st.integers(1, 100),
    "start_date": _STARTS,
    "enable_tracking": st.booleans(),
    "enable_unsubscribe": st.booleans(),
    "enable_click_tracking": st.booleans(),
    "ramp_up_enabled": st.booleans(),
    "ramp_up_increment": st.none() | st.integers(1, 100),
    "ramp_up_max_limit": st.none() | st.integers(1, 1000),
}
_BROKEN = st.sampled_from(
    [
        {"name": "seven c"},
        {"name": "x" * 256},
        {"daily_limit_per_inbox": 0},
        {"daily_limit_per_inbox": 101},
        {"sending_window_start": 24},
        {"sending_window_end": 0},
        {"sending_window_end": 25},
        {"sending_window_end": 24, "sending_window_end_minute": 1},
        {"sending_days": ()},
        {"sending_days": (0, 1)},
        {"sending_days": (8,)},
        {"ramp_up_max_limit": 1001},
    ]
)


def settings() -> st.SearchStrategy[dict[str, Any]]:
    """A few settings, nearly always each of them valid; a window may still end before it starts."""
    few = st.lists(st.sampled_from(sorted(_SETTINGS)), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: _SETTINGS[name] for name in names})
    )
    return st.one_of(*[few] * 12, _BROKEN)


def variants() -> st.SearchStrategy[tuple[dict[str, Any], ...]]:
    """Sets of variants, most of them adding up to 100."""
    names = st.permutations(["A", "b", "C", "D", "E"])
    shares = st.sampled_from([(100,), (100,), (50, 50), (100, 0), (0,), (40, 30, 20, 10), (60,), (20, 20, 20, 20, 20)])
    content = st.sampled_from(list(ContentType))

    def made(drawn: tuple[list[str], tuple[int, ...], ContentType]) -> tuple[dict[str, Any], ...]:
        return tuple(
            {"variant_name": name, "distribution_percent": share, "content_type": drawn[2]}
            for name, share in zip(drawn[0], drawn[1], strict=False)
        )

    return st.tuples(names, shares, content).map(made) | st.just(
        ({"variant_name": "A", "distribution_percent": 50}, {"variant_name": "a", "distribution_percent": 50})
    )


_VALID_ADDRESSES = ["ann@leads.org", "Ann@LEADS.org", "bob@leads.org", " bob@leads.org ", "cid@leads.org"]
_ADDRESSES = st.sampled_from([*_VALID_ADDRESSES, "no address", "@leads.org", "fay@", "", "  "])
_CELLS = st.sampled_from(["Ann", "", "  ", "Zoë", "O'Neil, Jr.", " spaced "])


def lead_files() -> st.SearchStrategy[bytes]:
    """Small lead files; some have a header only, one has no column of addresses."""

    def written(rows: list[tuple[str, str, str]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([("email", "first_name", "city"), *rows])
        return text.getvalue().encode()

    rows = st.lists(st.tuples(_ADDRESSES, _CELLS, _CELLS), max_size=6)
    return st.one_of(*[rows.map(written)] * 20, st.just(b"first_name,city\nAnn,Ulm\n"))


def updates() -> st.SearchStrategy[dict[str, Any]]:
    """The fields of an update: any mix, `inboxes` as recent numbers."""
    return st.builds(
        lambda changed, more: {**changed, **more},
        settings() | st.just({}),
        st.fixed_dictionaries(
            {},
            optional={
                "inboxes": st.lists(st.sampled_from([0, 0, 0, 0, 1, 1, 1, 2, NOBODY]), max_size=3),
                "variants": variants(),
                "launch": st.sampled_from([True, True, False]),
            },
        ),
    )


#: Addresses of inboxes, some of them twice in another spelling, one of them none.
INBOX_ADDRESSES = st.sampled_from(
    ["me@firm.org", "ME@Firm.org", " me@firm.org", "you@firm.org", "they@firm.org", "nobody"]
)


def command(kind: str, asked: dict[str, Any]) -> Any:
    """The kernel's own command of a kind with these fields."""
    fields = dict(asked)
    if fields.get("variants") is not None:
        fields["variants"] = tuple(
            Variant(subject_template="Hello", email_content="A mail of some length", **each)
            for each in fields["variants"]
        )
    return getattr(campaign_core, kind)(**fields)
