"""What a piece of HTML leaves open."""

import pytest

from plugins.host.markup import what_is_open


@pytest.mark.parametrize(
    "html",
    [
        "",
        "text only, a < b and c > d",
        "<p>one<p>two",
        "<ul><li>one<li>two</ul>",
        "<table><tr><td>1<td>2<tr><td>3</table>",
        '<a href="/x" title="a > b">x</a><br><img src="x" alt="">',
        '<svg viewBox="0 0 1 1"><use href="#i"/></svg>',
        "<!-- <div> --><div></div>",
        "<script>if (a < b) { '</div>' }</script>",
        "<textarea><div></textarea>",
        "<DIV></div>",
    ],
)
def test_whole_html_leaves_nothing_open(html):
    assert what_is_open(html) == ""


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<div>", "div"),
        ("<div><section></div>", "div"),
        ("</div>", "div"),
        ("<p></div></p>", "div"),
        ("<script>", "script"),
        ("<!-- open", "<!--"),
        ("<textarea>x", "textarea"),
        ("<ul><li></li>", "ul"),
        ("<b><i></b></i>", "b"),
    ],
)
def test_html_that_would_swallow_the_page_is_named(html, left):
    assert what_is_open(html) == left
