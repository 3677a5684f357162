"""The only reader of the environment: every `REELWRIGHT_…` and `VIDEO_…` variable, read once, checked and frozen.

Everything else gets what it needs as an argument. A field exists only when something sets it or reads it.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cluster.jobs.records import QUEUES, WAITING
from cluster.registry.bucket_place import BucketPlace, bucket_and_prefix
from cluster.tenancy.quotas import UNLIMITED, Quota
from cluster.tenancy.scope import TenantScope, check_name
from schemas.document import describe
from schemas.errors import InvalidInput

DEVELOPMENT = frozenset({"dev", "test"})

PREFIX = "REELWRIGHT_"

EVERYBODY = "*"
"""In `quotas`: the tenants that are not named."""


class EngineSettings(BaseSettings):
    """Which engines look at films and listen to them, by the specification's own names: `VIDEO_REGION_BACKEND`, ..."""

    model_config = SettingsConfigDict(
        env_prefix="VIDEO_", frozen=True, extra="forbid", use_attribute_docstrings=True, str_strip_whitespace=True
    )

    region_backend: str = "facenet_mtcnn"
    """Faces engine. The specification's default was `opencv_face_detector`; MTCNN overlooks far less."""

    region_device: Literal["", "cpu", "cuda"] = ""
    """Where it runs; unset means CUDA where there is one."""

    regions_min_confidence: float = Field(default=0.5, ge=0, le=1)
    """A track none of whose detections reaches this is dropped."""

    visual_meta_backend: str = "opencv_visual_meta"
    """Engine for shots, motion and salience."""

    captions_backend: str = "whisper_openai"
    """Speech engine."""

    captions_model: str = "tiny"
    """Size of Whisper, an id of the hub, or a folder."""

    captions_device: Literal["", "cpu", "cuda"] = ""
    """Where it runs; unset means CUDA where there is one. The specification's default was `cpu`."""

    captions_language: str = "en"
    """Language hint; `auto` lets Whisper detect it."""

    weights: Path | None = None
    """Folder of model weights, for example with `whisper-tiny` in it."""

    audio_semantic_backend: Literal["whisper_librosa", "stub"] = Field(
        default="whisper_librosa", validation_alias="AUDIO_SEMANTIC_BACKEND"
    )
    """By the specification's names: `whisper_librosa` listens with the best engines here, `stub` with stand-ins."""

    audio_semantic_whisper_model: str = Field(default="tiny", validation_alias="AUDIO_SEMANTIC_WHISPER_MODEL")
    """Whisper for timelines: a size, an id of the hub, or a folder."""

    audio_semantic_seed: int = Field(default=42, ge=0, validation_alias="AUDIO_SEMANTIC_SEED")
    """Accepted for the specification's sake: nothing in a timeline is drawn at random."""

    cuda_visible_devices: str | None = Field(default=None, validation_alias="CUDA_VISIBLE_DEVICES")
    """The GPUs that CUDA shows to this process, by NVIDIA's own variable; unset for all."""

    @classmethod
    def load(cls, **given: Any) -> Self:
        """The settings of this process; `given` goes before the environment.

        Raises:
            InvalidInput: a variable has a value that is not allowed; the message names it.
        """
        try:
            return cls(**given)
        except ValidationError as exc:
            raise InvalidInput(f"settings (VIDEO_…): {describe(exc)}") from exc


