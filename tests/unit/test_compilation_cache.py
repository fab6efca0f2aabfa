from pathlib import Path

from collocate import compilation_cache


def test_places_lie_under_the_user_s_cache_and_what_is_set_stays(tmp_path: Path):
    environment = {"XDG_CACHE_HOME": str(tmp_path), "TORCHINDUCTOR_CACHE_DIR": "/elsewhere"}
    compilation_cache.use(environment)
    assert environment["JAX_COMPILATION_CACHE_DIR"] == str(tmp_path / "collocate" / "jax")
    assert environment["TORCHINDUCTOR_CACHE_DIR"] == "/elsewhere"


def test_entries_are_what_was_compiled_not_when_it_was_read(tmp_path: Path):
    environment = {"JAX_COMPILATION_CACHE_DIR": str(tmp_path)}
    assert compilation_cache.entries("jax", environment) == set()
    for name in ("step-cache", "step-atime"):
        (tmp_path / name).touch()
    assert compilation_cache.entries("jax", environment) == {tmp_path / "step-cache"}
    assert compilation_cache.entries("tensorflow", environment) is None
