/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdint.h>

#include "text.h"

#define HEAD_ROOM 65536
#define BODY_ROOM 262144 /* in the processor's cache, so that the CRC does not wait for memory */

/* A connection, with what was read of it and not yet used. */
struct connection {
    int descriptor;
    char *buffer; /* HEAD_ROOM bytes */
    size_t start, end;
    char *body; /* BODY_ROOM bytes */
};

struct header {
    char *name, *value;
};

struct request {
    char method[16];
    char *path;  /* decoded, begins with "/" */
    char *query; /* as it came, without "?" */
    char head[HEAD_ROOM];
    struct header headers[100];
    int header_count;
};

struct payload {
    uint64_t size;
    uint32_t crc;
    char checksum_name[40], checksum[100]; /* what the client says of it in a trailer; else empty */
};

/* Bytes of bodies that have arrived. */
extern _Atomic uint64_t body_bytes;
/* Once so many have arrived no more are read; 0: never. */
extern _Atomic uint64_t hold_at;

/* Read the next request's head; 0 when there is one, -1 when the connection has ended. */
int http_read_head(struct connection *connection, struct request *request);
/* The value of a header, NULL where it is missing; name in lower case. */
const char *http_header(const struct request *request, const char *name);
/* Copy a decoded parameter of the query to value; 1 where it is there. */
int http_parameter(const struct request *request, const char *name, char *value, size_t room);
/* Read the body and keep its size and CRC32C alone; text: keep it there, too. 0, or -1 when the connection has ended. */
int http_read_body(struct connection *connection, const struct request *request, struct payload *payload,
                   struct text *text);
/* Send an answer; headers: whole lines. 0, or -1 when the connection has ended. */
int http_answer(struct connection *connection, const struct request *request, int status, const struct text *headers,
                const struct text *body);

#endif
