# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


class ModuleDocFragment:
    """Options of a long module whose credentials are minted for it, and renewed while it works."""

    DOCUMENTATION = r"""
options:
  scoped_credentials:
    description:
      - >-
        Has credentials for exactly this bucket and prefix minted on the controller, by
        M(dbferry.aurora_mysql.s3_prefix_credentials), handed to the managed host, and renewed there before they expire,
        however long the task runs. The task's own AWS options then belong to the controller and never reach the host.
      - >-
        V(controller) names the host that mints (default V(localhost)). With V(endpoint=true) it also finds the endpoint
        and the Region for the managed host, which then needs no boto3. All other members are options of
        M(dbferry.aurora_mysql.s3_prefix_credentials), such as V(role_arn), V(duration), V(delete) and V(kms_key_id).
        An empty dictionary is enough; without one, the task's own AWS options are the host's.
      - >-
        It is the action plugin of the same name that does this. Set C(ansible_pipelining=true), so that credentials
        travel on standard input and never rest in a file on the host; they are not renewed without it.
    type: dict
  credentials_socket:
    description:
      - >-
        Path of a Unix socket on which the module takes fresh credentials while it works. The module makes its directory
        with mode 0700, which may not be there yet, and removes it at the end.
      - O(scoped_credentials) sets it.
    type: path
  credentials_expiration:
    description:
      - When O(session_token) expires, ISO 8601 in UTC, such as V(2026-01-02T03:04:05Z).
      - O(scoped_credentials) sets it.
    type: str
"""
