"""A/B variants of the first mail. Source: reference section 8."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from attrs import field, frozen

from campaign_core.campaign import limits
from campaign_core.checks import choice, ruled, sentence_for, text, whole
from campaign_core.content.content_type import ContentType
from campaign_core.content.parse import parse
from campaign_core.recorded import Row

_LETTERS = re.compile(r"[A-Z]+")


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) and value.isascii() else value


def _letters(value: Any) -> str | None:
    wrong = sentence_for(text(*limits.VARIANT_NAME_CHARACTERS), value)
    if wrong is not None:
        return wrong
    return None if _LETTERS.fullmatch(value) else f"must be letters A to Z only, is {value!r}"


NAME = ruled(_letters)


def _template(shortest: int, longest: int, *, optional: bool = False) -> dict[str, Any]:
    """Text of so many characters that can be read as a template."""
    bounds = text(shortest, longest)

    def rule(value: Any) -> str | None:
        wrong = sentence_for(bounds, value)
        return wrong if wrong is not None else _unreadable(value)

    return ruled(rule, optional=optional)


def _unreadable(source: str) -> str | None:
    """What keeps a text from being a template, with the place of each of the first problems."""
    problems = parse(source).problems
    told = " ".join(f"L{str(each)[1:]}" for each in problems[: limits.TOLD_PROBLEMS])
    more = len(problems) - limits.TOLD_PROBLEMS
    rest = f" And {more} more." if more > 0 else ""
    return f"must be a template without errors. {told}{rest}".rstrip(".") if problems else None


@frozen(kw_only=True)
class Split:
    """A variant without its text: what the log keeps in the event."""

    #: Letters only, upper case, unique in the campaign.
    variant_name: str = field(default="A", converter=_upper, metadata=NAME)
    #: A name for analytics, at most 100 characters.
    variant_label: str | None = field(default=None, metadata=text(*limits.VARIANT_LABEL_CHARACTERS, optional=True))
    #: Its share of the leads, 0 to 100; the shares of a set add up to 100.
    distribution_percent: int = field(default=100, metadata=whole(*limits.SHARE_PERCENT))
    content_type: ContentType = field(default=ContentType.PLAINTEXT, metadata=choice(ContentType))


@frozen(kw_only=True)
class FollowUpVariant(Split):
    """One variant of a follow-up, with its text."""

    #: A template of 1 to 500 characters; None: the follow-up stays in the thread of the mails before it.
    subject_template: str | None = field(default=None, metadata=_template(*limits.SUBJECT_CHARACTERS, optional=True))
    #: A template of 10 to 100,000 characters.
    email_content: str = field(metadata=_template(*limits.CONTENT_CHARACTERS))

    @property
    def split(self) -> Split:
        """The variant without its text."""
        return Split(
            variant_name=self.variant_name,
            variant_label=self.variant_label,
            distribution_percent=self.distribution_percent,
            content_type=self.content_type,
        )

    @property
    def row(self) -> Row:
        """Its text, as private content."""
        row = {"email_content": self.email_content}
        return row if self.subject_template is None else {"subject_template": self.subject_template, **row}


@frozen(kw_only=True)
class Variant(FollowUpVariant):
    """One variant of the first mail, with its text; it needs a subject."""

    #: A template of 1 to 500 characters.
    subject_template: str = field(metadata=_template(*limits.SUBJECT_CHARACTERS))


def set_problems(variants: Sequence[Split]) -> Iterator[str]:
    """What a set of variants gets wrong whichever way it is saved: a name twice, shares beyond the whole."""
    names = Counter(variant.variant_name for variant in variants)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        yield f"each variant needs a name of its own; given more than once: {', '.join(twice)}"
    total = total_percent(variants)
    if total > limits.SHARES_PERCENT:
        yield f"the shares must add up to exactly {limits.SHARES_PERCENT} percent; these add up to {total}"


def total_percent(variants: Sequence[Split]) -> int:
    """The sum of the shares."""
    return sum(variant.distribution_percent for variant in variants)


def merged(present: Sequence[Split], given: Sequence[Split]) -> tuple[Split, ...]:
    """The present set with the given variants put in by name; new names come last."""
    by_name = {variant.variant_name: variant for variant in present}
    by_name |= {variant.variant_name: variant for variant in given}
    return tuple(by_name.values())
