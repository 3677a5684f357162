"""What admins do for their tenant and environment: give out, change and end API tokens and signing secrets; and what
the tenant may use, for all of it to see.

A token or secret is in the answer that makes it and nowhere else. Nothing here crosses a tenant or an environment: the
first admin of each is made at the command line (`reelwright token create --role admin`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field

from cluster.log_scope import hide
from cluster.tenancy.quotas import Quota, Use
from cluster.tenancy.roles import Role
from cluster.tenancy.signing_secrets import NewSecret, SecretRecord
from cluster.tenancy.tokens import LONGEST_LIFE, NewToken, TokenRecord
from serve.http.callers import Admin, OnSite, Reader
from serve.http.media_routes import RESPONSES

Days = Annotated[int, Field(strict=True, ge=1, le=LONGEST_LIFE.days, description="How long the new token is good.")]
OverlapHours = Annotated[
    float, Field(strict=True, ge=0, le=24 * 30, description="How long the old one is good beside the new one.")
]


class CallerView(BaseModel):
    """Who the bearer of a token is."""

    tenant_id: str
    env: str
    user_id: str
    role: Role


class TokenRequest(BaseModel):
    """A token to be given out."""

    model_config = ConfigDict(extra="forbid")

    user_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@+\-]{0,127}$", description="Who acts by it.")
    role: Role = Field(description="What its bearer may do.")
    days: Days = 90


class TokenRotation(BaseModel):
    """A token to be changed for a new one of the same user and role."""

    model_config = ConfigDict(extra="forbid")

    days: Days = 90
    overlap_hours: OverlapHours = 24


class TokenView(BaseModel):
    """A token as admins see it: all but itself."""

    public_id: str = Field(description="The part between the underscores; names the token.")
    user_id: str
    role: Role
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, record: TokenRecord) -> TokenView:
        """The view of a record."""
        return cls(**{name: getattr(record, name) for name in cls.model_fields})


class CreatedToken(BaseModel):
    """A token at its birth."""

    token: str = Field(description="Shown now and never again.")
    record: TokenView


class SecretRotation(BaseModel):
    """A signing secret to be made, the first or the next."""

    model_config = ConfigDict(extra="forbid")

    overlap_hours: OverlapHours = 24


class SecretView(BaseModel):
    """A signing secret as admins see it: all but itself."""

    secret_id: str
    created_by: str
    created_at: datetime
    expires_at: datetime | None = Field(description="Until when it signs; null for the newest.")

    @classmethod
    def of(cls, record: SecretRecord) -> SecretView:
        """The view of a record."""
        return cls(**{name: getattr(record, name) for name in cls.model_fields})


class CreatedSecret(BaseModel):
    """A signing secret at its birth."""

    secret: str = Field(description="`whsec_…` of Standard Webhooks. Shown now and never again.")
    record: SecretView


class QuotaLimits(BaseModel):
    """The most that the tenant may use; null is no limit."""

    concurrent_jobs: int | None = Field(description="Jobs that wait or run.")
    stored_bytes: int | None = Field(description="Bytes of its artifacts, each content once.")
    daily_spend_usd: float | None = Field(description="Cost of the artifacts made since midnight UTC.")


class QuotaUse(BaseModel):
    """What it uses now, over all its environments."""

    concurrent_jobs: int
    stored_bytes: int
    daily_spend_usd: float


class QuotaView(BaseModel):
    """What the caller's tenant may use, and uses."""

    limits: QuotaLimits
    used: QuotaUse

    @classmethod
    def of(cls, quota: Quota, use: Use) -> QuotaView:
        """Both, side by side."""
        return cls(
            limits=QuotaLimits(
                concurrent_jobs=quota.concurrent_jobs,
                stored_bytes=quota.stored_bytes,
                daily_spend_usd=quota.daily_spend_usd,
            ),
            used=QuotaUse(
                concurrent_jobs=use.concurrent_jobs, stored_bytes=use.stored_bytes, daily_spend_usd=use.daily_spend_usd
            ),
        )


