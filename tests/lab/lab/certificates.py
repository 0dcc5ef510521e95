# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificate authorities and server certificates, made with openssl for one lab."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError

DAYS = "30"
# The names of the two authorities: the source's own, and the one that stands for RDS.
SOURCE_TLS, TARGET_TLS = "source", "rds"


@dataclass(frozen=True)
class ServerCertificate:
    """Paths of the PEM files that a server needs."""

    ca: Path
    certificate: Path
    key: Path


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")


def make(directory: Path, name: str) -> ServerCertificate:
    """Make a CA called `name` and a certificate for 127.0.0.1 and localhost signed by it; returns where they lie."""
    ca, ca_key = directory / f"{name}-ca.pem", directory / f"{name}-ca-key.pem"
    certificate, key = directory / f"{name}-cert.pem", directory / f"{name}-key.pem"
    request, extensions = directory / f"{name}.csr", directory / f"{name}.ext"
    # Python 3.13 verifies strictly: a CA without keyUsage or a leaf without key identifiers is refused.
    _openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", DAYS, "-subj", f"/CN=Lab {name} CA",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", str(ca_key), "-out", str(ca),
    )  # fmt: skip
    _openssl(
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}.lab", "-keyout", str(key), "-out", str(request)
    )
    extensions.write_text(
        "basicConstraints=CA:FALSE\n"
        "subjectAltName=IP:127.0.0.1,DNS:localhost\n"
        "extendedKeyUsage=serverAuth\n"
        "subjectKeyIdentifier=hash\n"
        "authorityKeyIdentifier=keyid\n",
        encoding="utf-8",
    )
    _openssl(
        "x509", "-req", "-in", str(request), "-CA", str(ca), "-CAkey", str(ca_key), "-CAcreateserial",
        "-days", DAYS, "-extfile", str(extensions), "-out", str(certificate),
    )  # fmt: skip
    for secret in (ca_key, key):
        secret.chmod(0o600)
    return ServerCertificate(ca=ca, certificate=certificate, key=key)


def existing(directory: Path, name: str) -> ServerCertificate:
    """Where `make` has put the files of `name`."""
    return ServerCertificate(
        ca=directory / f"{name}-ca.pem", certificate=directory / f"{name}-cert.pem", key=directory / f"{name}-key.pem"
    )
