"""Secrets do not get through, and what is no secret does."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.redaction import MARK, Redactor

SECRET = 'hun/ter "2"+é\\x'

FORMS = {
    "plain": SECRET,
    "url": quote(SECRET, safe=""),
    "form": quote_plus(SECRET),
    "json": json.dumps(SECRET)[1:-1],
    "repr": repr(SECRET)[1:-1],
    "hex": SECRET.encode().hex(),
    "base64": base64.b64encode(SECRET.encode()).decode().rstrip("="),
    "base64 within": base64.b64encode(b"user:" + SECRET.encode() + b":x").decode(),
    "base64url": base64.urlsafe_b64encode(b"\xff" + SECRET.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_given_secret_is_removed_in_every_form(form):
    cleaned = Redactor([SECRET]).text(f"before {FORMS[form]} after")
    assert FORMS[form] not in cleaned
    assert MARK in cleaned
    assert cleaned.startswith("before ") and cleaned.endswith(" after")


SHAPES = {
    "Authorization: Bearer abc.def-123": "Authorization: [redacted]",
    "Authorization: Basic dXNlcjpwYXNz rest": "Authorization: [redacted] rest",
    "{'authorization': 'token abcdef'}": "{'authorization': '[redacted]'}",
    "got Bearer abcdefghijk1 back": "got Bearer [redacted] back",
    "GET /b/k?X-Amz-Credential=AK%2F1&X-Amz-Signature=00ff&part=1": "GET /b/k?X-Amz-Credential=[redacted]&X-Amz-Signature=[redacted]&part=1",
    "postgresql://ann:p@ss@db/x": "postgresql://[redacted]@db/x",
    "https://ghtoken@host/x?y=a@b": "https://[redacted]@host/x?y=a@b",
    "/cb?access_token=abc&state=1": "/cb?access_token=[redacted]&state=1",
    "password=hunter2 host=db": "password=[redacted] host=db",
    "/u?sig=abc&v=1": "/u?sig=[redacted]&v=1",
    "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_-1 end": "jwt [redacted] end",
    "AKIAABCDEFGHIJKLMNOP": "[redacted]",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": "[redacted]",
    "github_pat_11AAAAAAA0123456789abc": "[redacted]",
    "rw_0123456789abcdef_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYq failed": "[redacted] failed",
    "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb": "a\n[redacted]\nb",
    "-----BEGIN PRIVATE KEY-----\ncut off": "[redacted]",
    "Cookie: session=abc; x=1": "Cookie: [redacted]; x=1",
}


@pytest.mark.parametrize("text", SHAPES)
def test_shape_of_a_secret_is_removed_and_its_name_stays(text):
    assert Redactor().text(text) == SHAPES[text]


@pytest.mark.parametrize(
    "text",
    [
        "shot sh_012 rendered in 1.5 s at 12:30:45",
        "artifact://t_local/dev/a_0123456789abcdef0123456789abcdef",
        "https://example.org/path?page=2&token_count=7",
        "sha256 " + "0123456789abcdef" * 4,
        "ann@example.org wrote: basic training",
        "the keyboard: a monkey=banana",
    ],
)
def test_text_without_a_secret_is_left_alone(text):
    assert Redactor(["hunter2"]).text(text) == text


def test_value_of_a_secret_name_is_removed_whatever_it_is():
    event = {
        "api_key": "x",
        "password": ["a"],
        "token": None,
        "token_count": 3,
        "nested": {"X-Access-Token": "q", "n": 1},
    }
    assert Redactor().value(event) == {
        "api_key": MARK, "password": MARK, "token": None, "token_count": 3, "nested": {"X-Access-Token": MARK, "n": 1},
    }  # fmt: skip


def test_value_that_json_does_not_know_becomes_its_cleaned_repr():
    class Client:
        def __repr__(self):
            return "Client(hunter2)"

    assert Redactor(["hunter2"]).value({"hunter2": (Client(), {1.5}, True)}) == {MARK: [f"Client({MARK})", [1.5], True]}


@given(
    secret=st.text(min_size=8, max_size=40).filter(str.strip),
    before=st.text(max_size=30),
    after=st.text(max_size=30),
)
def test_given_secret_never_survives_wherever_it_stands(secret, before, after):
    cleaned = Redactor([secret]).value({"event": before + secret + after})
    assert secret not in cleaned["event"] or secret in MARK


def test_secret_that_contains_another_is_removed_whole():
    assert Redactor(["abcd", "abcdefgh"]).text("x abcdefgh y") == f"x {MARK} y"
