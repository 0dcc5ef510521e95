/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *reserve(struct text *text, size_t length)
{
    if (text->room - text->length <= length) {
        text->room = (text->length + length + 1) * 2;
        text->data = realloc(text->data, text->room);
        if (!text->data)
            abort();
    }
    return text->data + text->length;
}

void text_bytes(struct text *text, const void *data, size_t length)
{
    memcpy(reserve(text, length), data, length);
    text->length += length;
}

void text_add(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    vsnprintf(reserve(text, (size_t)length), (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void text_name(struct text *text, const char *name, int percent)
{
    for (const char *next = name; *next; next++) {
        unsigned char c = (unsigned char)*next;
        if (percent && !isalnum(c) && !strchr("-._~/", c))
            text_add(text, "%%%02X", c);
        else if (c == '&')
            text_add(text, "&amp;");
        else if (c == '<')
            text_add(text, "&lt;");
        else if (c == '>')
            text_add(text, "&gt;");
        else
            text_bytes(text, next, 1);
    }
}

void text_free(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

void percent_decode(char *string, int plus)
{
    char *end = string;
    for (const char *next = string; *next; next++) {
        unsigned int value;
        if (*next == '%' && sscanf(next + 1, "%2x", &value) == 1) {
            *end++ = (char)value;
            next += 2;
        } else {
            *end++ = plus && *next == '+' ? ' ' : *next;
        }
    }
    *end = 0;
}
