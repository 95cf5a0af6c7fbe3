"""What does an HTML mail say to a reader who sees text only?

The scanner is our own. That of the standard library, `html.parser`, takes quadratic time on broken pages in Python releases
we support (3.11.7: three minutes for 160 kB of "<a b"), and what it makes of them may change with a patch release, while a
mail that was sent must render again as it was. This one reads tags, comments and character references as the HTML standard
does (section 13.2.5, "Tokenization"); each of its patterns consumes what it looked at, so its time is linear.

It does not know style sheets: what they hide is read as well.
"""

from __future__ import annotations

import html as references
import re
from collections.abc import Iterator
from typing import Final

from attrs import Factory, define, frozen

_SPACE: Final = r"\t\n\f\r "
#: The name and the value of an attribute. A quote that is never closed takes the rest of the page, as in a browser.
_NAME: Final = rf"[^{_SPACE}/>][^{_SPACE}/>=]*"
_VALUE: Final = rf"\"[^\"]*\"?|'[^']*'?|[^{_SPACE}>]*"
_ATTRIBUTE: Final = re.compile(rf"[{_SPACE}/]*({_NAME})(?:[{_SPACE}]*=[{_SPACE}]*({_VALUE}))?")
_MARKUP: Final = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<[!?][^>]*>?|</(?![a-zA-Z])[^>]*>?"
    rf"|<(?P<slash>/?)(?P<name>[a-zA-Z][^{_SPACE}/>]*)"
    rf"(?P<attributes>(?:[{_SPACE}/]*{_NAME}(?:[{_SPACE}]*=[{_SPACE}]*(?:{_VALUE}))?)*)"
    rf"[{_SPACE}/]*>?",
    re.DOTALL,
)
#: Elements whose content is not read as HTML, or not shown in a mail; each with what ends it.
_UNREAD: Final = {
    name: re.compile(rf"</{name}(?=[{_SPACE}/>])", re.IGNORECASE)
    for name in ("script", "style", "title", "textarea", "template", "iframe")
}
#: How many line breaks part an element from what stands before and after it: 2 leave an empty line.
_BREAKS: Final = {
    **dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dl", "hr", "figure"), 2),
    **dict.fromkeys(
        ("html", "head", "body", "div", "section", "article", "header", "footer", "main", "nav", "aside"), 1
    ),
    **dict.fromkeys(
        ("address", "center", "form", "fieldset", "figcaption", "table", "tr", "caption", "dt", "dd", "li"), 1
    ),
}
_LISTS: Final = frozenset({"ul", "ol"})
_CELLS: Final = frozenset({"td", "th"})
_DEEPEST_INDENT: Final = 4

_SPACES: Final = re.compile(f"[{_SPACE}]+")
_LINE_ENDS: Final = re.compile("\r\n|[\r\n\f]")
_UNPRINTED: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
#: Longer numbers name no character, and `int` refuses them from 4,300 digits on.
_ENDLESS_NUMBER: Final = re.compile("&#(?:[0-9]{20,}|[xX][0-9a-fA-F]{20,});?")
#: In an attribute a reference counts only with its semicolon, lest `?a=1&copy=2` lose its second parameter.
_CLOSED_REFERENCE: Final = re.compile("&(?:#[0-9]{1,19}|#[xX][0-9a-fA-F]{1,19}|[a-zA-Z][a-zA-Z0-9]{0,31});")
#: Characters without ink that Unicode does not count as white space.
_INKLESS: Final = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])


@frozen
class Tag:
    """A tag of a page."""

    #: In lower case.
    name: str
    #: True for an end tag.
    closes: bool
    #: What stands between the name and the end of the tag, as it is.
    attributes: str
    #: Where its first character stands in the page.
    start: int

    def attribute(self, name: str) -> str | None:
        """The value of an attribute (its first, if repeated), references decoded; None where the tag has none such."""
        found = self._found(name)
        if found is None:
            return None
        value = found[2] or ""
        if value[:1] in ('"', "'"):
            value = value[1:].removesuffix(value[0])
        return _CLOSED_REFERENCE.sub(lambda reference: references.unescape(reference[0]), value)

    def place_of(self, name: str) -> tuple[int, int] | None:
        """Where in `attributes` the value of an attribute begins and ends, its quotes included.

        None where the tag has no such value, or one whose quote is never closed.
        """
        found = self._found(name)
        if found is None or found[2] is None:
            return None
        is_open = found[2][:1] in ('"', "'") and (len(found[2]) == 1 or found[2][-1] != found[2][0])
        return None if is_open else found.span(2)

    def _found(self, name: str) -> re.Match[str] | None:
        matches = _ATTRIBUTE.finditer(self.attributes)
        return next((found for found in matches if found[1].lower() == name), None)


