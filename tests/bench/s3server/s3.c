/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "crc32c.h"
#include "lists.h"
#include "store.h"

_Atomic unsigned long request_count;
_Atomic unsigned int connection_count;

struct answer {
    int status;
    struct text headers, body;
};

static void refuse(struct answer *answer, int status, const char *code)
{
    answer->status = status;
    text_add(&answer->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>%s</Message></Error>",
             code, code);
}

/* What the client declares: a checksum in a header or in a trailer. */
static struct declared declaration(const struct request *request, const struct payload *payload)
{
    static const char *const algorithms[] = {"crc64nvme", "crc32c", "crc32", "sha1", "sha256"};
    struct declared declared = {.full_object = 1};
    const char *type = http_header(request, "x-amz-checksum-type");
    if (type && !strcmp(type, "COMPOSITE"))
        declared.full_object = 0;
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        char name[40];
        snprintf(name, sizeof name, "x-amz-checksum-%s", algorithms[i]);
        const char *value = http_header(request, name);
        if (!value && payload && !strcasecmp(payload->checksum_name, name))
            value = payload->checksum;
        if (value) {
            snprintf(declared.algorithm, sizeof declared.algorithm, "%s", algorithms[i]);
            snprintf(declared.value, sizeof declared.value, "%s", value);
        }
    }
    return declared;
}

static void add_declared(struct text *headers, const struct declared *declared)
{
    if (*declared->algorithm)
        text_add(headers, "x-amz-checksum-%s: %s\r\nx-amz-checksum-type: %s\r\n", declared->algorithm, declared->value,
                 declared->full_object ? "FULL_OBJECT" : "COMPOSITE");
}

static void add_etag_header(struct text *headers, uint32_t crc, unsigned int parts)
{
    text_add(headers, "ETag: \"%032x-%u\"\r\n", crc, parts);
}

static struct upload *wanted_upload(const struct request *request, struct answer *answer)
{
    char id[32] = "";
    http_parameter(request, "uploadId", id, sizeof id);
    struct upload *upload = store_find_upload(request->path, strtoul(id, NULL, 10));
    if (!upload)
        refuse(answer, 404, "NoSuchUpload");
    return upload;
}

static void put(const struct request *request, const struct payload *payload, struct answer *answer)
{
    char number[16];
    struct content content = {payload->size, payload->crc, declaration(request, payload)};
    if (http_header(request, "x-amz-copy-source")) {
        refuse(answer, 501, "NotImplemented");
        return;
    }
    if (http_parameter(request, "partNumber", number, sizeof number)) {
        unsigned long value = strtoul(number, NULL, 10);
        struct upload *upload = wanted_upload(request, answer);
        if (!upload)
            return;
        if (value < 1 || value > 10000) {
            refuse(answer, 400, "InvalidArgument");
            return;
        }
        *store_part(upload, (unsigned int)value) = (struct part){1, content};
    } else {
        store_put(request->path, &content, 1);
    }
    add_etag_header(&answer->headers, payload->crc, 1);
    add_declared(&answer->headers, &content.declared);
}

static void create_upload(const struct request *request, struct answer *answer)
{
    struct upload *upload = store_create_upload(request->path);
    const char *algorithm = http_header(request, "x-amz-checksum-algorithm");
    upload->declared = declaration(request, NULL);
    if (algorithm)
        for (size_t i = 0; algorithm[i] && i + 1 < sizeof upload->declared.algorithm; i++)
            upload->declared.algorithm[i] = (char)(algorithm[i] | ('A' <= algorithm[i] && algorithm[i] <= 'Z' ? 32 : 0));
    text_add(&answer->body,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
             "<InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>bucket</Bucket>"
             "<Key>key</Key><UploadId>%lu</UploadId></InitiateMultipartUploadResult>",
             upload->id);
}

static void complete_upload(const struct request *request, const struct text *sent, struct answer *answer)
{
    struct upload *upload = wanted_upload(request, answer);
    if (!upload)
        return;
    struct content content = {.declared = declaration(request, NULL)};
    unsigned int there = 0, named = 0;
    for (unsigned int i = 0; i < upload->room; i++) {
        const struct part *part = &upload->parts[i];
        if (!part->there)
            continue;
        there++;
        content.crc = crc32c_combine(content.crc, part->content.crc, part->content.size);
        content.size += part->content.size;
    }
    const char *end = sent->data + sent->length;
    for (const char *next = sent->data; next && (next = memmem(next, (size_t)(end - next), "<PartNumber>", 12)); next++)
        named++;
    if (!there || named != there) {
        refuse(answer, 400, "InvalidPart");
        return;
    }
    store_put(request->path, &content, there);
    store_remove_upload(upload);
    text_add(&answer->body,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
             "<CompleteMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Location>l</Location>"
             "<Bucket>bucket</Bucket><Key>key</Key><ETag>");
    add_etag(&answer->body, content.crc, there);
    text_add(&answer->body, "</ETag></CompleteMultipartUploadResult>");
}

