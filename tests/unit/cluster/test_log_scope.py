"""A request's or job's lines carry what is known of it, in every thread of it, and nothing that it must not say."""

from __future__ import annotations

import contextvars
import json
import logging
import subprocess
import sys
import threading

import pytest
import structlog

from cluster.log_scope import hide, log_scope, tell
from cluster.logs import configure_logging, configure_server_logging, log_context
from cluster.redaction import Redactor, url_secrets
from tests.operated_server import logging_as_before

SECRET = "hunter2-canary"


@pytest.fixture(autouse=True)
def as_before():
    with logging_as_before():
        yield


@pytest.fixture
def lines(tmp_path):
    """Configures this process as a worker and gives what it wrote."""
    always = {"site": "s1"}
    configure_server_logging(tmp_path, "worker-0", level="INFO", secrets=[SECRET], always=always)
    return lambda: [json.loads(line) for line in (tmp_path / "worker-0.jsonl").read_text().splitlines()]


def test_every_line_names_site_and_process(lines):
    logging.getLogger("x").info("one")
    assert {key: lines()[0][key] for key in ("site", "process", "event")} == {
        "site": "s1", "process": "worker-0", "event": "one",
    }  # fmt: skip


def test_what_one_thread_tells_stands_on_the_lines_of_all_others_of_that_scope(lines):
    with log_scope(request_id="r1"), log_context(stage="faces"):
        thread = threading.Thread(target=contextvars.copy_context().run, args=(lambda: tell(tenant="t1"),))
        thread.start()
        thread.join()
        logging.getLogger("x").info("inside")
    logging.getLogger("x").info("outside")
    inside, outside = lines()
    assert (inside["request_id"], inside["tenant"], inside["stage"]) == ("r1", "t1", "faces")
    assert not {"request_id", "tenant", "stage"} & set(outside)


def test_scopes_side_by_side_do_not_mix(lines):
    both = threading.Barrier(2)

    def work(name: str) -> None:
        with log_scope():
            tell(job_id=name)
            hide(f"secret-of-{name}")
            both.wait()
            logging.getLogger("x").info("secret-of-j1 secret-of-j2")

    threads = [threading.Thread(target=work, args=(name,)) for name in ("j1", "j2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {line["job_id"]: line["event"] for line in lines()} == {
        "j1": "[redacted] secret-of-j2",
        "j2": "secret-of-j1 [redacted]",
    }


def test_who_sends_a_word_of_the_log_as_a_secret_does_not_hide_himself(lines):
    with log_scope(tenant="tenant-long", status=200):
        hide("tenant-long", "timestamp", "info", "x", lines.__name__)
        logging.getLogger("x").info("said tenant-long")
    (line,) = lines()
    assert (line["tenant"], line["level"], line["event"]) == ("tenant-long", "info", "said [redacted]")


def test_line_that_says_the_secret_under_a_name_of_the_scope_is_cleaned(lines):
    with log_scope(tenant="t1"):
        hide("sent-as-api-key")
        structlog.get_logger("x").info("one", tenant="sent-as-api-key")
    assert lines()[0]["tenant"] == "[redacted]"


def test_thread_that_breaks_says_so_without_secrets(lines, capsys):
    def broken() -> None:
        raise ValueError(SECRET)

    thread = threading.Thread(target=broken, name="w")
    thread.start()
    thread.join()
    (line,) = lines()
    assert line["event"] == "thread w broke"
    assert "ValueError: [redacted]" in line["exception"]
    assert SECRET not in "".join(capsys.readouterr())


def test_configuring_again_goes_on_in_the_same_file(lines, tmp_path):
    logging.getLogger("x").info("one")
    configure_server_logging(tmp_path, "worker-0", level="INFO", secrets=[], always={})
    logging.getLogger("x").info("two")
    assert [line["event"] for line in lines()] == ["one", "two"]


def test_process_of_the_same_name_that_lives_keeps_its_file(lines, tmp_path):
    logging.getLogger("x").info("one")
    script = (
        "import logging, pathlib, sys\n"
        "from cluster.logs import configure_server_logging\n"
        "configure_server_logging(pathlib.Path(sys.argv[1]), 'worker-0', level='INFO', secrets=[], always={})\n"
        "logging.getLogger('x').info('other')\n"
    )
    for _ in range(2):  # the second goes on where the first, which is gone, has been
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    assert [line["event"] for line in lines()] == ["one"]
    assert len((tmp_path / "worker-0.2.jsonl").read_text().splitlines()) == 2


def test_file_is_not_for_everybody(lines, tmp_path):
    assert (tmp_path / "worker-0.jsonl").stat().st_mode & 0o007 == 0


def test_plain_configuration_puts_its_fields_on_every_line(capsys):
    configure_logging(as_json=True, stream=sys.stdout, always={"site": "s2"})
    logging.getLogger("x").info("one")
    assert json.loads(capsys.readouterr().out)["site"] == "s2"


@pytest.mark.parametrize(
    "text",
    [
        "https://ann:hunter2word@hooks.example.org/services/T0001111/B0002222/XXXXYYYYZZZZ?sig=abcdefgh12",
        "POST /services/T0001111/B0002222/XXXXYYYYZZZZ?sig=abcdefgh12",
        "XXXXYYYYZZZZ",
        "abcdefgh12",
        "hunter2word",
    ],
)
def test_callback_address_is_secret_as_a_whole_and_in_its_parts(text):
    url = "https://ann:hunter2word@hooks.example.org/services/T0001111/B0002222/XXXXYYYYZZZZ?sig=abcdefgh12"
    cleaned = Redactor(url_secrets(url)).text(f"got {text} back")
    assert not any(part in cleaned for part in ("XXXXYYYYZZZZ", "abcdefgh12", "hunter2word", "T0001111"))


@pytest.mark.parametrize(
    ("url", "text"),
    [("https://[hunter2word", "https://[hunter2word"), ("https://h.example/?a=ab+cd/ef12", "ab+cd/ef12")],
)
def test_address_is_secret_also_where_it_is_none_and_where_plus_is_no_space(url, text):
    assert Redactor(url_secrets(url)).text(f"got {text} back") == "got [redacted] back"