class Settings(BaseSettings):
    """What this process was told by its environment, for example `REELWRIGHT_STORE=/srv/reelwright`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", use_attribute_docstrings=True, str_strip_whitespace=True
    )

    store: Path = Field(default_factory=lambda: user_data_path("reelwright"))
    """Folder of the embedded store: the SQLite file and the blobs."""

    blobs_url: str = ""
    """`s3://bucket/prefix` for bytes in an S3 store, with copies in `cache` of the folder; empty for the folder."""

    blobs_endpoint: str = ""
    """`https://…` of an S3-compatible store; empty for AWS, or what `AWS_ENDPOINT_URL_S3` says."""

    blobs_region: str = ""
    """Region of the bucket; empty for what `AWS_REGION` says."""

    aws_access_key_id: str = Field(default="", validation_alias="AWS_ACCESS_KEY_ID")
    """Key for the bucket; without one the machine's own credentials are used: web identity, container, instance."""

    aws_secret_access_key: SecretStr = Field(default=SecretStr(""), validation_alias="AWS_SECRET_ACCESS_KEY")
    """Its secret."""

    aws_session_token: SecretStr = Field(default=SecretStr(""), validation_alias="AWS_SESSION_TOKEN")
    """Its session, if it is of one."""

    database_url: SecretStr = SecretStr("")
    """`postgresql://…` for a shared database; empty for SQLite inside `store`. Secret, for it may hold a password."""

    tenant: str = "t_local"
    """Whose data this process works on."""

    env: str = "dev"
    """Environment within the tenant."""

    user_id: str = "local"
    """Who is acting when no caller was verified, as on the command line."""

    role: str = "operator"
    """The role of that user."""

    site_id: str = "local"
    """Name of this site, on every run, artifact and log line."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severe level that is logged."""

    log_dir: Path | None = None
    """Folder of the server's log files; `logs` in the store unless told."""

    readable: tuple[Path, ...] = ()
    """Folders from which a server takes files that callers name by path; a JSON list. None unless told."""

    quotas: dict[str, Quota] = Field(default_factory=dict)
    """The most that tenants may use, as JSON by tenant; `*` is everybody who is not named. No limits unless told."""

    queue_waiting: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=lambda: dict(WAITING))
    """How many jobs may wait in a queue, as JSON; one that is not named takes any number."""

    dev_bypass: bool = False
    """For development: what names no tenant or environment is taken as this process's own. Never in production."""

    callbacks_loopback: bool = False
    """For development: callbacks may also go to this machine, by `http` and to any port. Never in production, where a
    tenant would reach whatever listens on 127.0.0.1."""

    @model_validator(mode="after")
    def _in_development_only(self) -> Self:
        for name in ("dev_bypass", "callbacks_loopback"):
            if getattr(self, name) and self.env not in DEVELOPMENT:
                raise ValueError(f"{name} is for the environments {', '.join(sorted(DEVELOPMENT))}, not {self.env!r}")
        return self

    @field_validator("tenant", "env", "site_id")
    @classmethod
    def _known(cls, value: str, info: Any) -> str:
        check_name(info.field_name, value)
        return value

    @field_validator("blobs_url")
    @classmethod
    def _bucket(cls, value: str) -> str:
        if value:
            bucket_and_prefix(value)
        return value

    @field_validator("blobs_endpoint")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc or parts.query):
            raise ValueError("must be https://host or http://host, without user or query")
        return value.rstrip("/")

    @field_validator("quotas")
    @classmethod
    def _named(cls, value: dict[str, Quota]) -> dict[str, Quota]:
        for tenant in value.keys() - {EVERYBODY}:
            check_name("quotas", tenant)
        return value

    @field_validator("queue_waiting")
    @classmethod
    def _queues(cls, value: dict[str, int]) -> dict[str, int]:
        if strange := value.keys() - set(QUEUES):
            raise ValueError(f"there is no queue {min(strange)!r}; the queues are {', '.join(QUEUES)}")
        return value

    @field_validator("store", "log_dir")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @classmethod
    def load(cls, **given: Any) -> Self:
        """The settings of this process; `given` (for example from command line flags) goes before the environment.

        Raises:
            TenantMismatch: tenant or environment is empty or a placeholder.
            InvalidInput: another variable has a value that is not allowed, or there is none of that name; the message
                names it.
        """
        known = {
            f"{PREFIX}{name.upper()}" for name, field in cls.model_fields.items() if field.validation_alias is None
        }
        for name in sorted(os.environ):
            if name.startswith(PREFIX) and name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                raise InvalidInput(f"there is no setting {name}" + (f"; {near[0]} is meant?" if near else ""))
        try:
            return cls(**given)
        except ValidationError as exc:
            raise InvalidInput(f"settings ({PREFIX}…): {describe(exc)}") from exc

    def quota(self, tenant: str) -> Quota:
        """The most that a tenant may use."""
        return self.quotas.get(tenant) or self.quotas.get(EVERYBODY) or UNLIMITED

    def registry_url(self) -> str:
        """Where the registry's rows live: the given URL, or `sqlite:///{store}/registry.sqlite3`."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.store / 'registry.sqlite3'}"

    def bucket(self) -> BucketPlace | None:
        """Where bytes lie when it is not in the folder."""
        if not self.blobs_url:
            return None
        bucket, prefix = bucket_and_prefix(self.blobs_url)
        return BucketPlace(
            bucket, prefix, self.blobs_endpoint, self.blobs_region,
            self.aws_access_key_id, self.aws_secret_access_key, self.aws_session_token,
        )  # fmt: skip

    def log_folder(self) -> Path:
        """Where a server's processes write their logs."""
        return self.log_dir or self.store / "logs"

    def secrets(self) -> tuple[str, ...]:
        """The exact values that may stand in no log, answer or row."""
        url = self.database_url.get_secret_value()
        password = urlsplit(url).password or ""
        aws = (self.aws_secret_access_key.get_secret_value(), self.aws_session_token.get_secret_value())
        return tuple(dict.fromkeys(one for one in (url, password, unquote(password), *aws) if one))

    def scope(self) -> TenantScope:
        """The scope of this process's own user."""
        return TenantScope(tenant=self.tenant, env=self.env, user_id=self.user_id, role=self.role)
