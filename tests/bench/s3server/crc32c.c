/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "crc32c.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78u /* Castagnoli, bits reversed */

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#define CRC_BYTE(crc, byte) _mm_crc32_u8(crc, byte)
#define CRC_WORD(crc, word) ((uint32_t)_mm_crc32_u64(crc, word))
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define CRC_BYTE(crc, byte) __crc32cb(crc, byte)
#define CRC_WORD(crc, word) __crc32cd(crc, word)
#else
#error "this needs a processor with instructions for CRC32C: compile for SSE 4.2 or for ARMv8's CRC32"
#endif

uint32_t crc32c(uint32_t crc, const void *data, size_t length)
{
    const unsigned char *next = data;
    crc = ~crc;
    for (; length >= sizeof(uint64_t); length -= sizeof(uint64_t), next += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, next, sizeof word);
        crc = CRC_WORD(crc, word);
    }
    for (; length; length--)
        crc = CRC_BYTE(crc, *next++);
    return ~crc;
}

/* The product of two polynomials modulo the CRC's; the highest bit is the power 0. */
static uint32_t multiply(uint32_t a, uint32_t b)
{
    uint32_t product = 0;
    for (uint32_t bit = 1u << 31; bit; bit >>= 1) {
        if (a & bit)
            product ^= b;
        b = b & 1 ? (b >> 1) ^ POLYNOMIAL : b >> 1;
    }
    return product;
}

uint32_t crc32c_combine(uint32_t first, uint32_t second, uint64_t second_length)
{
    /* What follows shifts the first CRC by 8 bits a byte: it is multiplied by x to the power of that many bits. */
    uint32_t power = 1u << 30; /* x to the power of 1, then 2, 4, 8, ... */
    uint32_t shift = 1u << 31; /* x to the power of 0 */
    for (uint64_t bits = second_length * 8; bits; bits >>= 1) {
        if (bits & 1)
            shift = multiply(shift, power);
        power = multiply(power, power);
    }
    return multiply(shift, first) ^ second;
}
