/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "http.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crc32c.h"

_Atomic uint64_t body_bytes;
_Atomic uint64_t hold_at;

/* Read more into the buffer; 0, or -1 at the end of the connection or of the room. */
static int fill(struct connection *connection)
{
    if (connection->start == connection->end)
        connection->start = connection->end = 0;
    if (connection->end == HEAD_ROOM) {
        memmove(connection->buffer, connection->buffer + connection->start, connection->end - connection->start);
        connection->end -= connection->start;
        connection->start = 0;
    }
    ssize_t count =
        recv(connection->descriptor, connection->buffer + connection->end, HEAD_ROOM - connection->end, 0);
    if (count <= 0)
        return -1;
    connection->end += (size_t)count;
    return 0;
}

/* Take what ends in mark, with the mark, out of the buffer as a string; -1 when it does not come. */
static int take_until(struct connection *connection, const char *mark, char *string, size_t room)
{
    for (;;) {
        char *start = connection->buffer + connection->start;
        char *found = memmem(start, connection->end - connection->start, mark, strlen(mark));
        if (found) {
            size_t length = (size_t)(found - start) + strlen(mark);
            if (length >= room)
                return -1;
            memcpy(string, start, length);
            string[length] = 0;
            connection->start += length;
            return 0;
        }
        if (fill(connection))
            return -1;
    }
}

int http_read_head(struct connection *connection, struct request *request)
{
    request->header_count = 0;
    if (take_until(connection, "\r\n\r\n", request->head, sizeof request->head))
        return -1;
    char *line_end = strstr(request->head, "\r\n");
    *line_end = 0;
    char *blank = strchr(request->head, ' ');
    char *last = strrchr(request->head, ' ');
    if (!blank || last == blank || (size_t)(blank - request->head) >= sizeof request->method)
        return -1;
    *blank = *last = 0;
    strcpy(request->method, request->head);
    request->path = blank + 1;
    request->query = strchr(request->path, '?');
    if (request->query)
        *request->query++ = 0;
    else
        request->query = last;
    percent_decode(request->path, 0);
    for (char *line = line_end + 2; *line && strncmp(line, "\r\n", 2) && request->header_count < 100; line = line_end + 2) {
        line_end = strstr(line, "\r\n");
        *line_end = 0;
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        *colon = 0;
        for (char *c = line; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        char *value = colon + 1;
        request->headers[request->header_count++] = (struct header){line, value + strspn(value, " \t")};
    }
    return 0;
}

const char *http_header(const struct request *request, const char *name)
{
    for (int i = 0; i < request->header_count; i++)
        if (!strcmp(request->headers[i].name, name))
            return request->headers[i].value;
    return NULL;
}

int http_parameter(const struct request *request, const char *name, char *value, size_t room)
{
    size_t length = strlen(name);
    for (const char *next = request->query; *next;) {
        size_t whole = strcspn(next, "&");
        if (whole >= length && !strncmp(next, name, length) && (whole == length || next[length] == '=')) {
            const char *from = next + length + (whole > length);
            snprintf(value, room, "%.*s", (int)(next + whole - from), from);
            percent_decode(value, 1);
            return 1;
        }
        next += whole + (next[whole] == '&');
    }
    return 0;
}

/* Read exactly so many bytes of a body. */
static int take(struct connection *connection, uint64_t count, struct payload *payload, struct text *text)
{
    while (count) {
        char *data = connection->body;
        size_t have = connection->end - connection->start;
        if (have) {
            data = connection->buffer + connection->start;
            have = have < count ? have : (size_t)count;
            connection->start += have;
        } else {
            while (hold_at && body_bytes >= hold_at)
                usleep(1000);
            ssize_t read = recv(connection->descriptor, data, count < BODY_ROOM ? (size_t)count : BODY_ROOM, 0);
            if (read <= 0)
                return -1;
            have = (size_t)read;
        }
        payload->crc = crc32c(payload->crc, data, have);
        payload->size += have;
        body_bytes += have;
        if (text)
            text_bytes(text, data, have);
        count -= have;
    }
    return 0;
}

/* Read a body of S3's content encoding aws-chunked: chunks, then trailers. */
static int take_chunks(struct connection *connection, struct payload *payload, struct text *text)
{
    char line[4096];
    for (;;) {
        if (take_until(connection, "\r\n", line, sizeof line))
            return -1;
        uint64_t size = strtoull(line, NULL, 16);
        if (!size)
            break;
        if (take(connection, size, payload, text) || take_until(connection, "\r\n", line, sizeof line))
            return -1;
    }
    for (;;) {
        if (take_until(connection, "\r\n", line, sizeof line))
            return -1;
        if (!strcmp(line, "\r\n"))
            return 0;
        if (!strncasecmp(line, "x-amz-checksum-", 15))
            sscanf(line, "%39[^:]: %99[^\r]", payload->checksum_name, payload->checksum);
    }
}

int http_read_body(struct connection *connection, const struct request *request, struct payload *payload,
                   struct text *text)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const char *length = http_header(request, "content-length");
    const char *encoding = http_header(request, "content-encoding");
    *payload = (struct payload){0};
    if (http_header(request, "transfer-encoding"))
        return -1;
    if (http_header(request, "expect") && connection->start == connection->end &&
        send(connection->descriptor, go_on, sizeof go_on - 1, MSG_NOSIGNAL) < 0)
        return -1;
    if (encoding && strstr(encoding, "aws-chunked"))
        return take_chunks(connection, payload, text);
    return take(connection, length ? strtoull(length, NULL, 10) : 0, payload, text);
}

int http_answer(struct connection *connection, const struct request *request, int status, const struct text *headers,
                const struct text *body)
{
    struct text answer = {0};
    text_add(&answer, "HTTP/1.1 %d %s\r\nServer: s3server\r\nx-amz-request-id: 0\r\n", status,
             status < 300 ? "OK" : "Error");
    text_bytes(&answer, headers->data, headers->length);
    if (strcmp(request->method, "HEAD") && status != 204)
        text_add(&answer, "Content-Length: %zu\r\n", body->length);
    text_add(&answer, "\r\n");
    if (strcmp(request->method, "HEAD"))
        text_bytes(&answer, body->data, body->length);
    size_t sent = 0;
    while (sent < answer.length) {
        ssize_t count = send(connection->descriptor, answer.data + sent, answer.length - sent, MSG_NOSIGNAL);
        if (count <= 0)
            break;
        sent += (size_t)count;
    }
    int result = sent == answer.length ? 0 : -1;
    text_free(&answer);
    return result;
}
