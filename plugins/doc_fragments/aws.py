# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


class ModuleDocFragment:
    """Options by which a module reaches AWS."""

    DOCUMENTATION = r"""
options:
  region:
    description:
      - The AWS Region.
      - Without it, boto3 looks in E(AWS_REGION), E(AWS_DEFAULT_REGION) and the profile.
    type: str
    aliases: [aws_region, ec2_region]
  profile:
    description:
      - A named profile of the shared AWS configuration.
      - It cannot be combined with O(access_key).
    type: str
    aliases: [aws_profile]
  access_key:
    description:
      - The access key's ID.
      - Without it and without O(profile), boto3's own chain decides (environment, container, instance profile).
    type: str
    aliases: [aws_access_key_id, aws_access_key]
  secret_key:
    description:
      - The secret that belongs to O(access_key).
    type: str
    aliases: [aws_secret_access_key, aws_secret_key]
  session_token:
    description:
      - The session token, where O(access_key) is a temporary one.
    type: str
    aliases: [aws_session_token]
  endpoint_url:
    description:
      - Another address for the service than AWS' own, such as a VPC interface endpoint.
    type: str
    aliases: [aws_endpoint_url]
  aws_ca_bundle:
    description:
      - A file of CA certificates that vouch for the endpoint.
    type: path
  validate_certs:
    description:
      - Whether the endpoint's TLS certificate is checked.
    type: bool
    default: true
"""
