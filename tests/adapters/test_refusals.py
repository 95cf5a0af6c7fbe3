"""Bad input to every command: one clear sentence, the right exit code, and everything as it was before."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.adapters.commands import command_of, every_command
from tests.adapters.given import ACTIVE, ANSWERS, DRAFT, EMPTY, INBOX, LEADS, PENDING, Terminal

USAGE, INVALID, UNKNOWN, ILLEGAL, RULE, MISSING, MISUSE = 2, 3, 4, 5, 6, 7, 15
ADA = "ada@acme.example.com"
VIRTUAL = ("run", "--clock", "virtual", "--until-complete")
NOBODY = "00000000-0000-4000-8000-000000000000"
NO_UUID = "must be a UUID such as"


class Case(NamedTuple):
    """One line of arguments that is refused."""

    id: str
    arguments: Sequence[object]
    code: int
    #: Words of the sentence.
    words: str


CASES = [
    Case("create-name-too-short", ["create", "short"], INVALID, "$.name: must have 8 to 255 characters, has 5"),
    Case("create-name-too-long", ["create", "x" * 256], INVALID, "has 256"),
    Case("create-name-missing", ["create"], USAGE, "Missing argument 'NAME'"),
    Case("create-half-a-character", ["create", "caf\udce9 launch"], INVALID, "written as UTF-8"),
    Case("create-command-id-empty", ["create", "Spring launch", "--command-id", ""], INVALID, "$.command"),
    Case("create-command-id-two-lines", ["create", "Spring launch", "--command-id", "a\nb"], INVALID, "line breaks"),
    Case("create-command-id-half", ["create", "Spring launch", "--command-id", "\udcff"], INVALID, "$.command"),
    Case("create-days-no-day", ["create", "Spring launch", "--sending-days", "1,never"], USAGE, "'never' is none"),
    Case("create-days-backwards", ["create", "Spring launch", "--sending-days", "fri-mon"], USAGE, "earlier day first"),
    Case("create-days-8", ["create", "Spring launch", "--sending-days", "8"], INVALID, "$.sending_days: must hold"),
    Case("create-window-odd", ["create", "Spring launch", "--window", "9-17"], USAGE, "two times such as 09:00-17:30"),
    Case("create-window-backwards", ["create", "Spring launch", "--window", "17:00-09:00"], INVALID, "must end after"),
    Case("create-window-25", ["create", "Spring launch", "--window", "09:00-25:00"], INVALID, "sending_window_end"),
    Case("create-zone-unknown", ["create", "Spring launch", "--timezone", "Mars/Base"], INVALID, "IANA time zone"),
    Case("create-limit-0", ["create", "Spring launch", "--daily-limit-per-inbox", "0"], INVALID, "must be 1 to 100"),
    Case(
        "create-limit-text", ["create", "Spring launch", "--daily-limit-per-inbox", "few"], USAGE, "or none, is 'few'"
    ),
    Case("create-start-text", ["create", "Spring launch", "--start-date", "soon"], USAGE, "such as 2030-01-31T09:00"),
    Case("create-start-far", ["create", "Spring launch", "--start-date", "9000-01-01"], RULE, "two years ahead"),
    Case("create-reply-to-nobody", ["create", "Spring launch", "--reply-to", "me"], INVALID, "$.reply_to"),
    Case("create-postal-empty", ["create", "Spring launch", "--postal-address", ""], INVALID, "$.postal_address"),
    Case("create-ramp-up-101", ["create", "Spring launch", "--ramp-up-increment", "101"], INVALID, "is 101"),
    Case("create-ramp-up-max-0", ["create", "Spring launch", "--ramp-up-max-limit", "0"], INVALID, "1 to 1000, is 0"),
    Case("update-nobody", ["update", NOBODY, "--ramp-up"], UNKNOWN, "There is no campaign"),
    Case("update-active", ["update", ACTIVE, "--ramp-up"], ILLEGAL, "ACTIVE cannot be updated"),
    Case("update-name-short", ["update", DRAFT, "--name", "short"], INVALID, "$.name: must have 8 to 255"),
    Case("update-half-window", ["update", DRAFT, "--window", "09:00"], USAGE, "two times"),
    Case("update-mapping-no-json", ["update", DRAFT, "--lead-mapping", "{"], USAGE, "it must be JSON"),
    Case("update-mapping-null", ["update", DRAFT, "--lead-mapping", "[]"], INVALID, "$.lead_mapping: must map"),
    Case("update-mapping-no-email", ["update", DRAFT, "--lead-mapping", '{"city": "Ort"}'], INVALID, "email address"),
    Case("update-no-such-option", ["update", DRAFT, "--tacking"], USAGE, "No such option: --tacking"),
    Case("list-status-unknown", ["list", "--status", "LOST"], USAGE, "it must be one of DRAFT, ACTIVE"),
    Case("list-sort-unknown", ["list", "--sort", "leads"], USAGE, "it must be one of name, status, created_at"),
    Case("list-order-unknown", ["list", "--order", "up"], USAGE, "it must be one of asc, desc, is 'up'"),
    Case("list-days-0", ["list", "--days", "0"], USAGE, "--days"),
    Case("list-page-0", ["list", "--page", "0"], USAGE, "--page"),
    Case("list-limit-1001", ["list", "--limit", "1001"], USAGE, "--limit"),
    Case("as-of-text", ["history", DRAFT, "--as-of", "then"], USAGE, "must be a date and time such as"),
    Case("as-of-0", ["history", DRAFT, "--as-of", "0"], INVALID, "it begins with version 1, recorded at"),
    Case("as-of-long-ago", ["history", DRAFT, "--as-of", "2001-01-01"], INVALID, "--as-of: there was nothing yet"),
    Case("as-of-of-an-inbox", ["history", INBOX, "--as-of", "1"], UNKNOWN, "There is no campaign"),
    Case("why-of-nothing", ["why"], USAGE, "name a campaign or --inbox, one of the two"),
    Case("why-of-both", ["why", DRAFT, "--inbox", INBOX], USAGE, "name a campaign or --inbox, one of the two"),
    Case("why-no-uuid", ["why", "first"], INVALID, NO_UUID),
    Case("why-unknown", ["why", NOBODY], UNKNOWN, "There is no campaign"),
    Case("why-no-lead", ["why", DRAFT, "o@x.org"], UNKNOWN, "There is no lead o@x.org in this"),
    Case("why-lead-neither", ["why", DRAFT, "ada"], INVALID, "or the lead's address, is 'ada'"),
    Case("why-inbox-unknown", ["why", "--inbox", "o@x.org"], UNKNOWN, "There is no inbox o@x.org"),
    Case("why-inbox-no-address", ["why", "--inbox", "o@"], INVALID, "--inbox: 'o@' is no e-mail address"),
    Case("why-inbox-unknown-id", ["why", "--inbox", NOBODY], UNKNOWN, "There is no inbox"),
    Case("why-at-text", ["why", DRAFT, "--at", "soon"], USAGE, "such as 2030-01-31T09:00, is 'soon'"),
    Case("why-at-the-end", ["why", DRAFT, "--at", "9999-12-31"], INVALID, "must lie in the years 2 to 9998"),
    Case("why-at-ahead", ["why", DRAFT, "--at", "9000-01-01"], INVALID, "`campaign forecast` tells what will go"),
    Case("why-at-before-it", ["why", DRAFT, "--at", "2001-01-01"], INVALID, "--at: it was not there yet; it was made"),
    Case("why-inbox-before-it", ["why", "--inbox", INBOX, "--at", "2001-01-01"], INVALID, "--at: it was not there yet"),
    Case("preview-no-uuid", ["preview", "first"], INVALID, NO_UUID),
    Case("preview-unknown", ["preview", NOBODY], UNKNOWN, "There is no campaign"),
    Case("preview-of-an-inbox", ["preview", INBOX], UNKNOWN, "There is no campaign"),
    Case("preview-no-lead", ["preview", DRAFT, "--lead", "o@x.org"], UNKNOWN, "There is no lead o@x.org in this"),
    Case("preview-no-lead-id", ["preview", DRAFT, "--lead", NOBODY], UNKNOWN, f"There is no lead {NOBODY}"),
    Case("preview-lead-neither", ["preview", DRAFT, "--lead", "ada"], INVALID, "or the lead's address, is 'ada'"),
    Case("preview-set-no-pair", ["preview", DRAFT, "--set", "Ada"], USAGE, "as in first_name=Ada"),
    Case(
        "preview-set-no-name", ["preview", DRAFT, "--set", "custom_=A"], USAGE, "must name a field; 'custom_' is none"
    ),
    Case("preview-set-twice", ["preview", DRAFT, "--set", "First Name=A", "--set", "first_name=B"], USAGE, "twice"),
    Case("preview-set-half-a-character", ["preview", DRAFT, "--set", "city=\udcff"], USAGE, "written as UTF-8"),
    Case("preview-set-no-address", ["preview", DRAFT, "--set", "email=ada"], USAGE, "must have an @-sign"),
    Case("preview-set-two-lines", ["preview", DRAFT, "--set", "email=a@x.org\nBcc: b@x.org"], USAGE, "e-mail address"),
    Case("preview-step-0", ["preview", DRAFT, "--step", "0"], USAGE, "--step"),
    Case("preview-step-text", ["preview", DRAFT, "--step", "first"], USAGE, "--step"),
    Case("preview-step-unknown", ["preview", DRAFT, "--step", "2"], INVALID, "one the campaign has (1), is 2"),
    Case("preview-step-of-nothing", ["preview", EMPTY, "--step", "1"], INVALID, "(none so far), is 1"),
    Case("preview-variant-unknown", ["preview", DRAFT, "--variant", "Z"], INVALID, "one the campaign has (A), is 'Z'"),
    Case("preview-at-text", ["preview", DRAFT, "--at", "soon"], USAGE, "such as 2030-01-31T09:00, is 'soon'"),
    Case("preview-at-the-end", ["preview", DRAFT, "--at", "9999-12-31"], INVALID, "must lie in the years 2 to 9998"),
    Case("preview-limit-0", ["preview", DRAFT, "--all-combinations", "--limit", "0"], USAGE, "--limit"),
    Case("preview-limit-10001", ["preview", DRAFT, "--all-combinations", "--limit", "10001"], USAGE, "--limit"),
    Case("preview-limit-of-nothing", ["preview", DRAFT, "--limit", "9"], USAGE, "how many --all-combinations lists"),
    Case("preflight-no-uuid", ["preflight", "first"], INVALID, NO_UUID),
    Case("preflight-unknown", ["preflight", NOBODY], UNKNOWN, "There is no campaign"),
    Case("lint-no-file", ["lint"], USAGE, "Missing argument 'FILE'"),
    Case("lint-file-missing", ["lint", "gone.txt"], INVALID, "gone.txt: cannot be read: No such file"),
    Case("lint-folder", ["lint", "."], INVALID, "Is a directory"),
    Case("lint-binary", ["lint", "binary.txt"], INVALID, "is not UTF-8 text"),
    Case("lint-endless", ["lint", "/dev/zero"], INVALID, "holds more than 8 MB"),
    Case("lint-broken-yaml", ["lint", "broken.yaml"], INVALID, "must stand in quotes"),
    Case("lint-empty-yaml", ["lint", "empty.yaml"], INVALID, "$.variants: must be a list, not nothing"),
    Case("lint-other-yaml", ["lint", "object.yaml"], INVALID, "has no such field: other"),
    Case("lint-sequences-wrong", ["lint", "trigger.yaml"], INVALID, "$.sequences[0].trigger_type: must be one"),
    Case("lint-field-no-name", ["lint", "l.csv", "--field", "a|b"], USAGE, "'a|b' cannot be the name of a field"),
    Case("lint-of-unknown", ["lint", "l.csv", "--campaign", NOBODY], UNKNOWN, "There is no campaign"),
    Case("lint-no-uuid", ["lint", "l.csv", "--campaign", "first"], INVALID, NO_UUID),
    Case("sequences-of-unknown", ["sequences", NOBODY], UNKNOWN, "There is no campaign"),
    Case("sequences-file-missing", ["sequences", DRAFT, "gone.yaml"], INVALID, "gone.yaml: cannot be read"),
    Case("sequences-neither", ["sequences", DRAFT, "{}.json"], INVALID, "`sequences` or `sequence_edits`"),
    Case("sequences-empty-file", ["sequences", DRAFT, "empty.yaml"], INVALID, "must hold a list of follow-ups"),
    Case("sequences-other-object", ["sequences", DRAFT, "object.yaml"], INVALID, "has no such field: other"),
    Case("sequences-gap", ["sequences", DRAFT, "gap.yaml"], INVALID, "without a gap; these are 2, 4"),
    Case("sequences-both", ["sequences", DRAFT, "both.yaml"], INVALID, "cannot come together"),
    Case("sequences-wait-31", ["sequences", DRAFT, "wait.yaml"], INVALID, "$.sequences[0].wait_days: must be 1 to 30"),
    Case(
        "sequences-trigger", ["sequences", DRAFT, "trigger.yaml"], INVALID, "$.sequences[0].trigger_type: must be one"
    ),
    Case("edits-of-a-draft", ["sequences", DRAFT, "edits.yaml"], ILLEGAL, "DRAFT"),
    Case("sequences-of-active", ["sequences", ACTIVE, "good.yaml"], ILLEGAL, "ACTIVE"),
    Case("workspace-bad-name", ["workspaces", "create", "Europe"], INVALID, "$.name: must be 1 to 63 lower-case"),
    Case("workspace-taken", ["workspaces", "create", "default"], RULE, "There already is a workspace default"),
    Case("workspace-list-extra", ["workspaces", "list", "all"], USAGE, "unexpected extra argument"),
    Case("workspace-unknown", ["list", "--workspace", "europe"], UNKNOWN, "There is no workspace europe; create it"),
    Case("workspace-empty", ["list", "--workspace", " "], USAGE, "name a workspace such as default"),
    Case("log-before-0", ["log", "--after", "-1"], USAGE, "--after"),
    Case("log-after-text", ["log", "--after", "yesterday"], USAGE, "--after"),
    Case("list-extra-argument", ["list", "all"], USAGE, "unexpected extra argument"),
    Case("list-misspelt-option", ["list", "--jsn"], USAGE, "No such option: --jsn (Possible options: --json)"),
    Case("show-no-uuid", ["show", "first"], INVALID, NO_UUID),
    Case("show-prefix-too-short", ["show", "aaaaa"], INVALID, NO_UUID),
    Case("show-too-long-for-a-uuid", ["show", f"{DRAFT}0"], INVALID, NO_UUID),
    Case("show-ambiguous", ["show", "aaaaaaaa"], INVALID, "is the beginning of 2 ids"),
    Case("show-unknown", ["show", NOBODY], UNKNOWN, f"There is no campaign {NOBODY}"),
    Case("show-unknown-prefix", ["show", "000000"], UNKNOWN, "There is no campaign 000000"),
    Case("show-an-inbox", ["show", INBOX], UNKNOWN, "There is no campaign"),
    Case("history-no-uuid", ["history", "\udcff"], INVALID, NO_UUID),
    Case("history-unknown", ["history", NOBODY], UNKNOWN, "There is no campaign"),
    Case("assign-nothing", ["assign", DRAFT], USAGE, "Missing argument 'INBOX...'"),
    Case("assign-no-uuid", ["assign", DRAFT, "mara@out.example.com"], INVALID, NO_UUID),
    Case("assign-unknown", ["assign", DRAFT, NOBODY], RULE, NOBODY),
    Case("assign-unknown-prefix", ["assign", DRAFT, "000000"], UNKNOWN, "There is no inbox 000000"),
    Case("assign-pending", ["assign", DRAFT, INBOX, PENDING], RULE, f"these cannot: {PENDING}"),
    Case("assign-to-active", ["assign", ACTIVE, INBOX], ILLEGAL, "ACTIVE cannot be updated"),
    Case("assign-to-unknown", ["assign", NOBODY, INBOX], UNKNOWN, "There is no campaign"),
    Case("variants-file-missing", ["variants", DRAFT, "gone.yaml"], INVALID, "gone.yaml: cannot be read: No such file"),
    Case("variants-folder", ["variants", DRAFT, "."], INVALID, "Is a directory"),
    Case("variants-binary", ["variants", DRAFT, "binary.yaml"], INVALID, "is not UTF-8 text"),
    Case("variants-endless", ["variants", DRAFT, "/dev/zero"], INVALID, "holds more than 8 MB"),
    Case("variants-broken-yaml", ["variants", DRAFT, "broken.yaml"], INVALID, "line 1, column 24"),
    Case("variants-braces-unquoted", ["variants", DRAFT, "broken.yaml"], INVALID, "must stand in quotes"),
    Case("variants-odd-tag", ["variants", DRAFT, "tag.yaml"], INVALID, "is not YAML that can be read"),
    Case("variants-deep-yaml", ["variants", DRAFT, "deep.yaml"], INVALID, "nested too deeply"),
    Case("variants-broken-json", ["variants", DRAFT, "broken.json"], INVALID, "line 1, column 3"),
    Case("variants-deep-json", ["variants", DRAFT, "deep.json"], INVALID, "nested too deeply"),
    Case("variants-long-number", ["variants", DRAFT, "number.json"], INVALID, "is not JSON that can be read"),
    Case("variants-empty-file", ["variants", DRAFT, "empty.yaml"], INVALID, "$.variants: must be a list, not nothing"),
    Case("variants-empty-list", ["variants", DRAFT, "none.json"], INVALID, "$.variants: must hold at least 1"),
    Case("variants-text", ["variants", DRAFT, "text.yaml"], INVALID, "$.variants: must be a list, not text"),
    Case("variants-other-object", ["variants", DRAFT, "object.yaml"], INVALID, "has no such field: other"),
    Case(
        "variants-wrong-type",
        ["variants", DRAFT, "fields.json"],
        INVALID,
        "$.variants[0].distribution_percent: must be a whole number, not text",
    ),
    Case(
        "variants-unknown-field", ["variants", DRAFT, "fields.json"], INVALID, "$.variants[1]: has no such field: body"
    ),
    Case(
        "variants-field-missing",
        ["variants", DRAFT, "fields.json"],
        INVALID,
        "$.variants[1].email_content: is required",
    ),
    Case("variants-number-as-name", ["variants", DRAFT, "keys.yaml"], INVALID, "has no such field: 1, a"),
    Case(
        "variants-out-of-range", ["variants", DRAFT, "range.json"], INVALID, "$.variants[0].distribution_percent: must"
    ),
    Case("variants-unbalanced", ["variants", DRAFT, "unbalanced.json"], RULE, "together they would be 60"),
    Case("variants-of-active", ["variants", ACTIVE, "good.json"], ILLEGAL, "ACTIVE cannot be updated"),
    Case("variants-of-unknown", ["variants", NOBODY, "good.json"], UNKNOWN, "There is no campaign"),
    Case("launch-unknown", ["launch", NOBODY], UNKNOWN, "There is no campaign"),
    Case("launch-active", ["launch", ACTIVE], ILLEGAL, "What it allows now: pause"),
    Case("launch-no-uuid", ["launch", ""], INVALID, NO_UUID),
    Case("pause-draft", ["pause", DRAFT], ILLEGAL, "A campaign that is DRAFT cannot be paused"),
    Case("pause-no-uuid", ["pause", "draft"], INVALID, NO_UUID),
    Case("activate-empty", ["activate", EMPTY], MISSING, "it still needs: leads"),
    Case("activate-unknown", ["activate", NOBODY], UNKNOWN, "There is no campaign"),
    Case("archive-draft", ["archive", DRAFT], ILLEGAL, "DRAFT cannot be archived"),
    Case("archive-no-uuid", ["archive", "x"], INVALID, NO_UUID),
    Case("delete-active", ["delete", ACTIVE], ILLEGAL, "ACTIVE cannot be deleted"),
    Case("delete-ambiguous", ["delete", "AAAAAAAA"], INVALID, "is the beginning of 2 ids"),
    Case(
        "upload-file-missing", ["leads", "upload", DRAFT, "gone.csv"], INVALID, "gone.csv cannot be read: No such file"
    ),
    Case("upload-folder", ["leads", "upload", DRAFT, "."], INVALID, "Is a directory"),
    Case("upload-odd-file-name", ["leads", "upload", DRAFT, "a\nb\x1b"], INVALID, r"a b\x1b cannot be read"),
    Case("upload-empty", ["leads", "upload", DRAFT, "/dev/null"], INVALID, "The file is empty"),
    Case("upload-no-address-column", ["leads", "upload", DRAFT, "text.yaml"], INVALID, "No column is named email"),
    Case("upload-unknown-encoding", ["leads", "upload", DRAFT, "l.csv", "--encoding", "x"], INVALID, "encoding"),
    Case("upload-long-delimiter", ["leads", "upload", DRAFT, "l.csv", "--delimiter", "ab"], INVALID, "$.delimiter"),
    Case("upload-map-no-pair", ["leads", "upload", DRAFT, "l.csv", "--map", "email"], USAGE, "as in email=E-Mail"),
    Case("upload-map-twice", ["leads", "upload", DRAFT, "l.csv", "--map", "a=b", "--map", "a=c"], USAGE, "given twice"),
    Case("upload-map-no-column", ["leads", "upload", DRAFT, "l.csv", "--map", "email=Post"], INVALID, "Post"),
    Case("upload-to-unknown", ["leads", "upload", NOBODY, "l.csv"], UNKNOWN, "There is no campaign"),
    Case("upload-mapping-no-json", ["leads", "upload", DRAFT, "l.csv", "--mapping", "email"], USAGE, "it must be JSON"),
    Case("upload-mapping-deep", ["leads", "upload", DRAFT, "l.csv", "--mapping", "[" * 20_000], USAGE, "must be JSON"),
    Case("upload-mapping-a-list", ["leads", "upload", DRAFT, "l.csv", "--mapping", "[1]"], INVALID, "$.mapping: must"),
    Case("upload-mapping-no-email", ["leads", "upload", DRAFT, "l.csv", "--mapping", '{"a": "b"}'], INVALID, "email"),
    Case(
        "upload-mapping-half",
        ["leads", "upload", DRAFT, "l.csv", "--mapping", r'{"email": "\ud800"}'],
        INVALID,
        "written as UTF-8",
    ),
    Case(
        "upload-mapped-both-ways",
        ["leads", "upload", DRAFT, "l.csv", "--mapping", "{}", "--map", "email=email"],
        USAGE,
        "not both",
    ),
    Case(
        "upload-action-unknown",
        ["leads", "upload", DRAFT, "l.csv", "--duplicate-action", "merge"],
        USAGE,
        "it must be one of skip, update, replace, is 'merge'",
    ),
    Case("lead-no-address", ["leads", "add", DRAFT, "ada"], INVALID, "$.email: must be an e-mail address"),
    Case("lead-twice", ["leads", "add", DRAFT, "ADA@acme.example.com"], RULE, "There already is a lead"),
    Case("lead-field-no-pair", ["leads", "add", DRAFT, "o@x.org", "--field", "city"], USAGE, "as in city=Oslo"),
    Case(
        "lead-field-twice",
        ["leads", "add", DRAFT, "o@x.org", "--field", "City=A", "--field", "city=B"],
        USAGE,
        "'city' is given twice",
    ),
    Case(
        "lead-name-twice",
        ["leads", "add", DRAFT, "o@x.org", "--first-name", "A", "--field", "First Name=B"],
        USAGE,
        "given twice",
    ),
    Case("lead-address-as-field", ["leads", "add", DRAFT, "o@x.org", "--field", "email=p@x.org"], USAGE, "the address"),
    Case("lead-long-value", ["leads", "add", DRAFT, "o@x.org", "--field", f"a={'x' * 32_768}"], INVALID, "has 32768"),
    Case("lead-half-a-character", ["leads", "add", DRAFT, "o@x.org", "--company", "\udcff"], INVALID, "$.company"),
    Case("lead-half-a-field", ["leads", "add", DRAFT, "o@x.org", "--field", "city=\udcff"], INVALID, "$.custom_fields"),
    Case("lead-to-unknown", ["leads", "add", NOBODY, "o@x.org"], UNKNOWN, "There is no campaign"),
    Case("lead-update-unknown", ["leads", "update", DRAFT, "o@x.org", "--clear", "city"], UNKNOWN, "no lead o@x.org"),
    Case("lead-update-unknown-id", ["leads", "update", DRAFT, NOBODY, "--clear", "city"], UNKNOWN, "There is no lead"),
    Case("lead-update-neither", ["leads", "update", DRAFT, "ada"], INVALID, "or the lead's address, is 'ada'"),
    Case("lead-update-no-address", ["leads", "update", DRAFT, "@"], INVALID, "LEAD: '@' is no e-mail address"),
    Case(
        "lead-update-address",
        ["leads", "update", DRAFT, "ada@acme.example.com", "--clear", "email"],
        USAGE,
        "the address is the lead's EMAIL and never changes",
    ),
    Case(
        "lead-update-set-and-cleared",
        ["leads", "update", DRAFT, "ada@acme.example.com", "--company", "A", "--clear", "company"],
        USAGE,
        "given twice",
    ),
    Case(
        "lead-update-of-unknown", ["leads", "update", NOBODY, "ada@acme.example.com"], UNKNOWN, "There is no campaign"
    ),
    Case("lead-remove-unknown", ["leads", "remove", DRAFT, "o@x.org"], UNKNOWN, "There is no lead o@x.org"),
    Case("lead-remove-half", ["leads", "remove", DRAFT, "ada@acme.example.com", "o@x.org"], UNKNOWN, "no lead o@x.org"),
    Case("lead-remove-nothing", ["leads", "remove", DRAFT], USAGE, "Missing argument 'LEAD...'"),
    Case("lead-remove-from-unknown", ["leads", "remove", NOBODY, NOBODY], UNKNOWN, "There is no campaign"),
    Case("export-of-unknown", ["leads", "export", NOBODY, "out.csv"], UNKNOWN, "There is no campaign"),
    Case("export-no-folder", ["leads", "export", DRAFT, "gone/out.csv"], INVALID, "gone/out.csv: cannot be written"),
    Case("export-to-a-folder", ["leads", "export", DRAFT, "."], INVALID, "is not a file that can be replaced"),
    Case("export-to-a-device", ["leads", "export", DRAFT, "/dev/null"], INVALID, "is not a file that can be replaced"),
    Case("leads-status-unknown", ["leads", "list", DRAFT, "--status", "LOST"], USAGE, "it must be one of PENDING"),
    Case("leads-batch-no-uuid", ["leads", "list", DRAFT, "--batch", "7"], INVALID, "--batch: must be a UUID such as"),
    Case("leads-of-unknown", ["leads", "list", NOBODY], UNKNOWN, "There is no campaign"),
    Case("leads-limit-0", ["leads", "list", DRAFT, "--limit", "0"], USAGE, "--limit"),
    Case("leads-limit-text", ["leads", "list", DRAFT, "--limit", "many"], USAGE, "--limit"),
    Case("leads-page-0", ["leads", "list", DRAFT, "--page", "0"], USAGE, "--page"),
    Case("leads-without-command", ["leads"], USAGE, "Missing command. Try: campaign leads --help"),
    Case("add-no-address", ["inboxes", "add", "mara-at-home"], INVALID, "$.email_address: must be an e-mail address"),
    Case("add-taken", ["inboxes", "add", "MARA@out.example.com"], RULE, "There already is an inbox"),
    Case(
        "add-long-command-id", ["inboxes", "add", "o@out.example.com", "--command-id", "x" * 195], INVALID, "$.command"
    ),
    Case(
        "add-type-unknown", ["inboxes", "add", "o@x.org", "--type", "fax"], USAGE, "one of COLDSEND, GOOGLE_WORKSPACE"
    ),
    Case("add-limit-0", ["inboxes", "add", "o@x.org", "--daily-limit", "0"], INVALID, "$.daily_limit: must be 1 to"),
    Case("add-limit-text", ["inboxes", "add", "o@x.org", "--daily-limit", "few"], USAGE, "--daily-limit"),
    Case(
        "add-limit-above-type",
        ["inboxes", "add", "o@x.org", "--type", "google_workspace", "--daily-limit", "2001"],
        INVALID,
        "must be at most 2,000 for GOOGLE_WORKSPACE",
    ),
    Case("add-name-empty", ["inboxes", "add", "o@x.org", "--display-name", ""], INVALID, "$.display_name"),
    Case("inboxes-status-unknown", ["inboxes", "list", "--status", "LOST"], USAGE, "it must be one of PENDING, ACTIVE"),
    Case("pause-inbox-pending", ["inboxes", "pause", PENDING], ILLEGAL, "An inbox that is PENDING cannot be paused"),
    Case("resume-inbox-active", ["inboxes", "resume", INBOX], ILLEGAL, "An inbox that is ACTIVE cannot be resumed"),
    Case("remove-inbox-in-use", ["inboxes", "remove", INBOX], RULE, f"is assigned to campaigns ({DRAFT}"),
    Case("remove-inbox-unknown", ["inboxes", "remove", NOBODY], UNKNOWN, "There is no inbox"),
    Case("inboxes-list-extra", ["inboxes", "list", "x"], USAGE, "unexpected extra argument"),
    Case("verify-inbox-active", ["inboxes", "verify", INBOX], ILLEGAL, "An inbox that is ACTIVE cannot be verified"),
    Case("verify-inbox-unknown", ["inboxes", "verify", NOBODY], UNKNOWN, "There is no inbox"),
    Case("disable-no-uuid", ["inboxes", "disable", "mara@out.example.com"], INVALID, NO_UUID),
    Case("disable-a-campaign", ["inboxes", "disable", DRAFT], UNKNOWN, "There is no inbox"),
    Case("show-lead-unknown", ["leads", "show", DRAFT, "o@x.org"], UNKNOWN, "There is no lead o@x.org"),
    Case("show-lead-of-unknown", ["leads", "show", NOBODY, NOBODY], UNKNOWN, "There is no campaign"),
    Case("show-lead-unknown-id", ["leads", "show", DRAFT, NOBODY], UNKNOWN, f"There is no lead {NOBODY}"),
    *(
        case
        for word in ANSWERS
        for case in (
            Case(f"{word}-unknown", ["leads", word, ACTIVE, "o@x.org"], UNKNOWN, "There is no lead o@x.org"),
            Case(f"{word}-of-unknown", ["leads", word, NOBODY, NOBODY], UNKNOWN, "There is no campaign"),
            Case(f"{word}-at-text", ["leads", word, ACTIVE, ADA, "--at", "soon"], USAGE, "such as 2030-01-31T09:00"),
            Case(f"{word}-at-the-end", ["leads", word, ACTIVE, ADA, "--at", "9999-12-31"], INVALID, "years 2 to 9998"),
        )
    ),
    *(
        Case(f"{word}-before-a-mail", ["leads", word, ACTIVE, ADA], RULE, "Nothing was sent to the lead")
        for word in ANSWERS
        if word != "unsubscribed"  # which anybody may ask for at any time
    ),
    Case("clicked-link-0", ["leads", "clicked", ACTIVE, ADA, "--link", "0"], INVALID, "$.link: must be 1 to 10000"),
    Case("clicked-link-text", ["leads", "clicked", ACTIVE, ADA, "--link", "top"], USAGE, "--link"),
    Case("bounced-hard", ["leads", "bounced", ACTIVE, ADA, "--hard"], USAGE, "No such option: --hard"),
    Case("forecast-no-uuid", ["forecast", "first"], INVALID, NO_UUID),
    Case("forecast-set-nothing", ["forecast", ACTIVE, "--set", "nonsense"], USAGE, "--set"),
    Case("forecast-days-0", ["forecast", ACTIVE, "--days", "0"], USAGE, "--days"),
    Case("forecast-rate-7", ["forecast", ACTIVE, "--open-rate", "7"], USAGE, "--open-rate"),
    Case("stats-no-uuid", ["stats", "first"], INVALID, NO_UUID),
    Case("stats-by-colour", ["stats", ACTIVE, "--by", "colour"], USAGE, "--by"),
    Case("ab-no-uuid", ["ab", "first"], INVALID, NO_UUID),
    Case("ab-step-0", ["ab", ACTIVE, "--step", "0"], USAGE, "--step"),
    Case("ab-measure-clicks", ["ab", ACTIVE, "--measure", "clicks"], USAGE, "--measure"),
    Case("sent-nothing", ["sent", ACTIVE, ADA], INVALID, "LEAD: no mail went to it so far"),
    Case("sent-step-0", ["sent", ACTIVE, ADA, "--step", "0"], USAGE, "--step"),
    Case("sent-unknown", ["sent", ACTIVE, NOBODY], UNKNOWN, f"There is no lead {NOBODY}"),
    Case("unknowns-no-uuid", ["unknowns", "first"], INVALID, NO_UUID),
    Case("unknowns-page-0", ["unknowns", "--page", "0"], USAGE, "--page"),
    Case("unknowns-limit-0", ["unknowns", "--limit", "0"], USAGE, "--limit"),
    Case("resolve-neither", ["resolve", ACTIVE, ADA], USAGE, "--sent / --not-sent: say one of the two"),
    Case("resolve-known", ["resolve", ACTIVE, ADA, "--sent"], ILLEGAL, "cannot have an unknown outcome resolved"),
    Case("suppress-no-address", ["suppress", "ada"], INVALID, "$.email: must be an e-mail address"),
    Case("suppress-reason", ["suppress", "o@x.org", "--reason", "whim"], USAGE, "it must be one of unsubscribed"),
    Case("lift-no-address", ["lift", "ada"], INVALID, "$.email: must be an e-mail address"),
    Case("suppressed-no-address", ["suppressed", "ada"], INVALID, "$.email: must be an e-mail address"),
    Case("suppressed-page-0", ["suppressed", "--page", "0"], USAGE, "--page"),
    Case("run-transport", ["run", "--transport", "pigeon"], USAGE, "it must be maildir:PATH or smtp, is 'pigeon'"),
    Case("run-maildir-nowhere", ["run", "--transport", "maildir:"], USAGE, "it must be maildir:PATH or smtp"),
    Case("run-maildir-a-file", [*VIRTUAL, "--transport", "maildir:l.csv"], MISUSE, "l.csv cannot be a Maildir"),
    Case("run-clock", ["run", "--clock", "moon"], USAGE, "it must be one of real, virtual, is 'moon'"),
    Case("run-start-real", ["run", "--start", "2030-01-31"], USAGE, "give --clock virtual too"),
    Case("run-start-text", [*VIRTUAL, "--start", "soon"], USAGE, "such as 2030-01-31T09:00, is 'soon'"),
    Case("run-start-end", [*VIRTUAL, "--start", "9999-12-31"], INVALID, "--start: must lie in the years 2 to 9998"),
    Case("run-virtual-smtp", [*VIRTUAL, "--transport", "smtp"], USAGE, "the virtual clock needs maildir:PATH"),
    Case("run-virtual-endless", [*VIRTUAL[:-1], "--transport", "maildir:m"], USAGE, "give --until-complete too"),
    Case("run-lease-0", ["run", "--lease", "0"], USAGE, "--lease"),
    Case("run-public-url", ["run", "--public-url", "mail.acme.example"], INVALID, "--public-url"),
    Case("run-worker-empty", [*VIRTUAL, "--transport", "maildir:m", "--worker", ""], INVALID, "$.actor"),
    Case(
        "run-no-key", ["run", "--until-complete"], MISUSE, "SMTP settings are kept encrypted; set CAMPAIGN_SECRET_KEY"
    ),
    Case("serve-no-key", ["serve"], MISUSE, "are kept under a secret key; set CAMPAIGN_SECRET_KEY to 32 random bytes"),
    Case("serve-port-65536", ["serve", "--port", "65536"], USAGE, "--port"),
    Case("serve-port-text", ["serve", "--port", "http"], USAGE, "--port"),
    Case("serve-check", ["serve", "--inbox-check", "maybe"], USAGE, "it must be one of smtp, off, is 'maybe'"),
    Case("serve-transport", ["serve", "--transport", "pigeon"], USAGE, "it must be maildir:PATH or smtp, is 'pigeon'"),
    Case("serve-rate-0", ["serve", "--rate-per-minute", "0"], USAGE, "--rate-per-minute"),
    Case("serve-rate-hour-0", ["serve", "--rate-per-hour", "0"], USAGE, "--rate-per-hour"),
    Case("smtp-no-key", ["inboxes", "smtp", INBOX], MISUSE, "SMTP settings are kept encrypted"),
    Case("smtp-unknown", ["inboxes", "smtp", NOBODY, "--host", "h"], UNKNOWN, "There is no inbox"),
    Case("smtp-no-host", ["inboxes", "smtp", INBOX, "--user", "mara"], USAGE, "--user: it needs --host"),
    Case("smtp-forget-more", ["inboxes", "smtp", INBOX, "--forget", "--host", "h"], USAGE, "--forget stands alone"),
    Case("demo-leads-19", ["demo", "--leads", "19"], USAGE, "--leads"),
    Case("rebuild-extra", ["rebuild", "leads"], USAGE, "unexpected extra argument"),
    Case("verify-extra", ["verify", DRAFT], USAGE, "unexpected extra argument"),
    Case(
        "demo-not-new", ["demo"], INVALID, "campaigns.db already holds campaigns and inboxes; the demo needs a new file"
    ),
    Case(
        "keys-create-no-secret",
        ["keys", "create", "--name", "Shop", "--scope", "*"],
        MISUSE,
        "API keys are kept as hashes under a secret key; set CAMPAIGN_SECRET_KEY to 32 random bytes",
    ),
    Case("keys-create-no-name", ["keys", "create", "--scope", "*"], USAGE, "Missing option '--name'"),
    Case("keys-create-no-scope", ["keys", "create", "--name", "Shop"], USAGE, "Missing option '--scope'"),
    Case("keys-list-extra", ["keys", "list", "all"], USAGE, "unexpected extra argument"),
    Case("keys-list-no-workspace", ["keys", "list", "--workspace", "mars"], UNKNOWN, "There is no workspace mars"),
    Case("keys-revoke-nothing", ["keys", "revoke"], USAGE, "Missing argument 'KEY_ID'"),
    Case("keys-revoke-unknown", ["keys", "revoke", "5f0c2a91d3e4"], UNKNOWN, "There is no API key 5f0c2a91d3e4"),
    Case("no-such-command", ["lunch", DRAFT], USAGE, "Did you mean 'launch'? Try: campaign --help"),
    Case("no-such-inbox-command", ["inboxes", "ad"], USAGE, "No such command 'ad'"),
    Case("db-empty", ["list", "--db", ""], USAGE, "name a file such as campaigns.db"),
    Case("db-without-value", ["list", "--db"], USAGE, "'--db' requires an argument"),
]
#: One follow-up in a list, its step, trigger and wait left open.
FOLLOW_UP = b"""\
- {step_number: %d, trigger_type: %s, wait_days: %d, variants: [{email_content: Just a short reminder.}]}
"""
FILES = {
    "binary.yaml": b"\xff\xfe\x00",
    "binary.txt": b"\xff\xfe\x00",
    "broken.yaml": b"subject_template: {{a}}, good morning\n",
    "tag.yaml": b"- !!bool perhaps\n",
    "deep.yaml": b"[" * 1_000,
    "broken.json": b"[{]",
    "deep.json": b"[" * 200_000,
    "number.json": b"9" * 5000,
    "empty.yaml": b"",
    "none.json": b"[]",
    "text.yaml": b"hello\n",
    "object.yaml": b"other: 1\n",
    "fields.json": json.dumps(
        [
            {"distribution_percent": "50", "subject_template": "Hi", "email_content": "Good morning."},
            {"distribution_percent": 50, "subject_template": "Hi", "body": "Good morning."},
        ]
    ).encode(),
    "keys.yaml": b"- {1: x, a: y, subject_template: Hi, email_content: Good morning.}\n",
    "range.json": b'[{"distribution_percent": 101, "subject_template": "Hi", "email_content": "Good morning."}]',
    "unbalanced.json": b'[{"distribution_percent": 60, "subject_template": "Hi", "email_content": "Good morning."}]',
    "good.json": b'[{"subject_template": "Hi", "email_content": "Good morning."}]',
    "l.csv": LEADS,
    "{}.json": b"{}",
    "good.yaml": FOLLOW_UP % (2, b"NOT_OPENED", 3),
    "wait.yaml": FOLLOW_UP % (2, b"NOT_OPENED", 31),
    "trigger.yaml": FOLLOW_UP % (2, b"OPENED", 3),
    "gap.yaml": FOLLOW_UP % (2, b"NOT_OPENED", 3) + FOLLOW_UP % (4, b"NOT_OPENED", 3),
    "edits.yaml": b"sequence_edits: [{action: delete, sequence_id: 00000000-0000-4000-8000-000000000000}]",
    "both.yaml": b"sequences: []\nsequence_edits: "
    b"[{action: delete, sequence_id: 00000000-0000-4000-8000-000000000000}]",
}


@pytest.fixture
def _files(tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_bad_input_is_refused_in_one_sentence(
    terminal: Terminal, furnished: Path, contents: Callable[[Path], str], case: Case
) -> None:
    """The sentence is on stderr, stdout stays empty, and nothing in the database changed.

    Under `--json` stdout holds one document with the same sentence and a word for programs.
    """
    before = contents(furnished)
    arguments = [str(each) for each in case.arguments]
    said = terminal.type(*arguments)
    assert (said.code, said.out) == (case.code, ""), said
    assert case.words in said.err
    assert said.err.startswith("Error: ")
    assert said.err.count("\n") == 1
    assert said.err.endswith((".\n", "help.\n"))
    assert not said.err.endswith("..\n")
    asked = terminal.type("--json", *arguments)
    error = json.loads(asked.out)["error"]
    assert (asked.code, asked.err) == (case.code, said.err)
    assert f"Error: {error['message']}\n" == said.err
    assert (error["code"] == "usage") == (case.code == USAGE)
    assert contents(furnished) == before


def test_every_command_is_given_bad_input() -> None:
    """A command that is added must be added to the cases too."""
    tried = {command_of([str(each) for each in case.arguments]) for case in CASES}
    assert set(every_command()) <= tried
