/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef CRC32C_H
#define CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The CRC32C of the bytes whose CRC is crc (0 for none), followed by these. */
uint32_t crc32c(uint32_t crc, const void *data, size_t length);

/* The CRC32C of two byte strings after each other, of their CRCs and of the second one's length. */
uint32_t crc32c_combine(uint32_t first, uint32_t second, uint64_t second_length);

#endif
