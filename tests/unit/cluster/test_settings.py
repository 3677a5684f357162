"""The environment, read in one place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cluster.settings import Settings
from cluster.tenancy.scope import TenantScope
from schemas.errors import InvalidInput, TenantMismatch


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in list(os.environ):
        if name.upper().startswith("REELWRIGHT_"):
            monkeypatch.delenv(name)


def test_settings_without_environment_keep_everything_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    settings = Settings.load()
    assert settings.store == tmp_path / "reelwright"
    assert settings.registry_url() == f"sqlite:///{tmp_path}/reelwright/registry.sqlite3"
    assert settings.scope() == TenantScope("t_local", "dev", "local", "operator")


def test_settings_come_from_the_environment_and_yield_to_what_is_given(monkeypatch):
    monkeypatch.setenv("REELWRIGHT_STORE", "~/elsewhere")
    monkeypatch.setenv("REELWRIGHT_TENANT", "t_env")
    monkeypatch.setenv("REELWRIGHT_DATABASE_URL", "postgresql://ann:hunter2@host/x")

    settings = Settings.load(tenant="t_given")

    assert settings.tenant == "t_given"
    assert settings.store == Path.home() / "elsewhere"
    assert settings.registry_url() == "postgresql://ann:hunter2@host/x"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("name", ["TENANT", "ENV"])
@pytest.mark.parametrize("bad", ["", " ", "t_unknown", "a/b"])
def test_settings_with_an_unknown_tenant_or_env_are_refused(monkeypatch, name, bad):
    monkeypatch.setenv(f"REELWRIGHT_{name}", bad)
    with pytest.raises(TenantMismatch, match=name.lower()):
        Settings.load()


def test_settings_with_a_wrong_value_name_the_variable(monkeypatch):
    monkeypatch.setenv("REELWRIGHT_LOG_LEVEL", "LOUD")
    with pytest.raises(InvalidInput, match=r"log_level.*'LOUD'"):
        Settings.load()


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings.load().tenant = "t_other"
