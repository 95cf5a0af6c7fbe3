"""What preflight can find, in the words of the business: faults, which keep a campaign from running, and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

#: How many examples a finding names.
EXAMPLES: Final = 3

#: Code to sentence.
SENTENCES: Final = {
    "no_usable_inbox": "None of its assigned inboxes is ACTIVE ({count} assigned: {examples}); verify one of them or"
    " assign another.",
    "inbox_unusable": "Assigned inboxes that cannot send now: {count} ({examples}).",
    "no_unsubscribe": "Its mails offer no way to unsubscribe.",
    "no_postal_address": "Its mails carry no postal address of the sender.",
    "tracking_off": "Opens are not tracked, so follow-ups that wait on them cannot tell: {examples}.",
    "ramp_up_incomplete": "Ramp-up is on without both its increment and its maximum; it will not hold anything back.",
    "blank_subject": "Subjects that are blank: {count} ({examples}); give each some text.",
    "blank_content": "Mails without any text: {count} ({examples}); give each some.",
    "subject_line_break": "Subjects with a line break: {count} ({examples}); put each on one line.",
}


@frozen(kw_only=True)
class Finding:
    """A fault or a warning, with how often it occurs and its first examples."""

    #: A word of `SENTENCES`.
    code: str
    #: How many things are concerned, at least 1.
    count: int = 1
    #: The first of them, at most three, as ids.
    examples: tuple[str, ...] = ()

    @classmethod
    def about(cls, code: str, concerned: Sequence[object]) -> Finding:
        """A finding about these things, the first of which are its examples."""
        return cls(code=code, count=len(concerned), examples=tuple(str(each) for each in concerned[:EXAMPLES]))

    @property
    def sentence(self) -> str:
        """The finding, for people."""
        return SENTENCES[self.code].format(count=self.count, examples=", ".join(self.examples))
