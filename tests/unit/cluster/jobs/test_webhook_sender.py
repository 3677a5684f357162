"""Callbacks against real receivers: honest ones, slow ones, and those that want to lead us into our own network."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import standardwebhooks
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cluster.jobs.callback_address import CallbackRules
from cluster.jobs.webhook_sender import SendLimits, WebhookSender, signed_headers
from cluster.registry.database import Database
from cluster.tenancy.scope import TenantScope
from tests.callback_receiver import Receiver, receiving
from tests.job_ground import JobGround

SECRETS = tuple(f"whsec_{base64.b64encode(letter * 32).decode()}" for letter in (b"n", b"o"))
SCOPE = TenantScope("t", "dev")
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Iterator[Database]:
    opened = Database.open(f"sqlite:///{tmp_path_factory.mktemp('sender') / 'registry.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def jobs(database) -> JobGround:
    return JobGround(database, SCOPE, site_id=f"s{next(_NUMBERS)}")


@contextmanager
def raw_receiver(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Port of a receiver that says on each connection whatever `talk` says."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    talk(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def send(jobs: JobGround, url: str, secrets: tuple[str, ...] = SECRETS[:1], **given: object):
    """What became of one callback to `url`."""
    job_id = jobs.submit(callbacks=(url,))
    jobs.queue.complete(jobs.claim().lease, {})
    given = {"rules": CallbackRules(allow_loopback=True)} | given
    sender = WebhookSender(jobs.outbox, lambda tenant, env: secrets, **given)
    assert sender.send_next("s") is not None
    assert sender.send_next("s") is None
    (record,) = jobs.outbox.of_job(SCOPE, job_id)
    return record


def test_callback_arrives_signed_as_the_specification_says(jobs):
    with receiving(Receiver()) as receiver:
        record = send(jobs, f"http://localhost:{receiver.port}/hook?a=b%20c", SECRETS)
    assert (record.status, record.answer, record.attempt) == ("delivered", 200, 1)
    ((path, headers, body),) = receiver.got
    assert (path, headers["host"]) == ("/hook?a=b%20c", f"localhost:{receiver.port}")
    assert headers["webhook-id"] == record.delivery_id
    assert json.loads(body)["data"]["job_id"] == record.job_id
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = [
        base64.b64encode(hmac.new(letter * 32, signed, hashlib.sha256).digest()).decode() for letter in (b"n", b"o")
    ]
    assert headers["webhook-signature"] == " ".join(f"v1,{signature}" for signature in expected)
    for secret in SECRETS:  # a receiver that has changed over, and one that has not
        standardwebhooks.Webhook(secret).verify(body, headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRETS[0]).verify(body + b" ", headers)


def test_signature_of_the_specifications_own_example():
    """Source: the test vector in the Standard Webhooks libraries."""

    class Example:
        delivery_id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
        payload = '{"test": 2432232314}'

    headers = signed_headers(
        Example, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], datetime.fromtimestamp(1614265330, UTC)
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_tenant_without_a_secret_is_not_sent_an_unsigned_callback(jobs):
    with receiving(Receiver()) as receiver:
        record = send(jobs, f"http://localhost:{receiver.port}/", ())
    assert (record.status, receiver.got) == ("waiting", [])
    assert "signing secret" in record.error


@pytest.mark.parametrize(
    ("answer", "headers", "status", "wait_s"),
    [
        (204, {}, "delivered", None),
        (500, {}, "waiting", 5),
        (404, {}, "waiting", 5),
        (429, {"Retry-After": "120"}, "waiting", 120),
        (503, {"Retry-After": "Fri, 01 May 2026 12:10:00 GMT"}, "waiting", 600),
        (503, {"Retry-After": "soon"}, "waiting", 5),
        (503, {"Retry-After": "Fri, 01 May 99999999999999999999 12:10:00 GMT"}, "waiting", 5),
        (410, {}, "dead", None),
    ],
)
def test_answer_decides_what_becomes_of_a_callback(jobs, answer, headers, status, wait_s):
    with receiving(Receiver(answer, headers)) as receiver:
        noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
        record = send(jobs, f"http://localhost:{receiver.port}/", clock=lambda: noon)
    assert (record.status, record.answer, len(receiver.got)) == (status, answer, 1)
    if wait_s is not None:
        assert (record.not_before - record.created_at).total_seconds() == wait_s


@pytest.mark.parametrize("answer", [301, 302, 303, 307, 308])
def test_redirect_is_a_failure_and_not_followed(jobs, answer):
    redirecting = Receiver(answer)
    with receiving(Receiver()) as inside, receiving(redirecting) as receiver:
        redirecting.headers["Location"] = f"http://127.0.0.1:{inside.port}/steal"
        record = send(jobs, f"http://localhost:{receiver.port}/")
    assert (record.status, record.answer) == ("waiting", answer)
    assert (len(receiver.got), inside.got) == (1, [])


def test_nothing_of_the_environment_is_used(jobs, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login ann password c4n4ry\n")
    with receiving(Receiver()) as proxy, receiving(Receiver()) as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NETRC", str(netrc))
        assert send(jobs, f"http://localhost:{receiver.port}/").status == "delivered"
    assert proxy.got == [] and "authorization" not in receiver.got[0][1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "hook.example", "[::1]", "2130706433", "0x7f.1"])
def test_loopback_gets_no_connection_without_the_flag(jobs, host):
    reached = []
    with raw_receiver(reached.append) as port:
        rules = CallbackRules(ports=(port,))

        def resolve(_host, at, **_):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", at))]

        record = send(jobs, f"https://{host}:{port}/x?key=c4n4ry", rules=rules, resolve=resolve)
    assert reached == []
    assert record.status == "waiting" and "no callback goes" in record.error
    assert "c4n4ry" not in record.error and "127.0.0.1" not in record.error


def test_name_that_answers_differently_the_second_time_gains_nothing(jobs):
    """The first answer is checked and used; there is no second question."""
    asked, reached = [], []
    with raw_receiver(reached.append) as inside, receiving(Receiver()) as receiver:

        def resolve(host, at, **_):
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", at if len(asked) == 1 else inside))]

        assert send(jobs, f"http://localhost:{receiver.port}/", resolve=resolve).status == "delivered"
    assert asked == ["localhost"] and reached == []


def test_address_that_became_forbidden_is_given_up_and_not_called(jobs):
    with receiving(Receiver()) as receiver:
        record = send(jobs, f"http://localhost:{receiver.port}/", rules=CallbackRules())
    assert (record.status, receiver.got) == ("dead", [])


def drip(connection: socket.socket) -> None:
    for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000:
        connection.sendall(bytes([letter]))
        time.sleep(0.02)


def hang(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def endless_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X: " + b"x" * 1000 + b"\r\n")


TALKS = {
    "drips": (drip, "waiting", "Timeout"),
    "hangs": (hang, "waiting", "Timeout"),
    "hangs up": (lambda connection: None, "waiting", "Error"),
    "talks nonsense": (
        lambda connection: connection.sendall(b"220 smtp.example\r\n"),
        "waiting",
        "Error",
    ),
    "sends a body without end": (endless_body, "delivered", ""),
    "sends headers without end": (endless_headers, "waiting", "RemoteProtocolError"),
}


@pytest.mark.parametrize("how", TALKS)
def test_receiver_that_misbehaves_costs_no_more_than_its_time(jobs, how):
    talk, status, error = TALKS[how]
    with raw_receiver(talk) as port:
        record = send(jobs, f"http://localhost:{port}/", limits=SendLimits(connect_s=0.5, total_s=0.5))
    assert record.status == status and error in record.error


def test_callback_that_breaks_our_own_code_is_a_failed_try_and_no_end_of_the_sender(jobs):
    def breaks(*_, **__):
        raise KeyError("c4n4ry")

    record = send(jobs, "https://hook.example/", resolve=breaks)
    assert (record.status, record.error) == ("waiting", "it could not be sent: KeyError")


def test_receiver_that_is_not_there_is_tried_again(jobs):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    record = send(jobs, f"http://localhost:{port}/")
    assert (record.status, record.answer) == ("waiting", None) and "ConnectError" in record.error


def certificate_for(name: str, folder: Path) -> Path:
    """A file with a self-signed certificate for `name`, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(tz=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem))
    return path


@pytest.mark.parametrize(("name", "trusted", "status"), [
    ("localhost", True, "delivered"), ("other.example", True, "waiting"), ("localhost", False, "waiting"),
])  # fmt: skip
def test_certificate_must_be_trusted_and_name_the_host_of_the_address(jobs, tmp_path, name, trusted, status):
    path = certificate_for(name, tmp_path)
    offered = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    offered.load_cert_chain(path)
    tls = ssl.create_default_context(cafile=path) if trusted else None
    with receiving(Receiver()) as receiver:
        receiver.socket = offered.wrap_socket(receiver.socket, server_side=True)
        record = send(jobs, f"https://localhost:{receiver.port}/", tls=tls)
    assert (record.status, len(receiver.got)) == (status, status == "delivered")
