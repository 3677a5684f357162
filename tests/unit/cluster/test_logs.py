"""One chain for all log lines, and no secret at its end."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from cluster.logs import configure_logging, log_context

SECRET = "hunter2-canary"


@pytest.fixture
def lines(request):
    """Configures logging with the given format and gives what was written so far."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging(level="DEBUG", as_json=getattr(request, "param", True), secrets=[SECRET], stream=stream)
    yield lambda: stream.getvalue().splitlines()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_json_line_carries_event_level_logger_and_context(lines):
    with log_context(run_id="r1", tenant="t_local", site="local", stage="script"):
        structlog.get_logger("pipelines.runner").info("stage done", duration_s=1.5)
    structlog.get_logger("x").info("outside")

    first, second = (json.loads(line) for line in lines())
    assert first["timestamp"].endswith("Z")
    del first["timestamp"]
    assert first == {
        "event": "stage done", "level": "info", "logger": "pipelines.runner", "duration_s": 1.5,
        "run_id": "r1", "tenant": "t_local", "site": "local", "stage": "script",
    }  # fmt: skip
    assert "run_id" not in second


def test_standard_logging_passes_through_the_same_chain(lines):
    with log_context(run_id="r1"):
        logging.getLogger("some.library").warning("could not open %s", "x.png", extra={"shot": "sh1"})

    (line,) = (json.loads(line) for line in lines())
    assert (line["event"], line["logger"], line["run_id"], line["shot"]) == (
        "could not open x.png",
        "some.library",
        "r1",
        "sh1",
    )


def without_pytest():
    """Take pytest's own handlers away, which format every record again and fail where ours must not."""
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if type(handler).__module__ == "cluster.logs"]


def say_it_everywhere():
    log = structlog.get_logger("x")
    log.info(f"in the text {SECRET}", value=SECRET, nested={"deep": [SECRET]}, obj={SECRET})
    log.info("as argument %s", SECRET)
    logging.getLogger("y").info("standard %s", SECRET, extra={"more": SECRET})
    with log_context(stage=SECRET):
        try:
            raise ValueError(SECRET)
        except ValueError:
            log.exception("failed")
            logging.getLogger("y").exception("failed too", stack_info=True)


@pytest.mark.parametrize("lines", [True, False], indirect=True, ids=["json", "plain"])
def test_secret_is_in_no_line_wherever_it_was_said(lines):
    say_it_everywhere()
    written = "\n".join(lines())
    assert SECRET not in written
    assert written.count("[redacted]") >= 9


def test_event_that_cannot_be_checked_is_not_written(lines):
    class Broken:
        def __repr__(self):
            raise RuntimeError(SECRET)

    without_pytest()
    structlog.get_logger("x").info("text with context", obj=Broken())

    assert [json.loads(line) for line in lines()] == [{"event": "[redaction failed]", "level": "error"}]


def test_line_that_cannot_be_formatted_does_not_print_its_arguments(lines, capsys):
    without_pytest()
    logging.getLogger("y").info("too few %s %s", SECRET)

    assert lines() == ["[redaction failed]"]
    assert SECRET not in "".join(capsys.readouterr())


def test_configuring_again_replaces_the_first_handler(lines):
    second = io.StringIO()
    configure_logging(stream=second, as_json=True)
    structlog.get_logger("x").info("once")

    assert lines() == []
    assert len(second.getvalue().splitlines()) == 1


def test_level_filters_and_talkative_libraries_stay_quiet(lines):
    logging.getLogger("httpx2").info("GET https://x")
    structlog.get_logger("x").debug("fine")
    assert [json.loads(line)["event"] for line in lines()] == ["fine"]
