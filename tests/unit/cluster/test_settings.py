"""The environment, read in one place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cluster.settings import EngineSettings, Settings
from cluster.tenancy.scope import TenantScope
from schemas.errors import InvalidInput, TenantMismatch


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in list(os.environ):
        if name.upper().startswith(("REELWRIGHT_", "VIDEO_")) or name == "CUDA_VISIBLE_DEVICES":
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


@pytest.mark.parametrize(
    ("name", "given", "field", "expected"),
    [
        ("VIDEO_REGION_BACKEND", "opencv_face_detector", "region_backend", "opencv_face_detector"),
        ("VIDEO_REGION_DEVICE", "cuda", "region_device", "cuda"),
        ("VIDEO_REGIONS_MIN_CONFIDENCE", "0.8", "regions_min_confidence", 0.8),
        ("VIDEO_VISUAL_META_BACKEND", "stub_visual_meta", "visual_meta_backend", "stub_visual_meta"),
        ("VIDEO_CAPTIONS_BACKEND", "pocketsphinx", "captions_backend", "pocketsphinx"),
        ("VIDEO_CAPTIONS_MODEL", "openai/whisper-small", "captions_model", "openai/whisper-small"),
        ("VIDEO_CAPTIONS_DEVICE", "cpu", "captions_device", "cpu"),
        ("VIDEO_CAPTIONS_LANGUAGE", "auto", "captions_language", "auto"),
        ("VIDEO_WEIGHTS", "/srv/weights", "weights", Path("/srv/weights")),
        ("CUDA_VISIBLE_DEVICES", "1,GPU-ab", "cuda_visible_devices", "1,GPU-ab"),
        ("CUDA_VISIBLE_DEVICES", "", "cuda_visible_devices", ""),
    ],
)
def test_each_flag_of_the_engines_is_read_under_its_own_name(monkeypatch, name, given, field, expected):
    usual = EngineSettings.load()
    monkeypatch.setenv(name, given)
    settings = EngineSettings.load()
    assert getattr(settings, field) == expected != getattr(usual, field)
    assert settings.model_dump(exclude={field}) == usual.model_dump(exclude={field})


def test_engines_without_environment_are_the_best_on_whatever_device_there_is():
    settings = EngineSettings.load()
    assert (settings.region_backend, settings.captions_backend) == ("facenet_mtcnn", "whisper_openai")
    assert (settings.region_device, settings.captions_device) == ("", "")
    assert settings.cuda_visible_devices is None


@pytest.mark.parametrize(
    ("name", "given", "named"),
    [
        ("VIDEO_REGION_DEVICE", "tpu", r"VIDEO_.*region_device.*'tpu'"),
        ("VIDEO_CAPTIONS_DEVICE", "CUDA", r"VIDEO_.*captions_device.*'CUDA'"),
        ("VIDEO_REGIONS_MIN_CONFIDENCE", "1.01", r"VIDEO_.*regions_min_confidence.*1\.01"),
        ("VIDEO_REGIONS_MIN_CONFIDENCE", "-0.1", r"VIDEO_.*regions_min_confidence.*-0\.1"),
        ("VIDEO_REGIONS_MIN_CONFIDENCE", "much", r"VIDEO_.*regions_min_confidence.*'much'"),
    ],
)
def test_wrong_value_of_an_engine_flag_is_refused_and_named(monkeypatch, name, given, named):
    monkeypatch.setenv(name, given)
    with pytest.raises(InvalidInput, match=named):
        EngineSettings.load()


def test_what_is_given_goes_before_the_flag(monkeypatch):
    monkeypatch.setenv("VIDEO_REGION_BACKEND", "stub_face_detector")
    assert EngineSettings.load(region_backend="facenet_mtcnn").region_backend == "facenet_mtcnn"


@pytest.mark.parametrize(("given", "expected"), [(None, False), ("0", False), ("1", True), ("true", True)])
def test_bypass_is_an_explicit_flag(monkeypatch, given, expected):
    if given is not None:
        monkeypatch.setenv("REELWRIGHT_DEV_BYPASS", given)
    assert Settings.load().dev_bypass is expected


@pytest.mark.parametrize("flag", ["dev_bypass", "callbacks_loopback"])
@pytest.mark.parametrize("env", ["dev", "test"])
def test_flag_for_development_is_allowed_there_and_off_unless_told(monkeypatch, flag, env):
    monkeypatch.setenv("REELWRIGHT_ENV", env)
    assert getattr(Settings.load(), flag) is False
    monkeypatch.setenv(f"REELWRIGHT_{flag.upper()}", "1")
    assert getattr(Settings.load(), flag) is True


@pytest.mark.parametrize("flag", ["dev_bypass", "callbacks_loopback"])
@pytest.mark.parametrize("env", ["prod", "staging", "production"])
def test_flag_for_development_is_refused_elsewhere(monkeypatch, flag, env):
    monkeypatch.setenv(f"REELWRIGHT_{flag.upper()}", "1")
    monkeypatch.setenv("REELWRIGHT_ENV", env)
    with pytest.raises(InvalidInput, match=f"{flag} is for the environments dev, test, not '{env}'"):
        Settings.load()


def test_bypass_that_is_no_flag_is_refused_and_named(monkeypatch):
    monkeypatch.setenv("REELWRIGHT_DEV_BYPASS", "perhaps")
    with pytest.raises(InvalidInput, match=r"dev_bypass.*'perhaps'"):
        Settings.load()


def test_name_that_stands_for_nothing_is_refused_with_the_one_that_is_meant(monkeypatch):
    monkeypatch.setenv("REELWRIGHT_QUOTA", "{}")
    with pytest.raises(InvalidInput, match="no setting REELWRIGHT_QUOTA; REELWRIGHT_QUOTAS is meant"):
        Settings.load()
