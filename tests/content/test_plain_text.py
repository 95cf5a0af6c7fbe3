"""The text part of an HTML mail: what a reader of text gets to see, and what not."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_core.content.plain_text import Tag, pieces, plain_text, shows

#: Scraps that broken pages are made of.
SCRAPS = st.sampled_from(
    [
        *(
            "<",
            "</",
            ">",
            "/>",
            "<!--",
            "-->",
            "<!",
            "<?",
            "&",
            "&#",
            "&#x",
            "&amp",
            ";",
            '"',
            "'",
            "=",
            "/",
            " ",
            "\n",
            "\r\n",
        ),
        *(
            "<p>",
            "</p>",
            "<br>",
            "<div",
            "<a href=",
            "<a href='u'>",
            "</a>",
            "<ul><li>",
            "</ul>",
            "<pre>",
            "</pre>",
            "<td>",
        ),
        *("<script>", "</script>", "<style", "<title>", "<img alt=", "<img>", "word", "é", "\x00", "\xa0", "9", "]]>"),
    ]
)
BROKEN = st.text() | st.lists(SCRAPS, max_size=40).map("".join)
#: Letters only, so that nothing in a word is markup.
WORD = st.text(st.characters(categories=("L",)), min_size=1, max_size=6)
INLINE = ("b", "i", "em", "span", "font", "u", "o:p")
BLOCKS = ("p", "div", "h1", "td", "tr", "table", "blockquote", "li", "ul", "section", "pre", "center")
ATTRIBUTES = st.sampled_from(["", " class=x", ' style="color: red"', " title='a > b'", " hidden", "\n id = 'y' ", "/"])
HIDDEN = st.sampled_from(
    [
        "<!-- <b>no</b> -->",
        "<!>",
        "<?no?>",
        "<script>if (a<b) '</p>'</script>",
        "<STYLE>no</style >",
        "<title>no<b></title>",
    ]
)


@st.composite
def _wrapped(draw: st.DrawFn, children: st.SearchStrategy[tuple[str, list[str]]]) -> tuple[str, list[str]]:
    name = draw(st.sampled_from(INLINE + BLOCKS))
    name = draw(st.sampled_from([name, name.upper()]))
    inner = draw(st.lists(children, max_size=4))
    page = " ".join(part for part, _ in inner)
    return f"<{name}{draw(ATTRIBUTES)}>{page}</{name}>", [word for _, words in inner for word in words]


#: Pages, each with the words that stand on it.
PAGES = st.recursive(
    WORD.map(lambda word: (word, [word])) | HIDDEN.map(lambda hidden: (hidden, [])), _wrapped, max_leaves=12
)


@given(BROKEN)
def test_of_any_page_come_tidy_lines(page: str) -> None:
    """No blanks at the ends of lines, no empty lines at the ends or two in a row, no control characters but the tab."""
    text = plain_text(page)
    lines = text.split("\n")
    assert [line for line in lines if line != line.rstrip()] == []
    assert "\n\n\n" not in text
    assert text == "" or (lines[0] and lines[-1])
    assert [each for each in text if ord(each) < 32 and each not in "\n\t"] == []


@given(BROKEN)
def test_the_pieces_of_any_page_are_parts_of_it_in_order(page: str) -> None:
    """A tag stands where it says it does, and text is text of the page."""
    place = 0
    for piece in pieces(page):
        if isinstance(piece, Tag):
            assert page[piece.start :].lower().startswith(("</" if piece.closes else "<") + piece.name)
            assert piece.start >= place
            place = piece.start + 1
        else:
            place = page.index(piece, place) + len(piece)


@given(PAGES)
def test_the_words_of_a_page_are_left_and_nothing_of_its_tags(page: tuple[str, list[str]]) -> None:
    markup, words = page
    assert [word for word in plain_text(markup).split() if word != "-"] == words


@given(st.lists(WORD))
def test_plain_words_stay_as_they_are(words: list[str]) -> None:
    text = " ".join(words)
    assert plain_text(text) == text
    assert plain_text(plain_text(text)) == plain_text(text)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_what_was_escaped_is_read_as_it_was(text: str) -> None:
    assert plain_text(html.escape(text)).split() == text.split()


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"))))
def test_characters_are_read_by_their_numbers(text: str) -> None:
    numbers = "".join(f"&#{ord(each)};&#x{ord(each):X};" for each in text)
    assert plain_text(numbers).split() == "".join(each * 2 for each in text).split()


@given(st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1))
def test_the_address_of_a_link_is_the_one_that_was_written(path: str) -> None:
    address = f"https://example.com/{path}"
    assert plain_text(f'<a class=x href="{html.escape(address)}">here</a>.') == f"here ({address})."
    assert plain_text(f"<a href='{html.escape(address)}'>{html.escape(address)}</a>") == address


@pytest.mark.parametrize(
    ("page", "text"),
    [
        pytest.param("<p>one</p><p>two</p>", "one\n\ntwo", id="paragraphs_leave_a_line_empty"),
        pytest.param("<div>one</div><div>two</div>three", "one\ntwo\nthree", id="divisions_do_not"),
        pytest.param("one<br>two<br/><br />three", "one\ntwo\n\nthree", id="breaks"),
        pytest.param("<div>one<br></div><div>two</div>", "one\ntwo", id="a_break_at_the_end_of_a_block_adds_nothing"),
        pytest.param(
            "<div>one</div><div><br></div><div>two</div>", "one\n\ntwo", id="a_block_of_a_break_is_an_empty_line"
        ),
        pytest.param("<br><br>one<br><br><br><br>two<br>", "one\n\ntwo", id="one_empty_line_at_most"),
        pytest.param(" one \t\r\n two<b> three </b> four", "one two three four", id="white_space_collapses"),
        pytest.param("o<b>n</b>e", "one", id="a_tag_inside_a_word"),
        pytest.param("a&nbsp;&nbsp;b&nbsp;", "a\xa0\xa0b", id="hard_spaces_stay"),
        pytest.param("<pre>\n a  b\r\n\tc</pre>", " a  b\n\tc", id="pre_keeps_its_blanks"),
        pytest.param("<pre>a\rb\r\nc\fd</pre>", "a\nb\nc\nd", id="every_break_of_pre_is_a_line"),
        pytest.param("<pre>a</pre>  b  c", "a\n\nb c", id="after_pre_they_collapse_again"),
        pytest.param("<ul><li>one</li><li>two</ul>three", "- one\n- two\n\nthree", id="items"),
        pytest.param("<ul><li>one<ol><li>two</ol><li>three</ul>", "- one\n  - two\n- three", id="items_of_items"),
        pytest.param("<ul><li></ul>one", "one", id="an_empty_item_leaves_no_bullet"),
        pytest.param("<li></li>one", "one", id="nor_does_one_without_a_list"),
        pytest.param("<blockquote>one</blockquote>two", "one\n\ntwo", id="a_quotation_leaves_a_line_empty"),
        pytest.param("<pre>one\n\n\n\ntwo\n\n</pre>", "one\n\ntwo", id="pre_has_one_empty_line_at_most"),
        pytest.param("a<SCRIPT>b</Script>c", "ac", id="upper_case"),
        pytest.param("a</3>b</ c>d", "abd", id="end_tags_without_a_name"),
        pytest.param("<table><tr><td>a<td>b</tr><tr><th>c</table>", "a b\nc", id="cells_and_rows"),
        pytest.param("see <img alt=' our  logo '>!", "see our logo!", id="alternative_text"),
        pytest.param("<img src=u><img alt>", "", id="an_image_without_it"),
        pytest.param(
            "1 < 2 &lt;b&gt; &amp;amp; &euro; &#8364; &#x20AC; &copy", "1 < 2 <b> &amp; € € € ©", id="references"
        ),
        pytest.param(f"&#{'9' * 5000};", "\ufffd", id="a_number_without_end"),
        pytest.param("a<!-- > <b> -->b<!-->c<!--->d<!-- e --!>f", "abcdf", id="comments"),
        pytest.param("a<!-- b", "a", id="a_comment_without_end"),
        pytest.param("a<b title='>", "a", id="a_quote_without_end"),
        pytest.param("a<script>b", "a", id="a_script_without_end"),
        pytest.param("<head><title>a</title><p>b", "b", id="a_head_without_end_hides_nothing"),
        pytest.param("<!DOCTYPE html>a<![CDATA[b]]>c", "ac", id="declarations"),
    ],
)
def test_a_page_reads(page: str, text: str) -> None:
    assert plain_text(page) == text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        pytest.param("<a href='u'>t</a>", "t (u)", id="text_and_address"),
        pytest.param("<a href=u> t </a> z", "t (u) z", id="blanks_around_the_text"),
        pytest.param("x <a href=u>u</a>", "x u", id="the_same_after_a_blank"),
        pytest.param("<a href=' u\n'><b>u</b></a>", "u", id="the_same_once"),
        pytest.param(
            "<a href=mailto:Ann@example.com?subject=x>ann@example.com</a>", "ann@example.com", id="the_same_mailto"
        ),
        pytest.param("<a href=mailto:ann@example.com>Ann</a>", "Ann (mailto:ann@example.com)", id="another_mailto"),
        pytest.param("<a href='?a=1&copy=2&amp;b=3'>t</a>", "t (?a=1&copy=2&b=3)", id="a_parameter_is_no_reference"),
        pytest.param("<a href='u v'>t</a>", "t (u%20v)", id="a_space_in_the_address"),
        pytest.param("<a href='u\r\nv'>t</a>", "t (uv)", id="a_break_in_the_address"),
        pytest.param("<a href='u'><img src=i></a>", "u", id="an_image_without_text"),
        pytest.param("<a href='u'><img alt=t></a>", "t (u)", id="an_image_with_text"),
        pytest.param("a<a href='u'>&#8203;</a>b", "a\u200bb", id="nothing_to_see"),
        pytest.param(
            "<a href='#top'>t</a> <a href='JavaScript:x'>t</a> <a>t</a> <a href>t</a>", "t t t t", id="no_page"
        ),
        pytest.param("<a href=u>t<a href=v>w", "t (u)w (v)", id="never_closed"),
        pytest.param("<a href=u><p>one</p></a><p>two</p>", "one (u)\n\ntwo", id="a_block_inside"),
        pytest.param("<a HREF=u href=v>t</a>", "t (u)", id="the_first_of_two_addresses"),
        pytest.param("<a title=\"href='no'\" href=u/>t</a>", "t (u/)", id="an_address_in_another_attribute"),
    ],
)
def test_a_link_reads(page: str, text: str) -> None:
    assert plain_text(page) == text


@pytest.mark.parametrize(
    ("scrap", "text"),
    [
        pytest.param("<a b", "'>-->end", id="tags"),
        pytest.param("</a ", "'>-->end", id="end_tags"),
        pytest.param("<a\n\t ", "'>-->end", id="blanks"),
        pytest.param("<a b='", "-->end", id="quotes"),
        pytest.param("<!--", "'>-->end", id="comments"),
        pytest.param("<?", "'>-->end", id="instructions"),
        pytest.param("<script>", "end", id="scripts"),
        pytest.param("<pre>\n", ">'>-->end", id="pre"),
        pytest.param("&#9", ">'>-->end", id="references"),
        pytest.param("<a href=u>", ">'>-->end (u)", id="links"),
    ],
)
def test_half_a_million_characters_of_a_broken_page_are_read(scrap: str, text: str) -> None:
    """A reader that looks at the rest of the page again at each scrap would be busy for hours."""
    assert plain_text(scrap * (500_000 // len(scrap)) + ">'>--></script>end") == text


@given(st.text("\u200b\u200c\u200d\u2060\ufeff\xa0 \t\n\u3000"), WORD)
def test_a_text_shows_something_when_a_letter_stands_in_it(inkless: str, word: str) -> None:
    assert not shows(inkless)
    assert shows(inkless + word + inkless)
