"""Sends callbacks: one POST, signed as Standard Webhooks 1.0.0 has it, to an address that was checked at connect.

It stands on httpcore, which follows no redirect, reads no proxy or password from the environment and keeps no cookie.
Connections are not kept either, so that each try resolves and checks anew.
"""

from __future__ import annotations

import email.utils
import logging
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpcore2
from standardwebhooks import Webhook

from cluster.jobs.callback_address import CallbackRules, Resolve, check_callback_url, checked_address
from cluster.jobs.outbox import Delivery, Outbox
from cluster.log_scope import hide, log_scope
from cluster.redaction import url_secrets
from cluster.registry.rows import now_utc
from schemas.errors import InvalidInput, LeaseLost, ReelwrightError, Refused, Unavailable

_LOG = logging.getLogger(__name__)

SecretsOf = Callable[[str, str], tuple[str, ...]]
"""The signing secrets of a tenant and environment that are valid now, newest first."""


@dataclass(frozen=True)
class SendLimits:
    """How much of us one receiver may take up."""

    connect_s: float = 5
    total_s: float = 15
    answer_bytes: int = 64 * 1024


class WebhookSender:
    """Sends what waits in the outbox. Any number may run; a receiver gets one callback at a time."""

    def __init__(
        self,
        outbox: Outbox,
        secrets_of: SecretsOf,
        *,
        rules: CallbackRules | None = None,
        limits: SendLimits | None = None,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._outbox = outbox
        self._secrets_of = secrets_of
        self._rules = rules or CallbackRules()
        self._limits = limits or SendLimits()
        self._tls = tls or ssl.create_default_context()
        self._resolve = resolve
        self._clock = clock

    def send_next(self, sender: str) -> str | None:
        """Id of the callback that was tried, delivered or not; None when there was none to send."""
        delivery = self._outbox.claim(sender)
        if delivery is None:
            return None
        known = {"delivery_id": delivery.delivery_id, "tenant": delivery.tenant, "attempt": delivery.attempt}
        with log_scope(**known) as scope, suppress(LeaseLost):
            scope.hide(*url_secrets(delivery.url))
            self._try(delivery)  # a lease lost: it took longer, and whoever has it now says what becomes of it
        return delivery.delivery_id

    def _try(self, delivery: Delivery) -> None:
        try:
            answer, retry_after = self._post(delivery)
        except (InvalidInput, Refused) as exc:
            _LOG.warning("callback not sent: %s", exc.message)
            self._outbox.failed(delivery, exc.message, final=isinstance(exc, InvalidInput))
        except ReelwrightError as exc:
            _LOG.warning("callback not sent: %s", exc.message)
            self._outbox.failed(delivery, exc.message)
        except Exception as exc:  # noqa: BLE001 - one receiver's oddity must not end the sender
            _LOG.error("callback failed", exc_info=exc)
            self._outbox.failed(delivery, f"it could not be sent: {type(exc).__name__}")
        else:
            _LOG.info("callback answered", extra={"status": answer})
            if 200 <= answer < 300:
                self._outbox.delivered(delivery, answer)
            else:
                gone = answer == 410
                self._outbox.failed(
                    delivery, f"the receiver answered {answer}", answer=answer, asked_s=retry_after, final=gone
                )

    def _post(self, delivery: Delivery) -> tuple[int, float]:
        """Status of the answer, and the seconds that it asks us to wait."""
        target = check_callback_url(delivery.url, self._rules)
        secrets = self._secrets_of(delivery.tenant, delivery.env)
        hide(*secrets)
        if not secrets:
            raise Unavailable("the tenant has no signing secret")
        url = httpcore2.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        headers: dict[bytes | str, bytes | str] = {
            "Host": target.netloc.decode(),
            "Content-Type": "application/json",
            "User-Agent": "reelwright-webhooks/1",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        headers.update(signed_headers(delivery, secrets, self._clock()).items())
        body = delivery.payload.encode()
        backend = _CheckedBackend(self._rules, self._resolve, time.monotonic() + self._limits.total_s)
        timeout = {"connect": self._limits.connect_s, "read": self._limits.total_s, "write": self._limits.total_s}
        try:
            with (
                httpcore2.ConnectionPool(ssl_context=self._tls, network_backend=backend) as pool,
                pool.stream("POST", url, headers=headers, content=body, extensions={"timeout": timeout}) as response,
            ):
                self._read(response)
                return response.status, _retry_after_s(response.headers, self._clock())
        except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, OSError) as exc:
            raise Unavailable(f"the receiver could not be reached or did not answer: {type(exc).__name__}") from exc

    def _read(self, response: httpcore2.Response) -> None:
        """The answer's body is read so far, and no further: nobody wants it."""
        size = 0
        for part in response.iter_stream():
            size += len(part)
            if size > self._limits.answer_bytes:
                return


def signed_headers(delivery: Delivery, secrets: Iterable[str], now: datetime) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` and `webhook-signature`, with one signature for each secret."""
    # The library takes the wall clock of what it is given for UTC.
    signatures = [Webhook(secret).sign(delivery.delivery_id, now, delivery.payload) for secret in secrets]
    return {
        "webhook-id": delivery.delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


class _CheckedBackend(httpcore2.NetworkBackend):
    """Opens connections to checked addresses only, and lets none last beyond the deadline."""

    def __init__(self, rules: CallbackRules, resolve: Resolve | None, deadline_s: float) -> None:
        self._rules = rules
        self._more = {} if resolve is None else {"resolve": resolve}
        self._deadline_s = deadline_s
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        address = checked_address(host.strip("[]"), port, self._rules, **self._more)
        left_s = _left_s(self._deadline_s, timeout)
        stream = self._sockets.connect_tcp(address, port, left_s, local_address, socket_options)
        return _TimedStream(stream, self._deadline_s)


class _TimedStream(httpcore2.NetworkStream):
    """A stream all of whose steps together end by the deadline: a receiver that sends byte by byte gains nothing."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline_s: float) -> None:
        self._stream = stream
        self._deadline_s = deadline_s

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left_s(self._deadline_s, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left_s(self._deadline_s, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left_s = _left_s(self._deadline_s, timeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left_s), self._deadline_s)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left_s(deadline_s: float, timeout: float | None) -> float:
    left_s = deadline_s - time.monotonic()
    if left_s <= 0:
        raise httpcore2.ReadTimeout("the time for this try is over")
    return left_s if timeout is None else min(left_s, timeout)


def _retry_after_s(headers: Iterable[tuple[bytes, bytes]], now: datetime) -> float:
    """Seconds of `Retry-After`, which is a number or a date; 0 when there is none that can be read."""
    value = next((value.decode("latin-1") for name, value in headers if name.lower() == b"retry-after"), "")
    if value.isdecimal() and len(value) < 10:
        return float(value)
    try:
        return (email.utils.parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):  # whoever sends a year of twenty digits
        return 0
