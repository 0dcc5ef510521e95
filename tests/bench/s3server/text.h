/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

/* Text that grows; begin with {0}, end with text_free. */
struct text {
    char *data;
    size_t length, room;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_bytes(struct text *text, const void *data, size_t length);
/* Add a name so that XML can carry it; percent: in percent-encoding, as S3's encoding-type=url. */
void text_name(struct text *text, const char *name, int percent);
void text_free(struct text *text);

/* Decode percent-encoding in place; plus: a "+" stands for a blank. */
void percent_decode(char *string, int plus);

#endif
