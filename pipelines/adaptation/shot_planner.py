"""Scenes -> shots without durations: who is seen how, in which order.

Every choice depends on the element itself and its scene's structure (who speaks to whom, the tags), never on a number
in the film, so an edit reaches only the shots whose grammar it changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipelines.adaptation import cards, framing
from pipelines.adaptation.camera import with_camera
from pipelines.adaptation.draft import DraftLine, ShotDraft
from pipelines.adaptation.emotional_tags import REACTIONS
from pipelines.adaptation.framing import View
from pipelines.adaptation.poses import gaze_of
from pipelines.adaptation.scene_breakdown import Beat, SceneBreakdown, scene_breakdown
from pipelines.adaptation.shot_ids import distinct, shot_id
from pipelines.adaptation.soundscape import ambience
from pipelines.adaptation.speaker_label import speaker_label
from pipelines.adaptation.staging import Blocking, figures
from pipelines.assets.asset_ids import slug
from schemas.project import Project
from schemas.script import Action, Dialogue, Script
from schemas.vocabulary import Framing


def plan_shots(script: Script, project: Project) -> tuple[ShotDraft, ...]:
    """All shots of the film in order: title card, scenes, end card. Pure; shot ids are distinct.

    Args:
        script: what happens.
        project: whose title stands on the title card.
    """
    drafts = [cards.title_card(script, project)]
    previous: View | None = None
    seen_close: set[str] = set()
    for scene in scene_breakdown(script):
        planner = ScenePlanner(scene, script.language, previous, seen_close)
        drafts.extend(with_camera(tuple(planner.shots()), scene.location.setting))
        previous = planner.previous
    drafts.append(cards.end_card(script))
    return distinct(drafts)


CUTAWAY_BEATS = 4
"""Elements from one cutaway to a thing to the next in a scene: more of them and things crowd out people."""


class ScenePlanner:
    """The shots of one scene, once through. `previous` is what the last shot showed.

    `seen_close` holds the things that the film has shown close; the scene adds its own.
    """

    def __init__(self, scene: SceneBreakdown, language: str, previous: View | None, seen_close: set[str]) -> None:
        self.scene = scene
        self.language = language
        self.previous = previous
        self._spoken = False
        self._props_seen: set[str] = set()
        self._seen_close = seen_close
        self._cutaway_index = -CUTAWAY_BEATS

    def shots(self) -> Iterator[ShotDraft]:
        """The scene's shots in order."""
        beats = self.scene.beats
        opening = self.scene.establishes
        if opening and isinstance(beats[0].element, Dialogue):
            yield self._establishing(beats[0], beats[0].element)
            opening = False
        index = 0
        while index < len(beats):
            beat, following = beats[index], beats[index + 1 : index + 2]
            if isinstance(beat.element, Action):
                cutaway = (opening or bool(_people(beat))) and self._wants_cutaway(beat.element, index, following)
                yield from self._action(beat, beat.element, opening, cutaway)
            elif beat.element.heard != "on_screen":
                yield self._unseen_line(beat, beat.element)
            elif self._shares(beat, following):
                yield self._exchange(beat, following[0])
                index += 1
            else:
                yield self._line(beat, beat.element)
                yield from self._reaction(beat, beat.element, following)
            opening = False
            index += 1

    def _establishing(self, beat: Beat, line: Dialogue) -> ShotDraft:
        """The place, and the two who are about to speak."""
        name = self._name("establishing")
        people = [one for one in (line.speaker_id, beat.addressee_id) if one in self.scene.visible]
        on_screen = line.heard == "on_screen"
        blocking = self._blocking(beat, people) if on_screen else Blocking(self.scene.axis, beat.poses)
        return self._shot(
            name, "wide", people, blocking, role="establishing",
            focus_id=self.scene.location.location_id,
        )  # fmt: skip

    def _wants_cutaway(self, action: Action, index: int, following: Sequence[Beat]) -> bool:
        """True for a thing that the film has not shown close and the next element will not, well after the last one."""
        shown_next = following[0].element.props if following and isinstance(following[0].element, Action) else ()
        new = set(action.props) - self._seen_close - set(shown_next)
        if not new or index - self._cutaway_index < CUTAWAY_BEATS:
            return False
        self._cutaway_index = index
        return True

    def _action(self, beat: Beat, action: Action, opening: bool, cutaway: bool) -> Iterator[ShotDraft]:
        """The action as a whole; then, close, the face where emotion turns and a thing worth a look."""
        name = self._name(action.element_id)
        unseen = not self._props_seen.issuperset(action.props)
        if unseen and not action.character_ids and not opening:
            yield self._insert(action, name, beats=_sentences(action.text), sounds=action.sfx_tags)
            return
        yield self._whole_action(beat, action, name, opening, cutaway)
        if opening and beat.peak and action.character_ids:
            person = action.character_ids[0]
            name_of_face = self._name(action.element_id, "face")
            blocking = self._action_blocking(beat, action)
            yield self._shot(name_of_face, "close_up", [person], blocking, role="reaction", peak=True)
        if cutaway:
            yield self._insert(action, self._name(action.element_id, "insert"))

    def _whole_action(self, beat: Beat, action: Action, name: str, opening: bool, insert_follows: bool) -> ShotDraft:
        people = list(action.character_ids)
        moving = any(beat.poses.get(person) in ("walking", "running") for person in people)
        wanted: Framing = "two_shot" if len(people) == 2 else "medium"
        if opening or moving or len(people) not in (1, 2):
            wanted = "wide"
        elif beat.peak and len(people) == 1:
            wanted = "close_up"
        chosen = wanted if opening else self._fitting(wanted, people)
        return self._shot(
            name, chosen, people, self._action_blocking(beat, action),
            role="establishing" if opening else "action", peak=beat.peak and not opening,
            focus_id=people[0] if people else self.scene.location.location_id,
            props=action.props, action_beats=_sentences(action.text), sounds=action.sfx_tags,
            insert_follows=insert_follows,
        )  # fmt: skip

    def _insert(
        self, action: Action, name: str, beats: tuple[str, ...] = (), sounds: tuple[str, ...] = ()
    ) -> ShotDraft:
        self._props_seen.update(action.props)
        self._seen_close.update(action.props)
        return self._shot(
            name, "insert", (), Blocking(self.scene.axis), role="insert",
            focus_id=slug(action.props[0]), props=action.props, action_beats=beats, sounds=sounds,
        )  # fmt: skip

    def _line(self, beat: Beat, line: Dialogue) -> ShotDraft:
        name = self._name(line.element_id)
        people = [line.speaker_id, *self._partner(beat)]
        wanted = framing.exchange_framing(
            self._seed(beat, line),
            first_line=not self._spoken,
            peak=beat.peak,
            has_partner=len(people) > 1,
        )
        self._spoken = True
        chosen = self._fitting(wanted, people)
        return self._shot(
            name, chosen, people, self._blocking(beat, [line.speaker_id, *self._listener(beat)]), role="line",
            peak=beat.peak, lines=(self._draft_line(line, beat),),
        )  # fmt: skip

    def _partner(self, beat: Beat) -> tuple[str, ...]:
        """Whom a line is said to, when they can be in the picture."""
        return tuple(one for one in self._listener(beat) if one in self.scene.visible)

    def _listener(self, beat: Beat) -> tuple[str, ...]:
        return (beat.addressee_id,) if beat.addressee_id else ()

    def _unseen_line(self, beat: Beat, line: Dialogue) -> ShotDraft:
        """A voice from outside the picture, over whoever hears or thinks it, else over the place. No mouth moves."""
        name = self._name(line.element_id)
        people = [*self._partner(beat)]
        if line.heard == "voice_over" and not people and line.speaker_id in self.scene.visible:
            people = [line.speaker_id]
        expressions = {one: beat.emotion if one == line.speaker_id else REACTIONS[beat.emotion] for one in people}
        present = line.heard == "off_screen" and line.speaker_id in self.scene.axis.order
        facing = dict.fromkeys(people, line.speaker_id) if present else {}
        wanted: Framing = ("close_up" if beat.peak else "medium") if people else "wide"
        return self._shot(
            name, self._fitting(wanted, people), people, Blocking(self.scene.axis, beat.poses, expressions, facing),
            role="line", peak=beat.peak and bool(people), lines=(self._draft_line(line, beat),),
        )  # fmt: skip

    def _seed(self, beat: Beat, line: Dialogue) -> tuple[str, ...]:
        """Who says it to whom, how, and after what: the same for a reworded line, whatever its id is made from."""
        before = self.previous.framing if self.previous and not self.previous.people else ""
        names = (self.scene.scene.scene_id, line.speaker_id, beat.addressee_id or "")
        return (*names, line.emotion, line.pacing, before)

    def _shares(self, beat: Beat, following: Sequence[Beat]) -> bool:
        """True when two quick lines play better in one two-shot than cut apart: both tagged fast, neither a peak."""
        if not following or not isinstance(beat.element, Dialogue) or not isinstance(following[0].element, Dialogue):
            return False
        first, second = beat.element, following[0].element
        pair = tuple(sorted((first.speaker_id, second.speaker_id)))
        return (
            first.heard == second.heard == "on_screen"
            and first.pacing == second.pacing == "fast"
            and first.speaker_id != second.speaker_id
            and not beat.peak
            and not following[0].peak
            and not framing.jumps(View("two_shot", pair), self.previous)
        )

    def _exchange(self, beat: Beat, following: Beat) -> ShotDraft:
        first, second = beat.element, following.element
        assert isinstance(first, Dialogue) and isinstance(second, Dialogue)
        name = self._name(first.element_id)
        people = [first.speaker_id, second.speaker_id]
        blocking = Blocking(
            self.scene.axis, beat.poses,
            expressions={first.speaker_id: beat.emotion, second.speaker_id: following.emotion},
            facing={first.speaker_id: second.speaker_id, second.speaker_id: first.speaker_id},
        )  # fmt: skip
        self._spoken = True
        return self._shot(
            name, "two_shot", people, blocking, role="line",
            lines=(self._draft_line(first, beat), self._draft_line(second, following)),
        )  # fmt: skip

    def _reaction(self, beat: Beat, line: Dialogue, following: Sequence[Beat]) -> Iterator[ShotDraft]:
        """The listener's face after a peak, unless the next element shows them anyway."""
        seen_next = bool(following) and beat.addressee_id in _people(following[0])
        if not beat.peak or beat.addressee_id not in self.scene.visible or seen_next:
            return
        assert beat.addressee_id is not None
        name = self._name(line.element_id, "reaction")
        people = [beat.addressee_id, line.speaker_id]
        chosen = self._fitting("close_up", people)
        yield self._shot(
            name, chosen, people, self._blocking(beat, [line.speaker_id, beat.addressee_id]), role="reaction",
        )  # fmt: skip

    def _fitting(self, wanted: Framing, people: Sequence[str]) -> Framing:
        """The wanted framing, or the best one that does not jump from the shot before."""
        for choice in (wanted, *framing.ALTERNATIVES[wanted]):
            possible = len(people) >= 2 or choice not in framing.NEEDS_TWO
            if possible and not framing.jumps(_view(choice, people), self.previous):
                return choice
        return wanted

    def _blocking(self, beat: Beat, people: Sequence[str]) -> Blocking:
        """A line's moment: `people` is the speaker, then the listener if there is one."""
        expressions = {people[0]: beat.emotion}
        facing: dict[str, str] = {}
        if len(people) > 1:
            expressions[people[1]] = REACTIONS[beat.emotion]
            facing = {people[0]: people[1], people[1]: people[0]}
        return Blocking(self.scene.axis, beat.poses, expressions, facing)

    def _action_blocking(self, beat: Beat, action: Action) -> Blocking:
        people = action.character_ids
        facing = {people[0]: people[1], **dict.fromkeys(people[1:], people[0])} if len(people) > 1 else {}
        gaze = gaze_of(action, self.language)
        looking = dict.fromkeys(people, gaze) if gaze else {}
        return Blocking(self.scene.axis, beat.poses, dict.fromkeys(people, beat.emotion), facing, looking)

    def _draft_line(self, line: Dialogue, beat: Beat) -> DraftLine:
        label = speaker_label(line, self.scene.names[line.speaker_id])
        return DraftLine(
            line.element_id, line.speaker_id, line.text, beat.emotion, line.pacing, line.heard, label and f"{label} "
        )

    def _name(self, element_id: str, suffix: str = "") -> str:
        return shot_id(self.scene.scene.scene_id, element_id, suffix)

    def _shot(
        self, name: str, chosen: Framing, people: Sequence[str], blocking: Blocking, **rest: Any
    ) -> ShotDraft:  # fmt: skip
        """A draft with everything that the scene says of it; it becomes what the next cut is compared with."""
        scene, place = self.scene.scene, self.scene.location
        self.previous = _view(chosen, people, rest.get("props", ()))
        return ShotDraft(**{
            "shot_id": name, "scene_id": scene.scene_id, "framing": chosen, "location_id": place.location_id,
            "time_of_day": scene.time_of_day, "weather": scene.weather, "mood": scene.mood,
            "characters": figures(blocking, chosen, people), "focus_id": people[0] if people else place.location_id,
            "environment_notes": f"{place.name}, {scene.time_of_day}, {scene.weather}",
            "ambience": ambience(place.setting, scene.time_of_day, scene.weather), **rest,
        })  # fmt: skip


def _people(beat: Beat) -> tuple[str, ...]:
    """Whom the shot of a beat is of."""
    if isinstance(beat.element, Action):
        return beat.element.character_ids
    return (beat.element.speaker_id,) if beat.element.heard == "on_screen" else ()


def _view(chosen: Framing, people: Sequence[str], things: tuple[str, ...] = ()) -> View:
    if chosen == "wide":
        return View("wide", ())
    if chosen == "insert":
        return View("insert", (), things)
    return View(chosen, tuple(sorted(people[:2] if chosen == "two_shot" else people[:1])))


def _sentences(text: str) -> tuple[str, ...]:
    """The beats of an action, one a sentence."""
    marked = text
    for stop in ".!?":
        marked = marked.replace(f"{stop} ", f"{stop}\n")
    return tuple(sentence.strip() for sentence in marked.splitlines() if sentence.strip())
