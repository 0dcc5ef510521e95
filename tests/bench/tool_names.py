# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tools and ways are called in rows and tables."""

OURS = "s3_tree"
CLASSIC = "aws s3 sync, classic"
CRT = "aws s3 sync, CRT"
S5CMD = "s5cmd"
RCLONE = "rclone"
S3_SYNC = "community.aws.s3_sync"

RESUME_KILLED = "s3_tree, killed at half"
RESUME_NEXT = "s3_tree, the next run"

PIPELINE_OURS = "xtrabackup_s3"
PIPELINE_GUIDE = "backup, gzip, split, aws s3 cp"
PIPELINE_PLAIN = "backup, split, aws s3 cp"
