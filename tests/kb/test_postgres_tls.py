"""A store that takes encrypted connections alone, and shows a certificate."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from clusterlab import LOOPBACK, postgres_programs, running_postgres
from homelab import home_at

from kb import KBError, KnowledgeBase

pytestmark = pytest.mark.slow


def certify(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a key, and a certificate of its own for this machine's loopback."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-keyout", str(key), "-out", str(certificate), "-subj", f"/CN={name}"]
    command += ["-addext", f"subjectAltName=IP:{LOOPBACK}"]
    subprocess.run(command, check=True, capture_output=True)
    return key, certificate


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Return the address of a database of such a server, and the server's certificate."""
    pytest.importorskip("psycopg", reason="psycopg is missing: pip install 'policykb[cluster]'")
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here: apt-get install postgresql")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed here, which makes the certificate")
    with running_postgres(programs) as server:
        address = server.new_database()
        server.stop("fast")
        key, certificate = certify(server.data, "server")
        owner = server.data.stat()
        os.chown(key, owner.st_uid, owner.st_gid)
        key.chmod(0o600)
        with (server.data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("ssl = on\nssl_key_file = 'server.key'\nssl_cert_file = 'server.crt'\n")
        (server.data / "pg_hba.conf").write_text(f"hostssl all all {LOOPBACK}/32 trust\n", "utf-8")
        server.start()
        yield address, Path(shutil.copy(certificate, tmp_path / "server.crt"))


def test_a_store_is_reached_whose_certificate_is_known(
    encrypted: tuple[str, Path], tmp_path: Path
) -> None:
    address, certificate = encrypted
    store = f"{address}?sslmode=verify-full&sslrootcert={certificate}"
    with KnowledgeBase.open(home_at(tmp_path / "home", store=store)) as base:
        base.ingest_bytes("渔港.txt", "第一号渔港的泊位。".encode())
        assert base.search("渔港泊位").hits
        with base._home.store._engine.connect() as connection:
            told = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            assert connection.exec_driver_sql(told).scalar_one() is True


def test_what_is_not_to_be_trusted_or_not_encrypted_is_refused(
    encrypted: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = encrypted
    monkeypatch.setattr("kb.store.retry.PATIENCE", 1.0)
    _, other = certify(tmp_path, "other")
    for name, asked, reason in (
        ("other", f"?sslmode=verify-full&sslrootcert={other}", "certificate verify failed"),
        ("plain", "?sslmode=disable", "no encryption"),
    ):
        with pytest.raises(KBError, match=reason) as refused:
            KnowledgeBase.open(home_at(tmp_path / name, store=address + asked))
        assert "\n" not in refused.value.message
        assert "unused" not in refused.value.message
