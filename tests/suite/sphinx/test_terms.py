"""The first use of a term in a requirement leads to its definition in the glossary."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.core import publish_doctree

from mdevref.suite.sphinx.terms import Terms
from tests.suite.sphinx.conftest import Built

TERMS = Terms(
    {
        name: ("spec/terms", f"term-{name.replace(' ', '-')}")
        for name in ("type", "type id", "vendor driver", "scripted vendor driver", "IOVA", "policy", "user", "in use",
                     "release", "mapping")
    }
)  # fmt: skip


def linked(*paragraphs: str) -> list[str]:
    """The clause as text, with each link in brackets."""
    clause = [next(publish_doctree(text).findall(nodes.paragraph)) for text in paragraphs]
    before = [each.astext() for each in clause]
    TERMS.link(clause, lambda page: f"{page}.html")
    assert [each.astext() for each in clause] == before
    for each in clause:
        for link in list(each.findall(nodes.reference)):
            if "glossary-term" in link["classes"]:
                link.parent.replace(link, nodes.Text(f"[{link.astext()}]({link['refuri']})"))
    return [each.astext() for each in clause]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A type has rooms.", "A [type](type) has rooms."),
        ("Types have rooms.", "[Types](type) have rooms."),
        ("Policies are plural.", "[Policies](policy) are plural."),
        ("An iova and two IOVAs.", "An [iova](iova) and two IOVAs."),
        ("A type, and again a type.", "A [type](type), and again a type."),
        ("The type id of a type.", "The [type id](type-id) of a [type](type)."),
        ("A scripted vendor driver.", "A [scripted vendor driver](scripted-vendor-driver)."),
        ("The vendor\ndriver's file.", "The [vendor\ndriver](vendor-driver)'s file."),
        ("A *vendor driver* exists.", "A [vendor driver](vendor-driver) exists."),
        # Literals, links and parts of other words stay as they are.
        ("``type`` is a file of a type.", "type is a file of a [type](type)."),
        ("See `the type <http://type.example>`__.", "See the type."),
        ("A prototype, a type-group and a typeface.", "A prototype, a type-group and a typeface."),
        # So do words in another sense.
        ("In user space the user waits.", "In user space the [user](user) waits."),
        ("The name is already in use while the card is in use.",
         "The name is already in use while the card is [in use](in-use)."),
        ("Mapping a page adds a mapping.", "Mapping a page adds a [mapping](mapping)."),
        ("A close MUST release the device.", "A close MUST release the device."),
    ],
)  # fmt: skip
def test_the_first_use_of_a_term_is_a_link(text: str, found: str) -> None:
    (clause,) = linked(text)
    assert clause.replace("spec/terms.html#term-", "").replace("](IOVA)", "](iova)") == found


def test_the_paragraphs_of_a_requirement_share_their_links() -> None:
    first, second = linked("A type has a file.", "The file of a type has a user.")
    assert first == "A [type](spec/terms.html#term-type) has a file."
    assert second == "The file of a type has a [user](spec/terms.html#term-user)."


def test_without_a_glossary_nothing_is_linked() -> None:
    paragraph = nodes.paragraph("", "A type of device.")
    Terms({}).link([paragraph], str)
    assert len(paragraph) == 1


def test_requirements_lead_to_the_glossary(built: Built) -> None:
    glossary = BeautifulSoup((built.folder / "spec/terms.html").read_text(), "html.parser")
    terms = {str(term["id"]): term.get_text().strip("#¶").lower() for term in glossary.select("dl.glossary dt[id]")}
    found = 0
    for chapter in built.spec.chapters:
        page = BeautifulSoup((built.folder / f"spec/{chapter.name}.html").read_text(), "html.parser")
        assert not page.select(".scenario .glossary-term, .req-head .glossary-term, code .glossary-term")
        assert len(page.select(".glossary-term")) == len(page.select(".req-clause .glossary-term"))
        for clause in page.select(".req-clause"):
            links = [str(link["href"]) for link in clause.select("a.glossary-term")]
            assert len(links) == len(set(links))
            for link in clause.select("a.glossary-term"):
                page_name, _, anchor = str(link["href"]).partition("#")
                assert page_name == "terms.html"
                assert " ".join(link.get_text().lower().split()).startswith(terms[anchor].rstrip("y"))
            found += len(links)
    assert found > 300
