# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers for the integration tests: MariaDB, and moto as the HTTP API of AWS.

Each is a child process on a free port of loopback with a directory of its own, and is stopped when its block ends.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime
import functools
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Iterator, NamedTuple, Sequence

ROOT_USER = "root"
ROOT_PASSWORD = "root of the tests"
START_SECONDS = 60
STOP_SECONDS = 30


class TlsFiles(NamedTuple):
    """PEM files of a certificate authority and of a server on loopback that it vouches for."""

    ca: Path
    certificate: Path
    key: Path


class DatabaseServer(NamedTuple):
    """A running MySQL-like server."""

    host: str
    port: int
    socket: Path
    datadir: Path
    log: Path
    pid: int
    tls: TlsFiles | None

    def login(self, user: str = ROOT_USER, password: str = ROOT_PASSWORD, **more: Any) -> dict[str, Any]:
        """Login options as the modules take them."""
        return {
            "login_host": self.host,
            "login_port": self.port,
            "login_user": user,
            "login_password": password,
            **more,
        }


class MotoServer(NamedTuple):
    """A running moto server."""

    endpoint_url: str
    pid: int

    def aws_options(self) -> dict[str, Any]:
        """AWS options as the modules take them."""
        return {
            "endpoint_url": self.endpoint_url,
            "region": "eu-west-1",
            "access_key": "AKIATESTTESTTESTTEST",
            "secret_key": "secret-of-the-tests",
        }

    def client(self, service: str, region: str = "eu-west-1") -> Any:
        """A boto3 client for this server."""
        import boto3

        options = self.aws_options()
        return boto3.session.Session().client(
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=options["access_key"],
            aws_secret_access_key=options["secret_key"],
        )


def free_port() -> int:
    """A TCP port of loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def mariadb_server(
    tmp_path: Path,
    name: str = "mariadb",
    server_args: Sequence[str] = (),
    tls: bool = False,
    binlog: bool = True,
    env: dict[str, str] | None = None,
) -> Iterator[DatabaseServer]:
    """A MariaDB server on a fresh data directory, with ``root`` (``ROOT_PASSWORD``) and no anonymous account.

    :param tmp_path: a directory for its files; the server's own is ``tmp_path/name``.
    :param name: tells several servers of one test apart.
    :param server_args: further arguments, such as ``--default-time-zone=+02:00``.
    :param tls: offer TLS, with a certificate for 127.0.0.1 and localhost.
    :param binlog: write a binary log.
    :param env: further environment variables of the process, such as ``TZ``.
    """
    home = tmp_path / name
    datadir = home / "data"
    shutil.copytree(_mariadb_template(), datadir)
    log = home / "error.log"
    # a socket's path may have 107 bytes, pytest's directories are longer
    socket_dir = Path(tempfile.mkdtemp(prefix="dbferry-"))
    port = free_port()
    arguments = [
        _mariadbd(),
        "--no-defaults",
        f"--datadir={datadir}",
        f"--socket={socket_dir}/s",
        f"--port={port}",
        f"--pid-file={home}/pid",
        # A starting server removes the temporary tables that it finds in its tmpdir, other servers' among them.
        f"--tmpdir={socket_dir}",
        "--bind-address=127.0.0.1",
        "--server-id=1",
        "--innodb-buffer-pool-size=32M",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-flush-method=fsync",
        *as_root(),
    ]
    if binlog:
        arguments.append("--log-bin=binlog")
    files = None
    if tls:
        files = make_tls_files(home)
        arguments += [f"--ssl-ca={files.ca}", f"--ssl-cert={files.certificate}", f"--ssl-key={files.key}"]
    arguments += server_args
    try:
        with child_process(arguments, log, env) as child:
            wait_for_greeting(child, port, log)
            yield DatabaseServer("127.0.0.1", port, socket_dir / "s", datadir, log, child.pid, files)
    finally:
        shutil.rmtree(socket_dir, ignore_errors=True)


@contextlib.contextmanager
def moto_server(tmp_path: Path | None = None) -> Iterator[MotoServer]:
    """moto's HTTP server, empty."""
    home = tmp_path or Path(tempfile.mkdtemp(prefix="dbferry-moto-"))
    log = home / "moto.log"
    port = free_port()
    start = f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{port}'])"
    try:
        with child_process([sys.executable, "-c", start], log, {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}) as child:
            _wait_for_port(child, port, log)
            yield MotoServer(f"http://127.0.0.1:{port}", child.pid)
    finally:
        if tmp_path is None:
            shutil.rmtree(home, ignore_errors=True)


def make_tls_files(directory: Path) -> TlsFiles:
    """A new certificate authority and a server certificate for 127.0.0.1 and localhost."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def name(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])

    now = datetime.datetime.now(datetime.timezone.utc)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def builder(subject: str, public_key: Any) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("authority of the tests"))
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
        )

    ca = (
        builder("authority of the tests", ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    alternatives = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        builder("server of the tests", key.public_key())
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    directory.mkdir(parents=True, exist_ok=True)
    files = TlsFiles(directory / "ca.pem", directory / "server.pem", directory / "server-key.pem")
    files.ca.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@functools.cache
def _mariadb_template() -> Path:
    """A fresh data directory, made once a session; servers get copies of it."""
    home = Path(tempfile.mkdtemp(prefix="dbferry-template-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    datadir = home / "data"
    common = ["--no-defaults", f"--datadir={datadir}", f"--tmpdir={home}"]
    install = [_program("mariadb-install-db"), *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
    run_program(install + as_root())
    password = ROOT_PASSWORD.replace("'", "''")
    accounts = f"""
        USE mysql;
        FLUSH PRIVILEGES;
        DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');
        DELETE FROM mysql.proxies_priv WHERE Host <> 'localhost';
        FLUSH PRIVILEGES;
        ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';
    """
    flat = ";\n".join(" ".join(part.split()) for part in accounts.split(";"))
    run_program([_mariadbd(), *common, "--bootstrap", *as_root()], flat)
    return datadir


def run_program(arguments: Sequence[str], text: str = "") -> None:
    done = subprocess.run(arguments, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(
            f"{arguments[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        )


def _program(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        raise RuntimeError(f"{name} is not installed (Debian: mariadb-server-core)")
    return found


def _mariadbd() -> str:
    return _program("mariadbd")


def as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


@contextlib.contextmanager
def child_process(
    arguments: Sequence[str], log: Path, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A child process that is stopped when the block ends: SIGTERM, and SIGKILL after a while."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            list(arguments), stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={**os.environ, **(env or {})}
        )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _wait_for_port(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    _wait(child, log, lambda: socket.create_connection(("127.0.0.1", port), 1).close() or True)


def wait_for_greeting(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """A MySQL-like server is ready when it greets with a handshake packet (sequence 0, protocol 10)."""

    def greeted() -> bool:
        with socket.create_connection(("127.0.0.1", port), 1) as probe:
            probe.settimeout(2)
            head = probe.recv(5)
            return len(head) == 5 and head[3] == 0 and head[4] == 10

    _wait(child, log, greeted)


def _wait(child: subprocess.Popen[bytes], log: Path, ready: Any) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if child.poll() is not None:
            raise RuntimeError(f"{child.args[0]} ended with {child.returncode}:\n{_tail(log)}")
        try:
            if ready():
                return
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise RuntimeError(f"{child.args[0]} is not ready after {START_SECONDS} s:\n{_tail(log)}")
        time.sleep(0.05)


def _tail(log: Path, size: int = 4000) -> str:
    return log.read_text(errors="replace")[-size:]
