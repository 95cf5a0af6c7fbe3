"""Variants and follow-ups that might be sent, as strategies of hypothesis: plain fields, some of them wrong."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from campaign_core import ContentType, EditAction, TriggerType
from tests.properties.weights import any_of, mostly

#: Ids that follow-ups are given; a pool so small that the same one is given twice at times.
FOLLOW_UP_IDS = [UUID(int=500 + number) for number in range(4)]

_SUBJECTS = st.sampled_from(
    [
        *["Hello"] * 6,
        "Hello {{first_name}}",
        "Hello {{first_name}}",
        "{{first_name|my friend}}",
        "{{Hello|Good day}} {{city}}",
        "{{city}}",
        "x" * 500,
        " ",
        "two\nlines",
        " end\n",
    ]
)
_CONTENTS = st.sampled_from(
    [
        *["A mail of some length"] * 4,
        "To {{first_name|you}} from {{city}}",
        "x" * 10,
        " " * 10,
        "{{city}}          ",
    ]
)
_SHARES = [(100,), (100,), (100,), (50, 50), (100, 0), (40, 30, 20, 10)]
_WRONG_SHARES = [(0,), (60,), (20, 20, 20, 20, 20), (60, 50), (101,)]
#: Sets that are wrong whichever way they are saved.
_WRONG_SETS = [
    ({"variant_name": "A", "distribution_percent": 50}, {"variant_name": "a", "distribution_percent": 50}),
    ({"variant_name": "A1"},),
    ({"subject_template": "x" * 501},),
    ({"email_content": "x" * 9},),
    ({"subject_template": "Hello {{first_name"},),
    ({"email_content": "A mail to {{first_name"},),
    (),
]


def variant_sets(wrong: bool = True, threaded: bool = False) -> st.SearchStrategy[tuple[dict[str, Any], ...]]:
    """Sets of variants, most of them adding up to 100; the wrong ones can be left out."""
    names = st.permutations(["A", "b", "C", "D", "E"])
    shares = st.sampled_from([*_SHARES, *(_WRONG_SHARES if wrong else [])])
    subjects = st.none() | _SUBJECTS if threaded else _SUBJECTS

    def made(names: list[str], shares: tuple[int, ...], texts: tuple[Any, str], kind: ContentType) -> Any:
        kind = ContentType.PLAINTEXT if "{{" in texts[1] else kind
        common = {"content_type": kind, "subject_template": texts[0], "email_content": texts[1]}
        return tuple(
            {"variant_name": name, "distribution_percent": share, **common}
            for name, share in zip(names, shares, strict=False)
        )

    right = st.builds(made, names, shares, st.tuples(subjects, _CONTENTS), st.sampled_from(ContentType))
    return mostly(right, st.sampled_from(_WRONG_SETS).map(completed), 12) if wrong else right


def completed(given: Any) -> tuple[dict[str, Any], ...]:
    """A set of variants with everything a variant has."""
    usual = {
        "variant_name": "A",
        "distribution_percent": 100,
        "content_type": ContentType.PLAINTEXT,
        "subject_template": "Hello",
        "email_content": "A mail of some length",
    }
    return tuple({**usual, **each} for each in given)


_CONDITIONS: dict[str, st.SearchStrategy[Any]] = {
    "trigger_type": st.sampled_from(TriggerType),
    "wait_days": st.sampled_from([1, 3, 15, 15, 16, 30]),
}


@st.composite
def sequences(draw: st.DrawFn) -> tuple[dict[str, Any], ...]:
    """All follow-ups of a campaign: none to three, at times too many, with gaps, or waiting too long."""
    numbers = draw(st.sampled_from([(), (2,), (2, 3), (2, 3), (3, 2, 4), (2, 3, 4), (2, 4), (3,), (2, 3, 4, 4), (5,)]))
    return tuple(
        {
            "step_number": number,
            **draw(st.fixed_dictionaries(_CONDITIONS)),
            **draw(_optional_parts()),
            "variants": draw(variant_sets(wrong=draw(st.sampled_from([False] * 6 + [True])), threaded=True)),
        }
        for number in numbers
    )


def _optional_parts() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "enable_unsubscribe": st.none() | st.booleans(),
            "sequence_id": st.sampled_from([None, *FOLLOW_UP_IDS]),
        },
    )


def edits() -> st.SearchStrategy[tuple[dict[str, Any], ...]]:
    """Edits of single follow-ups; `which` is one that is there by its place, or one that may be."""
    mails = variant_sets(wrong=False, threaded=True)
    which = {"which": st.integers(0, 3)}
    added = st.fixed_dictionaries(
        {
            "action": st.just(EditAction.ADD),
            "step_number": st.sampled_from([2, 2, 3, 4]),
            **_CONDITIONS,
            "variants": mails,
        },
        optional={"enable_unsubscribe": st.none() | st.booleans(), "sequence_id": st.sampled_from(FOLLOW_UP_IDS)},
    )
    edited = st.fixed_dictionaries(
        {"action": st.just(EditAction.EDIT), **which},
        optional={**_CONDITIONS, "enable_unsubscribe": st.none() | st.booleans(), "variants": mails},
    )
    deleted = st.fixed_dictionaries({"action": st.just(EditAction.DELETE), **which})
    wrong = st.sampled_from(
        [
            {"action": EditAction.ADD, "step_number": 2},
            {"action": EditAction.EDIT, "wait_days": 3},
            {"action": EditAction.EDIT, "which": 0, "wait_days": 31},
            {"action": EditAction.EDIT, "which": 0, "step_number": 3},
            {"action": EditAction.DELETE, "which": 0, "enable_unsubscribe": None},
        ]
    )
    right = any_of(added, added, edited, edited, deleted)
    return st.lists(mostly(right, wrong, 12), min_size=1, max_size=3).map(tuple)


def resolved_edits(given: tuple[dict[str, Any], ...], there: list[UUID]) -> tuple[dict[str, Any], ...]:
    """Edits with ids: those of the follow-ups that are there, then others."""
    known = [*there, *FOLLOW_UP_IDS]
    return tuple(
        {**{name: value for name, value in each.items() if name != "which"}, "sequence_id": known[each["which"]]}
        if "which" in each
        else each
        for each in given
    )
