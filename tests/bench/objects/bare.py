# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server needs for bare statements: ``python bare.py LOGIN.json STATEMENTS.json``, and nothing else is done."""

from __future__ import annotations

import json
import ssl
import sys
from pathlib import Path

import pymysql
from pymysql.constants import CLIENT

BATCH = 250


def main() -> None:
    """Send the statements, so many in one round trip, under TLS as the others do."""
    login = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    statements = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = pymysql.connect(**login, ssl=context, autocommit=True, client_flag=CLIENT.MULTI_STATEMENTS)
    with connection, connection.cursor() as cursor:
        for first in range(0, len(statements), BATCH):
            cursor.execute(";\n".join(statements[first : first + BATCH]))
            while cursor.nextset():
                pass


if __name__ == "__main__":
    main()