def add_admin_routes(app: FastAPI) -> None:
    """Adds the routes."""

    @app.get("/caller", operation_id="get_caller", tags=["administration"], responses=RESPONSES)
    def get_caller(caller: Reader) -> CallerView:
        """Who you are: requests name this tenant and environment."""
        return CallerView(tenant_id=caller.tenant, env=caller.env, user_id=caller.user_id, role=Role(caller.role))

    @app.get("/quota", operation_id="get_quota", tags=["administration"], responses=RESPONSES)
    def get_quota(site: OnSite, caller: Reader) -> QuotaView:
        """What your tenant may use, and uses."""
        return QuotaView.of(site.settings.quota(caller.tenant), site.use(caller))

    @app.get("/admin/tokens", operation_id="list_tokens", tags=["administration"], responses=RESPONSES)
    def list_tokens(site: OnSite, caller: Admin) -> list[TokenView]:
        """Every token of your tenant and environment, newest first."""
        return [TokenView.of(one) for one in site.tokens(caller).list()]

    @app.post(
        "/admin/tokens", status_code=201, operation_id="create_token", tags=["administration"], responses=RESPONSES
    )
    def create_token(body: TokenRequest, response: Response, site: OnSite, caller: Admin) -> CreatedToken:
        """A new token for your tenant and environment."""
        return _token(site.tokens(caller).create(body.user_id, body.role, timedelta(days=body.days)), response)

    @app.post(
        "/admin/tokens/{public_id}/rotate", status_code=201, operation_id="rotate_token", tags=["administration"],
        responses=RESPONSES,
    )  # fmt: skip
    def rotate_token(
        public_id: str, body: TokenRotation, response: Response, site: OnSite, caller: Admin
    ) -> CreatedToken:
        """A new token for the same user and role; the old one runs out."""
        life, overlap = timedelta(days=body.days), timedelta(hours=body.overlap_hours)
        return _token(site.tokens(caller).rotate(public_id, life, overlap), response)

    @app.post(
        "/admin/tokens/{public_id}/revoke", operation_id="revoke_token", tags=["administration"], responses=RESPONSES
    )
    def revoke_token(public_id: str, site: OnSite, caller: Admin) -> TokenView:
        """The token, good for nothing from now on."""
        return TokenView.of(site.tokens(caller).revoke(public_id))

    @app.get("/admin/signing-secrets", operation_id="list_secrets", tags=["administration"], responses=RESPONSES)
    def list_secrets(site: OnSite, caller: Admin) -> list[SecretView]:
        """Every signing secret of your tenant and environment, newest first."""
        return [SecretView.of(one) for one in site.signing_secrets(caller).list()]

    @app.post(
        "/admin/signing-secrets/rotate", status_code=201, operation_id="rotate_secret", tags=["administration"],
        responses=RESPONSES,
    )  # fmt: skip
    def rotate_secret(body: SecretRotation, response: Response, site: OnSite, caller: Admin) -> CreatedSecret:
        """A new secret to sign callbacks with; those before it sign too until they run out."""
        made = site.signing_secrets(caller).rotate(timedelta(hours=body.overlap_hours))
        return _secret(made, response)

    @app.post(
        "/admin/signing-secrets/{secret_id}/revoke", operation_id="revoke_secret", tags=["administration"],
        responses=RESPONSES,
    )  # fmt: skip
    def revoke_secret(secret_id: str, site: OnSite, caller: Admin) -> SecretView:
        """The secret, which signs nothing from now on."""
        return SecretView.of(site.signing_secrets(caller).revoke(secret_id))


def _token(made: NewToken, response: Response) -> CreatedToken:
    hide(made.text)
    response.headers["Cache-Control"] = "no-store"
    return CreatedToken(token=made.text, record=TokenView.of(made.record))


def _secret(made: NewSecret, response: Response) -> CreatedSecret:
    hide(made.text)
    response.headers["Cache-Control"] = "no-store"
    return CreatedSecret(secret=made.text, record=SecretView.of(made.record))
