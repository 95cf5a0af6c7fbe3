"""Values, made up: what strategies of events and commands are composed of.

Needs hypothesis.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from campaign_core.campaign import limits
from campaign_core.campaign.findings import SENTENCES, Finding
from campaign_core.campaign.sequences import EditAction, FollowUp, SequenceEdit, Step, TriggerType
from campaign_core.campaign.settings import SETTING_NAMES, Settings, SettingsChange
from campaign_core.campaign.variants import FollowUpVariant, Split, Variant
from campaign_core.checks import UNSET
from campaign_core.content.content_type import ContentType
from campaign_core.recorded import Rows

#: Zones with and without clock changes, far east and west of Greenwich, and by half hours.
ZONES: Final = (
    "UTC", "America/New_York", "America/Santiago", "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "Europe/Berlin",
    "Pacific/Apia", "Pacific/Chatham", "Etc/GMT+12",
)  # fmt: skip


def texts(shortest: int = 0, longest: int = 40) -> SearchStrategy[str]:
    """Text of that many characters that can be written as UTF-8."""
    return st.text(st.characters(codec="utf-8"), min_size=shortest, max_size=longest)


def lines(shortest: int = 0, longest: int = 40) -> SearchStrategy[str]:
    """Text of that many characters that may stand in a header: on one line, without control characters."""
    taken = st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp"))
    return st.text(taken, min_size=shortest, max_size=longest)


def cells() -> SearchStrategy[str]:
    """Text as the cell of a lead file may hold: no NUL characters."""
    return st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


def instants() -> SearchStrategy[datetime]:
    """Instants from 2020 to 2039, in UTC."""
    times = st.datetimes(datetime(2020, 1, 1), datetime(2039, 12, 31), timezones=st.just(UTC))
    return times.map(lambda at: at.replace(fold=0))


def addresses() -> SearchStrategy[str]:
    """Plain e-mail addresses."""
    letters = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)
    return st.builds("{}@{}.example.com".format, letters, letters)


def rows() -> SearchStrategy[Rows]:
    """Private content of up to twelve rows."""
    return st.lists(st.dictionaries(texts(0, 10), texts(), max_size=4), max_size=12).map(lambda each: Rows(tuple(each)))


def any_id(ids: SearchStrategy[UUID] | None) -> SearchStrategy[UUID]:
    """One of these ids; any at all where none are given."""
    return st.uuids() if ids is None else ids


def maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """The value, or None."""
    return st.none() | strategy


_SIMPLE: Final[Mapping[str, SearchStrategy[Any]]] = {
    "name": texts(limits.NAME_CHARACTERS[0], 60),
    "timezone": st.sampled_from(ZONES),
    "sending_days": st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    "daily_limit_per_inbox": maybe(st.integers(*limits.DAILY_LIMIT_PER_INBOX)),
    "start_date": maybe(instants()),
    "enable_tracking": st.booleans(),
    "enable_unsubscribe": st.booleans(),
    "enable_click_tracking": st.booleans(),
    "ramp_up_enabled": st.booleans(),
    "ramp_up_increment": maybe(st.integers(*limits.RAMP_UP_INCREMENT)),
    "ramp_up_max_limit": maybe(st.integers(*limits.RAMP_UP_MAX_LIMIT)),
    "reply_to": maybe(addresses()),
    "postal_address": maybe(texts(limits.POSTAL_ADDRESS_CHARACTERS[0], 60)),
}


@st.composite
def _windows(draw: st.DrawFn) -> dict[str, int]:
    """A sending window that ends after it starts, as its four fields."""
    start = draw(st.integers(0, 24 * 60 - 1))
    end = draw(st.integers(max(start + 1, 60), 24 * 60))
    return {
        "sending_window_start": start // 60,
        "sending_window_start_minute": start % 60,
        "sending_window_end": end // 60,
        "sending_window_end_minute": end % 60,
    }


def setting_values() -> SearchStrategy[dict[str, Any]]:
    """A value for each setting; they fit together."""
    return st.builds(lambda simple, window: simple | window, st.fixed_dictionaries(dict(_SIMPLE)), _windows())


def settings() -> SearchStrategy[Settings]:
    """Settings that fit together."""
    return setting_values().map(lambda values: Settings(**values))


@st.composite
def some_settings(draw: st.DrawFn) -> dict[str, Any]:
    """Values for some settings; a window comes whole or not at all."""
    values = draw(setting_values())
    chosen = draw(st.sets(st.sampled_from(SETTING_NAMES)))
    if any(name.startswith("sending_window") for name in chosen):
        chosen |= {name for name in SETTING_NAMES if name.startswith("sending_window")}
    return {name: values[name] for name in sorted(chosen)}


def settings_changes() -> SearchStrategy[SettingsChange]:
    """Changes of any settings, of none too."""
    return some_settings().map(lambda values: SettingsChange(**values))


@st.composite
def _shares(draw: st.DrawFn, total: int = 100) -> dict[str, int]:
    """One to four names with shares that add up to `total`."""
    names = draw(st.lists(st.text("ABCXYZ", min_size=1, max_size=3), min_size=1, max_size=4, unique=True))
    cuts = sorted(draw(st.lists(st.integers(0, total), min_size=len(names) - 1, max_size=len(names) - 1)))
    return dict(zip(names, (end - start for start, end in zip([0, *cuts], [*cuts, total], strict=True)), strict=True))


_PLAIN: Final = st.characters(codec="utf-8", exclude_characters="{}")
_FORMS: Final = (
    "{{first_name}}", "{{ Favourite Tea }}", "{{company|your firm}}", '{{city | default: "your town"}}', "{{Hi|Hello|Dear}}",
    "{{Best|{{Kind|Warm}} regards}}", "{% if city %}in {{city}}{% else %}where you are{% endif %}",
    "{% unless dn_day_name == 'Monday' %}today{% endunless %}", "{{dn_time_of_day}}", "{{dn_date 2 days from now dddd}}",
    "{first_name}", "\\{{",
)  # fmt: skip


def templates(shortest: int = 0, longest: int = 40) -> SearchStrategy[str]:
    """Sources of sound templates: plain text of that many characters, or longer ones with a few of the language's forms."""
    plain = st.text(_PLAIN, min_size=shortest, max_size=longest)
    pieces = st.sampled_from(_FORMS) | st.text(_PLAIN, max_size=longest // 4)
    return plain | st.lists(pieces, min_size=1, max_size=5).map(lambda each: "".join(each).ljust(shortest, "."))


def _in_common(name: str, share: int) -> dict[str, Any]:
    """What variants of first mails and of follow-ups have alike."""
    return {
        "variant_name": st.just(name),
        "variant_label": maybe(texts(1, 20)),
        "distribution_percent": st.just(share),
        "content_type": st.sampled_from(ContentType),
        "email_content": templates(10, 60),
    }


@st.composite
def variants(draw: st.DrawFn, total: int = 100) -> tuple[Variant, ...]:
    """A set of one to four variants with names of their own, whose shares add up to `total`."""
    shares = draw(_shares(total))
    made = [st.builds(Variant, **_in_common(*each), subject_template=templates(1, 40)) for each in shares.items()]
    return tuple(draw(each) for each in made)


@st.composite
def follow_up_variants(draw: st.DrawFn) -> tuple[FollowUpVariant, ...]:
    """The variants of a follow-up: some stay in their thread."""
    shares = draw(_shares())
    subjects = maybe(templates(1, 40))
    made = [st.builds(FollowUpVariant, **_in_common(*each), subject_template=subjects) for each in shares.items()]
    return tuple(draw(each) for each in made)


def splits() -> SearchStrategy[tuple[Split, ...]]:
    """A set of variants without their text."""
    return variants().map(lambda found: tuple(each.split for each in found))


@st.composite
def follow_ups(draw: st.DrawFn, ids: SearchStrategy[UUID | None] | None = None) -> tuple[FollowUp, ...]:
    """None to three follow-ups that make a chain; the ids may be left open."""
    return tuple(
        FollowUp(
            sequence_id=draw(maybe(st.uuids()) if ids is None else ids),
            step_number=number,
            trigger_type=draw(st.sampled_from(TriggerType)),
            wait_days=draw(st.integers(1, limits.TOTAL_WAIT_DAYS // limits.SEQUENCES)),
            enable_unsubscribe=draw(maybe(st.booleans())),
            variants=draw(follow_up_variants()),
        )
        for number in range(limits.STEP_NUMBERS[0], limits.STEP_NUMBERS[0] + draw(st.integers(0, limits.SEQUENCES)))
    )


def steps() -> SearchStrategy[tuple[Step, ...]]:
    """None to three follow-ups that make a chain, without their text."""
    return follow_ups(st.uuids()).map(lambda found: tuple(each.step for each in found))


def sequence_edits(ids: SearchStrategy[UUID] | None = None) -> SearchStrategy[SequenceEdit]:
    """One edit of a follow-up, each action with what it needs."""
    known = any_id(ids)
    given = {
        "trigger_type": st.sampled_from(TriggerType),
        "wait_days": st.integers(*limits.WAIT_DAYS),
        "variants": follow_up_variants(),
    }
    unsubscribe = st.sampled_from([UNSET, None, True, False])
    added = st.builds(
        SequenceEdit,
        action=st.just(EditAction.ADD),
        sequence_id=maybe(known),
        step_number=st.integers(*limits.STEP_NUMBERS),
        enable_unsubscribe=unsubscribe,
        **given,
    )
    edited = st.builds(
        SequenceEdit,
        action=st.just(EditAction.EDIT),
        sequence_id=known,
        enable_unsubscribe=unsubscribe,
        **{name: maybe(value) for name, value in given.items()},
    )
    return added | edited | st.builds(SequenceEdit, action=st.just(EditAction.DELETE), sequence_id=known)


def lead_mappings() -> SearchStrategy[dict[str, str]]:
    """Field names to headers, `email` among them."""
    others = st.dictionaries(st.sampled_from(["first_name", "company", "custom_city", "größe"]), texts(1, 20))
    return st.builds(lambda email, more: {"email": email, **more}, texts(1, 20), others)


def custom_fields() -> SearchStrategy[dict[str, str | None]]:
    """Values of custom fields by name; None takes one away."""
    names = st.sampled_from(["city", "favourite tea", "Größe", "=cmd", "7"])
    return st.dictionaries(names, maybe(cells()), max_size=3)


def findings() -> SearchStrategy[Finding]:
    """Faults and warnings."""
    examples = st.lists(texts(1, 36), max_size=3).map(tuple)
    return st.builds(Finding, code=st.sampled_from(sorted(SENTENCES)), count=st.integers(1, 10_000), examples=examples)
