"""What somebody reads who unsubscribes. The pages load nothing, show no address, and work without scripts."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Final

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto 0; padding: 0 1.25rem; }
button { font: inherit; padding: .75rem 1.5rem; min-height: 3rem; border: 2px solid currentColor; border-radius: .375rem;
  color: inherit; background: transparent; cursor: pointer; }
button:hover, button:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
"""
_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
#: For `Content-Security-Policy`: this style, a form that leads back here, and nothing else.
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1>\n{content}\n</main>\n</body>\n</html>\n"
    )


#: The button; its form leads back to the page's own address.
ASKING: Final = _page(
    "Unsubscribe?",
    "<p>If you press the button, you receive no more mails from this sender.</p>\n"
    '<form method="post"><button type="submit" name="List-Unsubscribe" value="One-Click">Unsubscribe</button></form>',
)
DONE: Final = _page(
    "You are unsubscribed", "<p>You receive no more mails from this sender. You can close this page.</p>"
)
NOT_OURS: Final = _page(
    "This link does not work",
    "<p>A part of it may be missing. Please follow the link in the mail again, or answer the mail with "
    "&ldquo;unsubscribe&rdquo;.</p>",
)
LATER: Final = _page(
    "Please try again",
    "<p>You are not unsubscribed yet: we could not note it right now. Please try again in a minute.</p>",
)