def pieces(page: str) -> Iterator[str | Tag]:
    """The tags of a page and the text between them, references not decoded; comments and unread content left out."""
    place = 0
    while (markup := _MARKUP.search(page, place)) is not None:
        if markup.start() > place:
            yield page[place : markup.start()]
        place = markup.end()
        if markup["name"] is None:
            continue
        tag = Tag(markup["name"].lower(), markup["slash"] == "/", markup["attributes"], markup.start())
        yield tag
        if tag.name in _UNREAD and not tag.closes:
            end = _UNREAD[tag.name].search(page, place)
            place = len(page) if end is None else end.start()
    if place < len(page):
        yield page[place:]


def shows(text: str) -> bool:
    """Whether a reader of the text would see anything: more than white space and characters without width."""
    return bool(text.translate(_INKLESS).strip())


def plain_text(html: str) -> str:
    """The text of an HTML page, as the text part of a mail gives it.

    Blocks become lines, items of lists begin with "- ", links read "text (address)" unless both are the same, images give
    their alternative text. White space collapses as in a browser, but for `pre`. Lines have no blanks at their ends, the
    text has no empty lines at its ends, and never two of them in a row. Takes any string.
    """
    text = _Text()
    for piece in pieces(_UNPRINTED.sub("", html)):
        if isinstance(piece, str):
            text.read(references.unescape(_ENDLESS_NUMBER.sub("\ufffd", piece)))
        elif piece.closes:
            text.close(piece.name)
        else:
            text.open(piece)
    text.end_link()
    return _tidy("".join(text.written))


def _tidy(text: str) -> str:
    lines: list[str] = []
    for line in map(str.rstrip, text.split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines[:-1] if lines and not lines[-1] else lines)


@define
class _Text:
    """The text as far as it is written, and what the next word brings with it."""

    written: list[str] = Factory(list)
    #: Line breaks before the next word, 0 to 2.
    breaks: int = 0
    #: Whether a blank stands before the next word, if it stays on the line.
    blank: bool = False
    #: What stands before the next word of an item.
    bullet: str = ""
    #: How many lists are open.
    lists: int = 0
    #: How many `pre` are open.
    pres: int = 0
    #: The address of the open link, None where there is none; where its text begins; whether it holds an image.
    link: str | None = None
    link_begins: int = 0
    link_has_image: bool = False

    def open(self, tag: Tag) -> None:
        name = tag.name
        if name == "br":
            # The first one ends a line, another one after that, or after a block, leaves a line empty.
            self.breaks = min(self.breaks + 1, 2)
        elif name == "a":
            self.end_link()
            self.begin_link(tag.attribute("href"))
        elif name == "img":
            self.link_has_image = True
            self.write(_SPACES.sub(" ", tag.attribute("alt") or "").strip(" "))
        elif name in _LISTS:
            self.part(1 if self.lists else 2)
            self.lists += 1
        elif name in _CELLS:
            self.blank = True
        elif name in _BREAKS:
            self.part(_BREAKS[name])
            if name == "li":
                self.bullet = "  " * min(self.lists - 1, _DEEPEST_INDENT) + "- "
            self.pres += name == "pre"

    def close(self, name: str) -> None:
        if name == "a":
            self.end_link()
        elif name in _LISTS:
            self.lists = max(self.lists - 1, 0)
            self.bullet = ""
            self.part(1 if self.lists else 2)
        elif name in _BREAKS:
            self.part(_BREAKS[name])
            if name == "li":
                self.bullet = ""
            elif name == "pre":
                self.pres = max(self.pres - 1, 0)

    def read(self, text: str) -> None:
        """Takes the text between two tags."""
        if self.pres:
            self.write(_LINE_ENDS.sub("\n", text))
            return
        collapsed = _SPACES.sub(" ", text)
        words = collapsed.strip(" ")
        self.blank = self.blank or collapsed.startswith(" ")
        self.write(words)
        if words:
            self.blank = collapsed.endswith(" ")

    def part(self, breaks: int) -> None:
        self.breaks = max(self.breaks, breaks)

    def write(self, words: str) -> None:
        """Adds words, after the breaks, the blank or the bullet that are due."""
        if not words:
            return
        if self.written:
            self.written.append("\n" * self.breaks if self.breaks else " " * self.blank)
        self.written += [self.bullet, words]
        self.breaks, self.blank, self.bullet = 0, False, ""

    def begin_link(self, address: str | None) -> None:
        self.link = None if address is None else _LINE_ENDS.sub("", address).strip().replace(" ", "%20")
        self.link_begins, self.link_has_image = len(self.written), False

    def end_link(self) -> None:
        """Adds the address of the open link, unless its text says it already or a reader of text has no use for it."""
        address, self.link = self.link, None
        if not address or address.startswith("#") or address.lower().startswith("javascript:"):
            return
        text = "".join(self.written[self.link_begins :]).strip()
        if not shows(text):
            if self.link_has_image:
                self.write(address)
        elif text != address and f"mailto:{text}".lower() != address.partition("?")[0].lower():
            # Behind the last word, whatever break a block inside the link has asked for.
            self.written.append(f" ({address})")