static void head_object(const struct request *request, struct answer *answer)
{
    const struct object *object = store_find(request->path);
    if (!object) {
        answer->status = 404;
        return;
    }
    char when[64];
    struct tm parts;
    gmtime_r(&object->modified, &parts);
    strftime(when, sizeof when, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text_add(&answer->headers, "Last-Modified: %s\r\nContent-Length: %llu\r\nContent-Type: binary/octet-stream\r\n", when,
             (unsigned long long)object->content.size);
    add_etag_header(&answer->headers, object->content.crc, object->parts);
    add_declared(&answer->headers, &object->content.declared);
}

static void serve_object(const struct request *request, const struct payload *payload, const struct text *sent,
                         struct answer *answer)
{
    char value[16];
    const char *method = request->method;
    int uploads = http_parameter(request, "uploads", value, sizeof value);
    int upload_id = http_parameter(request, "uploadId", value, sizeof value);
    if (!strcmp(method, "PUT"))
        put(request, payload, answer);
    else if (!strcmp(method, "POST") && uploads)
        create_upload(request, answer);
    else if (!strcmp(method, "POST") && upload_id)
        complete_upload(request, sent, answer);
    else if (!strcmp(method, "HEAD"))
        head_object(request, answer);
    else if (!strcmp(method, "GET") && upload_id) {
        const struct upload *upload = wanted_upload(request, answer);
        if (upload)
            list_parts(request, upload, &answer->body);
    } else if (!strcmp(method, "GET") && !store_find(request->path))
        refuse(answer, 404, "NoSuchKey");
    else if (!strcmp(method, "DELETE")) {
        answer->status = 204;
        struct upload *upload = upload_id ? wanted_upload(request, answer) : NULL;
        if (upload)
            store_remove_upload(upload);
        else if (!upload_id)
            store_remove(request->path);
    } else
        refuse(answer, 501, "NotImplemented");
}

static void serve_bucket(const struct request *request, const char *bucket, struct answer *answer)
{
    char value[16];
    if (!strcmp(request->method, "HEAD") || !strcmp(request->method, "PUT"))
        text_add(&answer->headers, "x-amz-bucket-region: us-east-1\r\n");
    else if (strcmp(request->method, "GET"))
        refuse(answer, 501, "NotImplemented");
    else if (http_parameter(request, "location", value, sizeof value))
        text_add(&answer->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><LocationConstraint/>");
    else if (http_parameter(request, "uploads", value, sizeof value))
        list_uploads(request, bucket, &answer->body);
    else
        list_objects(request, bucket, &answer->body);
}

/* What the measuring program asks for: counters, what has arrived, an empty store, and to stop reading. */
static void serve_control(const struct request *request, struct answer *answer)
{
    char value[32];
    if (!strcmp(request->path, "/-/hold")) {
        hold_at = http_parameter(request, "bytes", value, sizeof value) ? strtoull(value, NULL, 10) : 0;
    } else if (!strcmp(request->path, "/-/reset")) {
        store_reset();
        request_count = 0;
        body_bytes = 0;
    } else if (!strcmp(request->path, "/-/objects")) {
        size_t count;
        struct object **objects = store_sorted(&count);
        for (size_t i = 0; i < count; i++) {
            text_add(&answer->body, "%llu %u ", (unsigned long long)objects[i]->content.size, objects[i]->content.crc);
            text_name(&answer->body, objects[i]->key, 1);
            text_add(&answer->body, "\n");
        }
    } else {
        struct rusage usage;
        size_t count, uploads = 0;
        getrusage(RUSAGE_SELF, &usage);
        store_sorted(&count);
        for (const struct upload *upload = store_first_upload(); upload; upload = upload->next)
            uploads++;
        text_add(&answer->body, "{\"requests\": %lu, \"bytes\": %llu, \"objects\": %zu, \"uploads\": %zu, \"connections\": %u, "
                 "\"cpu_s\": %.6f}",
                 request_count, (unsigned long long)body_bytes, count, uploads, connection_count,
                 (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    }
}

int s3_serve(struct connection *connection, const struct request *request)
{
    struct answer answer = {.status = 200};
    struct payload payload;
    struct text sent = {0};
    int result = http_read_body(connection, request, &payload, strcmp(request->method, "POST") ? NULL : &sent);
    if (!result) {
        store_lock();
        char *slash = strchr(request->path + 1, '/');
        if (!strncmp(request->path, "/-/", 3)) {
            serve_control(request, &answer);
        } else if (slash && slash[1]) {
            request_count++;
            serve_object(request, &payload, &sent, &answer);
        } else {
            request_count++;
            if (slash)
                *slash = 0;
            serve_bucket(request, request->path, &answer);
        }
        store_unlock();
        result = http_answer(connection, request, answer.status, &answer.headers, &answer.body);
    }
    text_free(&answer.headers);
    text_free(&answer.body);
    text_free(&sent);
    return result;
}
