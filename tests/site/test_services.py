"""The embedded servers survive what happens to servers on people's machines."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from kombu import Connection

from recsys_site.embedded.addresses import EmbeddedAddresses, embedded_addresses
from recsys_site.embedded.processes import wait_until_gone
from recsys_site.embedded.services import NAMES, services_status, start_services, stop_services

pytestmark = pytest.mark.services
PID_FILES = {
    "postgres": "postgres/postmaster.pid",
    "cache": "valkey/cache/pid",
    "broker": "valkey/broker/pid",
}


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("services")
    yield folder
    stop_services(folder)


@pytest.fixture
def addresses(var_dir: Path) -> EmbeddedAddresses:
    start_services(var_dir)
    return embedded_addresses(var_dir)


def pids(var_dir: Path) -> dict[str, int]:
    return {name: int((var_dir / file).read_text().splitlines()[0]) for name, file in PID_FILES.items()}


def kill(var_dir: Path, name: str) -> None:
    process = psutil.Process(pids(var_dir)[name])
    process.kill()
    assert wait_until_gone(process, patience_s=20)


def broker(addresses: EmbeddedAddresses) -> redis.Redis:
    return redis.Redis.from_url(addresses.broker_url.replace("redis+socket", "unix"))


@pytest.mark.usefixtures("addresses")
def test_a_second_start_changes_nothing(var_dir: Path):
    before = pids(var_dir)

    start_services(var_dir)

    assert pids(var_dir) == before
    assert services_status(var_dir) == dict.fromkeys(NAMES, True)


def test_committed_rows_survive_a_killed_postgres(var_dir: Path, addresses: EmbeddedAddresses):
    with psycopg.connect(addresses.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    kill(var_dir, "postgres")
    assert not services_status(var_dir)["postgres"]
    start_services(var_dir)

    with psycopg.connect(addresses.database_url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]


@pytest.mark.parametrize("lock", ["the server's", "its socket's"])
def test_a_pid_that_went_to_another_program_does_not_keep_postgres_down(
    var_dir: Path, addresses: EmbeddedAddresses, lock: str
):
    kill(var_dir, "postgres")
    account = (var_dir / "postgres").stat().st_uid
    with subprocess.Popen(["sleep", "600"], user=account if os.geteuid() == 0 else None) as bystander:
        of_socket = addresses.socket_dir / ".s.PGSQL.5432.lock"
        pid_file = of_socket if lock == "its socket's" else var_dir / PID_FILES["postgres"]
        old_pid, _, rest = pid_file.read_text().partition("\n")
        pid_file.write_text(f"{bystander.pid}\n{rest}")
        assert int(old_pid) != bystander.pid
        assert not services_status(var_dir)["postgres"]

        start_services(var_dir)
        bystander.kill()

    with psycopg.connect(addresses.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_brokers_messages_survive_its_kill(var_dir: Path, addresses: EmbeddedAddresses):
    broker(addresses).rpush("queue", "message")

    kill(var_dir, "broker")
    start_services(var_dir)

    assert broker(addresses).lrange("queue", 0, -1) == [b"message"]


def test_the_cache_comes_back_empty_and_may_evict(var_dir: Path, addresses: EmbeddedAddresses):
    cache = redis.Redis.from_url(addresses.cache_url)
    cache.set("key", "value")

    kill(var_dir, "cache")
    start_services(var_dir)

    assert cache.get("key") is None
    assert cache.config_get("maxmemory-policy") == {"maxmemory-policy": "allkeys-lfu"}
    assert broker(addresses).config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


@pytest.mark.usefixtures("addresses")
def test_the_second_stop_finds_nothing_to_stop(var_dir: Path):
    assert sorted(stop_services(var_dir)) == sorted(NAMES)
    assert stop_services(var_dir) == []
    assert services_status(var_dir) == dict.fromkeys(NAMES, False)


@pytest.mark.usefixtures("addresses")
def test_one_server_can_be_stopped_alone(var_dir: Path):
    assert stop_services(var_dir, ("cache",)) == ["cache"]
    assert services_status(var_dir) == {"postgres": True, "cache": False, "broker": True}


def test_two_processes_may_start_them_at_once(var_dir: Path):
    stop_services(var_dir)
    code = f"""
from pathlib import Path
from recsys_site.embedded.services import start_services
start_services(Path({str(var_dir)!r}))
"""

    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]

    assert [process.wait(60) for process in both] == [0, 0]
    assert services_status(var_dir) == dict.fromkeys(NAMES, True)


def test_an_interrupted_first_start_is_begun_anew(tmp_path: Path):
    # initdb writes PG_VERSION first; killed there, it leaves a folder that no server can use.
    unfinished = tmp_path / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")

    start_services(tmp_path, ("postgres",))

    assert services_status(tmp_path)["postgres"]
    assert not unfinished.exists()
    stop_services(tmp_path)


def test_deep_folders_with_odd_names_work_too(tmp_path: Path):
    var_dir = tmp_path / ("deep" * 20) / "Jürgen's & Ann's 100%"
    addresses = embedded_addresses(var_dir)

    start_services(var_dir)

    with psycopg.connect(addresses.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert redis.Redis.from_url(addresses.cache_url).ping()
    with Connection(addresses.broker_url) as celery_broker:
        assert celery_broker.ensure_connection(max_retries=1).connected
    assert sorted(stop_services(var_dir)) == sorted(NAMES)


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(PermissionError, match="made by somebody else"):
        start_services(tmp_path)
