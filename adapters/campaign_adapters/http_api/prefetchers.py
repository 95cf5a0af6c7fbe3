"""Who fetched a picture or a link: a person, or a program that does so with every mail?

Told by what a request says of itself, and by how soon it comes. When in doubt it was a person, because an open that is not
counted changes which follow-ups go.

- Programs that say what they are: crawlers, link scanners, previews in chats, libraries. The words are those of lists such
  as https://github.com/monperrus/crawler-user-agents.
- Apple's Mail Privacy Protection loads every picture soon after delivery, whether or not anybody reads the mail, as
  `Mozilla/5.0` and no more. Source: https://wordtothewise.com/2021/09/apple-mpp
- Gmail sometimes loads pictures as a mail arrives, under a name of its own that is no browser's. Source:
  https://github.com/ankane/ahoy_email/issues/139 and https://github.com/mautic/mautic/pull/10245
- Browsers that fetch ahead say so: `Sec-Purpose` (https://fetch.spec.whatwg.org/#sec-purpose-header), and the names it had
  before it was a standard: `Purpose`, `X-Purpose`, `X-Moz`.
- Scanners at the door of a company follow links while they take the mail in, or at once afterwards, dressed as browsers.
  Nobody reads that fast.

Gmail's and Yahoo's image proxies (GoogleImageProxy, YahooMailProxy) fetch a picture when a person opens the mail, and keep
it: the first open of each mail is one by a person, and the later ones are not seen. Leaving them out would leave out every
reader of Gmail (https://github.com/mautic/mautic/issues/16069).

What cannot be told: a scanner dressed as a browser that waits; a person behind Apple's protection, whose real open looks
like the one before or does not come at all; a mail opened with pictures off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

#: So soon after a server took the mail, nobody has read it.
TOO_SOON: Final = timedelta(seconds=2)
#: What programs call themselves in full.
_NAMES: Final = frozenset(
    {
        "",
        "Mozilla/5.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 "
        "Safari/537.36 Edge/12.246 Mozilla/5.0",
    }
)
#: Words of which one is enough. Cubot makes telephones.
_WORDS: Final = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|scan(?:ner|ning)?\b|preview|prefetch|monitor|headless|phantomjs|unfurl|link ?check"
    r"|facebookexternalhit|whatsapp|python|aiohttp|httpx|curl/|wget|libwww|java/|go-http-client|node-fetch|axios"
    r"|barracuda|mimecast|proofpoint|forcepoint|symantec|ironport|sophos|fireeye|trend ?micro|safebrowsing",
    re.IGNORECASE,
)
_PURPOSES: Final = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD: Final = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)


def is_by_machine(headers: Mapping[str, str], age: timedelta | None) -> bool:
    """Whether a program fetched it without a person, as far as can be told.

    Args:
        headers: of the request, found by names in lower case.
        age: how long ago a server took the mail; None where nobody knows.
    """
    name = headers.get("user-agent", "").strip()
    if name in _NAMES or _WORDS.search(name):
        return True
    if any(_AHEAD.search(headers.get(each, "")) for each in _PURPOSES):
        return True
    return age is not None and timedelta(0) <= age < TOO_SOON
