"""Seasons: episodes become jobs once, however often they are submitted, and nothing is begun when something is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster.jobs.store import JobStore
from cluster.settings import EngineSettings, Settings
from schemas.errors import InvalidInput
from serve.http.site import Site, open_site
from serve.season import submit_season

SCRIPT = "Title: {title}\n\nINT. ROOM - DAY\n\nMARA\nThe lamp is out.\n"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(Settings.load(store=tmp_path / "store"), EngineSettings.load()) as site:
        yield site


@pytest.fixture
def jobs(site: Site) -> JobStore:
    return site.jobs(site.settings.scope())


def season(folder: Path, *episodes: dict[str, Any], **given: Any) -> Path:
    """A season of two screenplays, or of what is given."""
    folder.mkdir(exist_ok=True)
    for name in ("one", "two"):
        (folder / f"{name}.fountain").write_text(SCRIPT.format(title=name))
    calm = [{"episode_id": "e1", "project": "one.fountain"}, {"episode_id": "e2", "project": "two.fountain"}]
    document = {"schema_version": "1.0.0", "title": "A year", "episodes": list(episodes) or calm} | given
    path = folder / "season.json"
    path.write_text(json.dumps(document))
    return path


def submitted(jobs: JobStore, path: Path, out: Path, *, approve: bool = False) -> dict[str, tuple[str, bool]]:
    found = submit_season(jobs, path, out, approve=approve)
    return {one.episode_id: (one.submitted.job.job_id, one.submitted.replayed) for one in found}


def test_the_same_season_is_the_same_jobs_and_waits_behind_whoever_asks(jobs, tmp_path):
    path = season(tmp_path / "s")
    first = submitted(jobs, path, tmp_path / "out")
    again = submitted(jobs, path, tmp_path / "out")
    assert [replayed for _, replayed in (*first.values(), *again.values())] == [False, False, True, True]
    assert {name: job for name, (job, _) in again.items()} == {name: job for name, (job, _) in first.items()}
    for record in jobs.list():
        assert (record.kind, record.queue, record.priority < 0) == ("episode", "cpu_queue", True)
        assert record.payload["out"] == str(tmp_path / "out" / record.payload["episode_id"])
    assert [one.payload["episode_id"] for one in jobs.list()] == ["e2", "e1"], (
        "in the order of the season, newest first"
    )


def test_only_the_episode_whose_script_was_edited_is_made_again(jobs, tmp_path):
    path = season(tmp_path / "s")
    first = submitted(jobs, path, tmp_path / "out")
    (tmp_path / "s" / "two.fountain").write_text(SCRIPT.format(title="two") + "\nMARA\nI lit it.\n")
    again = submitted(jobs, path, tmp_path / "out")
    assert again["e1"] == (first["e1"][0], True)
    assert again["e2"][0] != first["e2"][0]
    assert submitted(jobs, path, tmp_path / "elsewhere")["e1"][1] is False
    assert submitted(jobs, path, tmp_path / "out", approve=True)["e1"][1] is False


def test_what_was_stopped_is_a_new_job_when_it_is_submitted_again(jobs, tmp_path):
    path = season(tmp_path / "s")
    first = submitted(jobs, path, tmp_path / "out")
    jobs.cancel(first["e1"][0])
    again = submitted(jobs, path, tmp_path / "out")
    assert again["e1"][0] != first["e1"][0]
    assert again["e2"] == (first["e2"][0], True)


@pytest.mark.parametrize(
    ("episodes", "said"),
    [
        ([{"episode_id": "e1", "project": "one.fountain"}, {"episode_id": "e2", "project": "three.fountain"}], "three"),
        ([{"episode_id": "e1", "project": "../secret.fountain"}], "inside the file's folder"),
        ([{"episode_id": "e1", "project": "/etc/passwd"}], "inside the file's folder"),
        ([{"episode_id": "e1", "project": "."}], "not a folder|file"),
        ([{"episode_id": "e1", "project": "one.fountain"}] * 2, "'e1' stands there twice"),
        ([{"episode_id": "../e1", "project": "one.fountain"}], "episode_id"),
        ([{"episode_id": "e1", "project": "one.fountain", "profile": "hq_dream"}], "profile"),
        ([{"episode_id": "e1"}], "project: Field required"),
    ],
    ids=["missing", "outside", "absolute", "folder", "twice", "path_as_id", "profile", "no_project"],
)
def test_nothing_is_begun_when_one_episode_is_wrong(jobs, tmp_path, episodes, said):
    (tmp_path / "secret.fountain").write_text(SCRIPT.format(title="secret"))
    path = season(tmp_path / "s", *episodes)
    with pytest.raises(InvalidInput, match=said):
        submitted(jobs, path, tmp_path / "out")
    assert jobs.list() == ()


def test_season_without_episodes_or_file_is_refused(jobs, tmp_path):
    with pytest.raises(InvalidInput, match="episodes"):
        submitted(jobs, season(tmp_path / "s", episodes=[]), tmp_path / "out")
    with pytest.raises(InvalidInput, match="does not exist"):
        submitted(jobs, tmp_path / "none.json", tmp_path / "out")
