"""What preflight can find, in the words of the business: faults, which keep a campaign from running, and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

#: How many examples a finding names.
EXAMPLES: Final = 3

#: Code to sentence.
SENTENCES: Final = {
    "no_open_slot": "Its days and hours leave no time to send in, within two years and a half; widen the window.",
    "no_usable_inbox": "None of its assigned inboxes is ACTIVE ({count} assigned: {examples}); verify one of them or"
    " assign another.",
    "inbox_unusable": "Assigned inboxes that cannot send now: {count} ({examples}).",
    "no_unsubscribe": "Its mails offer no way to unsubscribe.",
    "no_postal_address": "Its mails carry no postal address of the sender.",
    "tracking_off": "Opens are not tracked, so follow-ups that wait on them cannot tell: {examples}.",
    "ramp_up_incomplete": "Ramp-up is on without both its increment and its maximum; it will not hold anything back.",
    "blank_subject": "Subjects that would be blank: {count} ({examples}); give each some text or a fallback.",
    "blank_content": "Mails without anything to read: {count} ({examples}); give each some text or a fallback.",
    "subject_line_break": "Subjects with a line break or another control character: {count} ({examples}); put each on one"
    " line, and look at the values put into it.",
    "unreadable_template": "Texts that are no templates: {count} ({examples}); save them again without their errors.",
    "variable_lacking": "Variables without a fallback that some leads lack: {count} ({examples}); they are left out there.",
    "option_is_field": "Options of spintax that are also names of fields: {count} ({examples}).",
    "single_braces": "Names in single braces, which are sent as they stand: {count} ({examples}).",
    "stray_closing": "Closing braces that close nothing, which are sent as they stand: {count} ({examples}).",
    "fallback_never_used": "Fallbacks that are never used: {count} ({examples}).",
    "fallback": "Braces read as a variable with a fallback: {count} ({examples}).",
    "spintax": "Braces read as a choice of texts: {count} ({examples}).",
    "combinations": "Texts with more than one wording: {count} ({examples}).",
}

#: Why a lead is not taken though its row is right: an address not to be written to, and the faults of its mails.
SUPPRESSED: Final = "suppressed"
UNFIT: Final = {
    "blank_subject": "the campaign is running, and with these values a subject would be blank",
    "blank_content": "the campaign is running, and with these values a mail would have nothing to read",
    "subject_line_break": "the campaign is running, and with these values a subject would have a line break or another"
    " control character",
    SUPPRESSED: "nobody writes to this address any more: it is on the list of suppressed addresses",
}


@frozen(kw_only=True)
class Finding:
    """A fault or a warning, with how often it occurs and its first examples."""

    #: A word of `SENTENCES`.
    code: str
    #: How many things are concerned, at least 1.
    count: int = 1
    #: The first of them, at most three: ids, or places in the mails; never a lead's values.
    examples: tuple[str, ...] = ()

    @classmethod
    def about(cls, code: str, concerned: Sequence[object]) -> Finding:
        """A finding about these things, the first of which are its examples."""
        return cls(code=code, count=len(concerned), examples=tuple(str(each) for each in concerned[:EXAMPLES]))

    @property
    def sentence(self) -> str:
        """The finding, for people."""
        between = "; " if any(", " in each for each in self.examples) else ", "
        return SENTENCES[self.code].format(count=self.count, examples=between.join(self.examples))


@frozen(kw_only=True)
class MailFindings:
    """What rendering every mail for every lead showed."""

    #: The field names the mails were bound to: those the leads declare, sorted.
    fields: tuple[str, ...] = ()
    #: Why mails could not go, each with the first lead it concerns.
    faults: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    #: How each text is read.
    readings: tuple[Finding, ...] = ()


#: Before anything was looked at, and where there is nothing to find.
NOTHING_FOUND: Final = MailFindings()
