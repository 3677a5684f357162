"""What content is blocked, as far as words can tell.

A basic text check: whole-word patterns for the five categories of section 26.1, and phrases that are harmless although
they hold such a word (`kill the lights`, `he shot the film`). It reads English only, and words only: it is a floor
under the human review, never a replacement. Slurs are not listed; hatred is recognised by what is said of a group.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from schemas.project import Project

Category = Literal["sexual", "violence", "hate", "illegal", "deceptive"]

_GROUP = (
    r"(?:jews?|muslims?|christians?|hindus?|blacks?|whites?|asians?|arabs?|immigrants?|refugees?|gays?|lesbians?|women|men"
    r"|disabled people|roma|gypsies|foreigners|trans people|homosexuals)"
)
_ATROCITY_WEAPON = r"(?:pipe ?bombs?|bombs?|explosives?|nerve agents?|sarin|ricin|meth(?:amphetamine)?|napalm)"
_LEADER = r"(?:president|prime minister|chancellor|king|queen|pope|senator|minister|governor|election commission)"

_BLOCKED: tuple[tuple[Category, str], ...] = (
    ("sexual", r"porn(?:o|ography|ographic)?|orgasms?|masturbat\w*|blowjobs?|genitals?|erotica?|erotically|sex scenes?"
               r"|(?:has|have|having|had) sex|fully nude|nude|nudity|strips? naked|naked bod(?:y|ies)|sexually explicit"
               r"|intercourse"),
    ("hate", rf"(?:all|those|these|filthy|dirty) {_GROUP} (?:are|must|should|deserve|have) "
             rf"(?:vermin|animals|subhuman|parasites|die|to die|be killed|be exterminated|be gassed|burn|inferior)"
             rf"|(?:kill|exterminate|gas|lynch|hang|burn) (?:all |every |the )+{_GROUP}|{_GROUP} are (?:vermin|subhuman"
             r"|parasites|an inferior race)|subhumans?|untermensch\w*|white power|race war"
        r"|heil hitler|ethnic cleansing is"),
    ("illegal", r"child (?:porn\w*|sexual abuse material)|sexuali[sz]ed (?:child|minor|children|minors)"
                r"|(?:how to|instructions (?:to|for)|recipe for|step by step(?: to)?) "
                rf"(?:(?:make|making|build|building|cook|cooking|synthesi[sz]e|assemble|a|an|the) )*{_ATROCITY_WEAPON}"
                r"|(?:buy|sell|order) (?:heroin|cocaine|fentanyl|stolen cards?)(?: \w+){0,2} (?:online|here)"),
    ("deceptive", r"deep ?fakes?|(?:clone|cloned|cloning|imitate|fake) (?:the )?voice of (?:the )?(?:real )?"
                  rf"|(?:fake|forged|fabricated) (?:speech|statement|announcement|address|video|recording|confession) "
                  rf"(?:of|by|from) (?:the )?(?:real )?{_LEADER}|passes? (?:it|this) off as real news"),
)  # fmt: skip
_GRAPHIC = (
    r"disembowel\w*|dismember\w*|decapitat\w*|behead\w*|entrails|viscera|gore|gory|mutilat\w*|eviscerat\w*|flay(?:s|ed|ing)?"
    r"|tortur(?:e|es|ed|ing)|guts spill|brains? splatter\w*|blood (?:sprays|spurts|gushes|splatters|everywhere)"
    r"|slits? (?:his|her|their|the) throat|gouges? out|rips? (?:off|out) (?:his|her|their)"
)
_MILD = (
    r"kill(?:s|ed|ing)?|murder(?:s|ed|ing|er)?|stab(?:s|bed|bing)?|shoots?|shot|strangl(?:e|es|ed|ing)|punch(?:es|ed)?"
    r"|beats? (?:him|her|them) up|blood|bloody|bleed(?:s|ing)?|corpses?|gun(?:s|shots?|fire)?|assassin\w*|slaughter\w*"
)
_HARMLESS = (
    r"kill(?:s|ed|ing)? (?:the |some |off the )?(?:lights?|engine|motor|time|mood|music|power|switch|an hour|the joke)"
    r"|(?:shot|shoots?|shooting) (?:the |a |this |that |her |his |my |our )?(?:film|movie|scene|picture|photo\w*"
    r"|documentary|video|footage|commercial|look|glance|smile|hoops|up|past|pool|goal|stars?)"
    r"|(?:long|wide|close|medium|two|good|best|one|opening|last|tracking|insert|screen|flu|big|mug|a|the|this)"
    r" shots?"
    r"|shots? (?:of|list|on|in|at (?:it|this))|shooting stars?|dressed to kill|killing time|kill joy|buzz ?kill"
    r"|blood (?:oranges?|moon|pressure|type|test|relatives?|brothers?)|bloody (?:marys?|hell|mind\w*|good|lovely)"
    r"|flesh and blood|in (?:his|her|my|our|the) blood|punch(?:es)? (?:line|bowl|card|in|a hole|the clock|the air)"
    r"|stab at"
    r"|top gun|jump(?:s|ed)? the gun|gun ?metal|glue guns?|starting guns?|murder of crows|murder mystery"
    r"|beats me|naked eye|nude (?:lipstick|colou?r|shade|tones?)|torture (?:to wait|waiting)|gore[- ]tex"
)
_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACE = re.compile(r"\s+")


def _whole_words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b")


_CATEGORIES = tuple((category, _whole_words(pattern)) for category, pattern in _BLOCKED)
_GRAPHIC_WORDS, _MILD_WORDS, _HARMLESS_PHRASES = (_whole_words(one) for one in (_GRAPHIC, _MILD, _HARMLESS))


@dataclass(frozen=True)
class SafetyFinding:
    """One place where the policy says no."""

    category: Category
    where: str
    """The field, element, shot or asset."""

    matched: str
    """The words that matched, in plain lower case."""

    message: str


def check_text(texts: Mapping[str, str], project: Project) -> tuple[SafetyFinding, ...]:
    """What `project`'s policy finds in `texts` (where -> text), in the order of `texts`.

    Violence counts by `project.violence_rating`: `none` allows not even a punch, `mild` no cruelty shown, `graphic`
    all; the other categories are never allowed.
    """
    findings = []
    for where, text in texts.items():
        plain = _plain(text)
        for category, pattern in _CATEGORIES:
            # `nude lipstick` is taken out first, so that only what is left can be explicit.
            match = pattern.search(_HARMLESS_PHRASES.sub(" ", plain) if category == "sexual" else plain)
            if match:
                findings.append(_finding(category, where, match.group(), "never allowed"))
        violence = _violence(plain, project)
        if violence:
            findings.append(_finding("violence", where, violence, f"above violence_rating {project.violence_rating!r}"))
    return tuple(findings)


def _violence(plain: str, project: Project) -> str | None:
    if project.violence_rating == "graphic":
        return None
    left = _HARMLESS_PHRASES.sub(" ", plain)
    match = _GRAPHIC_WORDS.search(left) or (_MILD_WORDS.search(left) if project.violence_rating == "none" else None)
    return match.group() if match else None


def _finding(category: Category, where: str, matched: str, why: str) -> SafetyFinding:
    return SafetyFinding(category, where, matched, f"{where}: {matched!r} is {category} content, {why}")


def _plain(text: str) -> str:
    """Lower case, without accents, invisible characters and punctuation, which would hide a word from the patterns."""
    decomposed = unicodedata.normalize("NFKD", _ZERO_WIDTH.sub("", text)).casefold().replace("’", "'")
    letters = (one if one.isalnum() or one == "'" else " " for one in decomposed if not unicodedata.combining(one))
    return _SPACE.sub(" ", "".join(letters)).strip()
