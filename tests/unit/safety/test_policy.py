"""The word policy: what it must block at each rating, and what it must leave alone."""

import pytest

from pipelines.safety.policy import check_text
from schemas.project import Project


def project(**settings):
    return Project(id="p", title="P", **settings)


def categories(text, **settings):
    return [finding.category for finding in check_text({"here": text}, project(**settings))]


HARMLESS = (
    "He shot the film in Scunthorpe.", "Kill the lights!", "She was dressed to kill.", "A long shot of the harbour.",
    "Blood oranges on the table.", "He took a stab at the puzzle.", "Essex, Sussex and Middlesex.", "The cocktail hour.",
    "They killed time by the sea.", "A murder of crows.", "The punch line falls flat.", "Assassin Street is no class.",
    "Visible to the naked eye.", "Pass the bloody mary.", "The gunwale is wet.", "Shooting stars over the bay.",
    "Grape and therapist.", "An analysis of the classic.", "He killed the engine.", "The skill of the painter.",
)  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_policy_on_harmless_words_finds_nothing_at_mild(text):
    assert categories(text) == []


@pytest.mark.parametrize("text", [one for one in HARMLESS if "Assassin" not in one])
def test_policy_on_harmless_words_finds_nothing_at_none(text):
    assert categories(text, violence_rating="none") == []


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("A sexually explicit dance.", "sexual"),
        ("They have sex on the beach.", "sexual"),
        ("All immigrants are vermin.", "hate"),
        ("Kill all the Muslims!", "hate"),
        ("Here is how to build a pipe bomb.", "illegal"),
        ("A recipe for meth.", "illegal"),
        ("A forged speech by the President.", "deceptive"),
        ("A deepfake of the mayor.", "deceptive"),
        ("He is d\u200bisembowelled.", "violence"),
        ("BEHEADED.", "violence"),
    ],
)
def test_policy_on_blocked_content_finds_its_category(text, category):
    assert categories(text) == [category]


@pytest.mark.parametrize(
    ("rating", "mild", "graphic"),
    [("none", ["violence"], ["violence"]), ("mild", [], ["violence"]), ("graphic", [], [])],
)
def test_policy_on_violence_follows_the_rating(rating, mild, graphic):
    assert categories("She shoots him.", violence_rating=rating) == mild
    assert categories("They torture the guard.", violence_rating=rating) == graphic


def test_finding_names_place_and_words():
    (finding,) = check_text({"s1/e1": "The entrails steam."}, project())
    assert finding.where == "s1/e1" and "'entrails'" in finding.message and "s1/e1" in finding.message
