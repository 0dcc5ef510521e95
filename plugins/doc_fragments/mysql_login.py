# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


class ModuleDocFragment:
    """Options by which a module reaches a MySQL server."""

    DOCUMENTATION = r"""
options:
  login_host:
    description:
      - Host name or address of the server.
    type: str
    default: localhost
  login_port:
    description:
      - TCP port of the server.
    type: int
    default: 3306
  login_user:
    description:
      - The account to log in with. Without it, the option file's, else the operating system user's name.
    type: str
  login_password:
    description:
      - The account's password.
    type: str
  login_unix_socket:
    description:
      - Path of the server's socket file. Where it is given, O(login_host) and O(login_port) are not used.
    type: str
  config_file:
    description:
      - A MySQL option file whose C([client]) group gives the login values that the task does not.
    type: path
  connect_timeout:
    description:
      - Seconds to wait for the connection.
    type: int
    default: 30
  ssl_mode:
    description:
      - How TLS is used, in MySQL's own terms.
      - V(preferred) encrypts when the server offers TLS, V(required) refuses a connection in clear,
        V(verify_ca) also checks the certificate against O(ca_cert), V(verify_identity) also the host name.
      - TLS is not used on a socket file.
    type: str
    default: preferred
    choices: [disabled, preferred, required, verify_ca, verify_identity]
  ca_cert:
    description:
      - File of the CA certificates that vouch for the server.
    type: path
  client_cert:
    description:
      - File of the client's certificate.
    type: path
  client_key:
    description:
      - File of the client certificate's key.
    type: path
"""
