"""API tokens and signing secrets, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from sqlalchemy import select

from cluster.registry.tables import api_token, audit, signing_secret
from cluster.tenancy.roles import Role
from cluster.tenancy.sealing import Sealer
from cluster.tenancy.signing_secrets import SigningSecrets
from cluster.tenancy.tokens import TokenBook, verify_token
from schemas.errors import Conflict, Defect, InvalidInput, NotFound, TenantMismatch, TokenRejected

HOUR = timedelta(hours=1)


class Desk:
    """A token book and signing secrets under a clock that is moved by hand."""

    def __init__(self, ground, sealer=None):
        self.ground, self.now = ground, ground.noon
        self.tokens = TokenBook(ground.database, ground.scope, "site-a", self.clock)
        self.sealer = sealer or Sealer([b"k" * 32])
        self.secrets = SigningSecrets(ground.database, ground.scope, "site-a", self.sealer, self.clock)

    def clock(self):
        return self.now

    def verify(self, text):
        return verify_token(self.ground.database, text, self.clock)

    def refused(self, text):
        with pytest.raises(TokenRejected) as raised:
            self.verify(text)
        return str(raised.value), raised.value.detail

    def rows(self, table):
        with self.ground.database.read() as connection:
            query = select(table).where(table.c.tenant == self.ground.scope.tenant)
            return repr(connection.execute(query).mappings().all())

    def actions(self):
        with self.ground.database.read() as connection:
            query = select(audit.c.action).where(audit.c.tenant == self.ground.scope.tenant).order_by(audit.c.seq)
            return connection.execute(query).scalars().all()


@pytest.fixture
def desk(ground):
    return Desk(ground)


def test_token_tells_who_its_bearer_is(desk):
    token = desk.tokens.create("ann@example.org", Role.READER, HOUR)
    scope = desk.verify(token.text)
    assert (scope.same_owner(desk.ground.scope), scope.user_id, scope.role) == (True, "ann@example.org", "reader")


def test_token_is_shown_once_and_kept_as_a_hash(desk):
    token = desk.tokens.create("ann", Role.ADMIN, HOUR)
    secret = token.text.split("_", 2)[2]
    assert len(secret) == 43
    assert secret not in repr(token) + desk.rows(api_token) + desk.rows(audit) + repr(desk.tokens.list())
    assert desk.tokens.list() == (token.record,)


def test_every_refusal_of_a_token_reads_the_same(desk):
    good, revoked = (desk.tokens.create("ann", Role.READER, HOUR) for _ in range(2))
    desk.tokens.revoke(revoked.record.public_id)
    _, public_id, secret = good.text.split("_", 2)
    _, _, foreign = revoked.text.split("_", 2)
    wrong = [
        "", "rw", "Bearer x", f"rw_{public_id}_", f"rw_{'0' * 16}_{secret}", f"rw_{public_id}_{foreign}",
        good.text[:-1], good.text + "x", good.text + "\n", good.text.swapcase(), revoked.text, f"rw_{public_id}_{'ü' * 43}",
    ]  # fmt: skip
    refusals = {repr(desk.refused(text)) for text in wrong}
    desk.now += HOUR
    refusals.add(repr(desk.refused(good.text)))
    assert refusals == {"('the token is not accepted', {})"}


def test_token_ends_with_its_life(desk):
    token = desk.tokens.create("ann", Role.READER, HOUR)
    desk.now += HOUR - timedelta(microseconds=1)
    desk.verify(token.text)
    desk.now += timedelta(microseconds=1)
    desk.refused(token.text)


@pytest.mark.parametrize("life", [timedelta(), -HOUR, timedelta(days=401)])
def test_life_of_a_token_has_limits(desk, life):
    with pytest.raises(InvalidInput, match="400 days"):
        desk.tokens.create("ann", Role.READER, life)
    with pytest.raises(TenantMismatch):
        desk.tokens.create("unknown", Role.READER, HOUR)


def test_rotated_token_overlaps_and_keeps_user_and_role(desk):
    old = desk.tokens.create("ann", Role.OPERATOR, timedelta(days=30))
    new = desk.tokens.rotate(old.record.public_id, timedelta(days=90), HOUR)
    assert new.text != old.text
    assert desk.verify(old.text) == desk.verify(new.text)
    desk.now += HOUR
    desk.refused(old.text)
    assert desk.verify(new.text).role == "operator"
    with pytest.raises(Conflict):
        desk.tokens.rotate(old.record.public_id, HOUR, HOUR)


def test_rotation_never_lengthens_the_old_token(desk):
    old = desk.tokens.create("ann", Role.OPERATOR, HOUR)
    desk.tokens.rotate(old.record.public_id, HOUR, timedelta(days=7))
    desk.now += HOUR
    desk.refused(old.text)


def test_revoked_token_is_over_at_once(desk):
    token = desk.tokens.create("ann", Role.OPERATOR, HOUR)
    record = desk.tokens.revoke(token.record.public_id)
    desk.refused(token.text)
    desk.now += timedelta(minutes=1)
    assert desk.tokens.revoke(token.record.public_id) == record
    with pytest.raises(Conflict):
        desk.tokens.rotate(token.record.public_id, HOUR, HOUR)
    assert desk.actions() == ["create_token", "revoke_token"]


def test_tokens_of_another_tenant_are_unknown(desk, ground):
    token = desk.tokens.create("ann", Role.OPERATOR, HOUR)
    stranger = Desk(ground.of(ground.scope.tenant + "x"))
    assert stranger.tokens.list() == ()
    for act in (stranger.tokens.revoke, lambda i: stranger.tokens.rotate(i, HOUR, HOUR)):
        with pytest.raises(NotFound):
            act(token.record.public_id)
    desk.verify(token.text)


def test_signing_secrets_overlap_when_they_rotate(desk):
    assert desk.secrets.valid() == ()
    first = desk.secrets.rotate()
    assert first.text.startswith("whsec_") and len(base64.b64decode(first.text[6:])) == 32
    second = desk.secrets.rotate(HOUR)
    assert desk.secrets.valid() == (second.text, first.text)
    third = desk.secrets.rotate(HOUR * 2)
    desk.now += HOUR
    assert desk.secrets.valid() == (third.text, second.text)
    desk.now += HOUR
    assert desk.secrets.valid() == (third.text,)
    assert [record.secret_id for record in desk.secrets.list()] == [s.record.secret_id for s in (third, second, first)]


def test_signing_secret_that_got_out_signs_nothing_more(desk):
    first = desk.secrets.rotate()
    second = desk.secrets.rotate()
    desk.secrets.revoke(first.record.secret_id)
    assert desk.secrets.valid() == (second.text,)
    with pytest.raises(NotFound):
        desk.secrets.revoke("s_none")
    assert desk.actions() == ["rotate_signing_secret", "rotate_signing_secret", "revoke_signing_secret"]


def test_signing_secret_is_sealed_in_the_database_and_opens_for_its_own_row_only(desk, ground):
    secret = desk.secrets.rotate()
    kept = desk.rows(signing_secret)
    assert secret.text not in kept and secret.text[6:] not in kept + repr(secret)
    other = Desk(ground.of(ground.scope.tenant + "x"))
    other.secrets.rotate()
    with ground.database.write() as connection:  # a row moved to another tenant
        mine = select(signing_secret.c.sealed).where(signing_secret.c.tenant == ground.scope.tenant)
        sealed = connection.execute(mine).scalar_one()
        theirs = signing_secret.c.tenant == other.ground.scope.tenant
        connection.execute(signing_secret.update().where(theirs).values(sealed=sealed))
    assert other.ground.scope.tenant != ground.scope.tenant
    with pytest.raises(Defect, match="does not open"):
        other.secrets.valid()
    with pytest.raises(Defect, match="does not open"):
        Desk(ground, Sealer([b"x" * 32])).secrets.valid()
    assert Desk(ground, Sealer([b"x" * 32, b"k" * 32])).secrets.valid() == (secret.text,)
