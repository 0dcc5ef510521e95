/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "lists.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 1000

static void add_time(struct text *text, time_t when)
{
    char string[40];
    struct tm parts;
    gmtime_r(&when, &parts);
    strftime(string, sizeof string, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
    text_add(text, "<LastModified>%s</LastModified>", string);
}

static void add_element(struct text *text, const char *element, const char *name, int percent)
{
    text_add(text, "<%s>", element);
    text_name(text, name, percent);
    text_add(text, "</%s>", element);
}

static void add_algorithm(struct text *text, const struct declared *declared)
{
    if (!*declared->algorithm)
        return;
    text_add(text, "<ChecksumAlgorithm>");
    for (const char *c = declared->algorithm; *c; c++)
        text_add(text, "%c", toupper((unsigned char)*c));
    text_add(text, "</ChecksumAlgorithm><ChecksumType>%s</ChecksumType>",
             declared->full_object ? "FULL_OBJECT" : "COMPOSITE");
}

void add_etag(struct text *text, uint32_t crc, unsigned int parts)
{
    text_add(text, "&quot;%032x-%u&quot;", crc, parts);
}

static int is_url_encoding(const struct request *request)
{
    char value[16];
    return http_parameter(request, "encoding-type", value, sizeof value) && !strcmp(value, "url");
}

static size_t page_size(const struct request *request, const char *parameter)
{
    char value[16];
    size_t size = http_parameter(request, parameter, value, sizeof value) ? strtoul(value, NULL, 10) : PAGE;
    return size && size < PAGE ? size : PAGE;
}

void list_objects(const struct request *request, const char *bucket, struct text *body)
{
    char prefix[4096] = "", after[4096] = "", delimiter[8] = "", common[4096] = "", last[4096] = "";
    http_parameter(request, "prefix", prefix, sizeof prefix);
    http_parameter(request, "delimiter", delimiter, sizeof delimiter);
    if (!http_parameter(request, "continuation-token", after, sizeof after) &&
        !http_parameter(request, "start-after", after, sizeof after))
        http_parameter(request, "marker", after, sizeof after);
    int percent = is_url_encoding(request), truncated = 0;
    size_t bucket_length = strlen(bucket), room = page_size(request, "max-keys"), listed = 0, count;
    text_add(body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                   "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>%s</Name>",
             bucket + 1);
    add_element(body, "Prefix", prefix, percent);
    if (percent)
        text_add(body, "<EncodingType>url</EncodingType>");
    struct object **objects = store_sorted(&count);
    for (size_t i = 0; i < count; i++) {
        const struct object *object = objects[i];
        const char *key = object->key + bucket_length + 1;
        if (strncmp(object->key, bucket, bucket_length) || object->key[bucket_length] != '/' ||
            strncmp(key, prefix, strlen(prefix)) || strcmp(key, after) <= 0)
            continue;
        const char *cut = *delimiter ? strstr(key + strlen(prefix), delimiter) : NULL;
        size_t common_length = cut ? (size_t)(cut - key) + strlen(delimiter) : 0;
        if (cut && ((*common && !strncmp(key, common, strlen(common))) || !strncmp(key, after, common_length)))
            continue;
        if (listed++ == room) {
            truncated = 1;
            break;
        }
        if (cut) {
            memcpy(common, key, common_length);
            common[common_length] = 0;
            text_add(body, "<CommonPrefixes>");
            add_element(body, "Prefix", common, percent);
            text_add(body, "</CommonPrefixes>");
            strcpy(last, common);
            continue;
        }
        strcpy(last, key);
        text_add(body, "<Contents>");
        add_element(body, "Key", key, percent);
        add_time(body, object->modified);
        text_add(body, "<ETag>");
        add_etag(body, object->content.crc, object->parts);
        text_add(body, "</ETag><Size>%llu</Size><StorageClass>STANDARD</StorageClass>",
                 (unsigned long long)object->content.size);
        add_algorithm(body, &object->content.declared);
        text_add(body, "</Contents>");
    }
    text_add(body, "<KeyCount>%zu</KeyCount><MaxKeys>%zu</MaxKeys>", listed - (size_t)truncated, room);
    if (truncated) {
        add_element(body, "NextContinuationToken", last, 0);
        add_element(body, "NextMarker", last, percent);
    }
    text_add(body, "<IsTruncated>%s</IsTruncated></ListBucketResult>", truncated ? "true" : "false");
}

void list_uploads(const struct request *request, const char *bucket, struct text *body)
{
    char prefix[4096] = "";
    int percent = is_url_encoding(request);
    size_t bucket_length = strlen(bucket);
    http_parameter(request, "prefix", prefix, sizeof prefix);
    text_add(body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                   "<ListMultipartUploadsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                   "<Bucket>%s</Bucket>%s<IsTruncated>false</IsTruncated>",
             bucket + 1, percent ? "<EncodingType>url</EncodingType>" : "");
    for (const struct upload *upload = store_first_upload(); upload; upload = upload->next) {
        const char *key = upload->key + bucket_length + 1;
        if (strncmp(upload->key, bucket, bucket_length) || upload->key[bucket_length] != '/' ||
            strncmp(key, prefix, strlen(prefix)))
            continue;
        text_add(body, "<Upload>");
        add_element(body, "Key", key, percent);
        text_add(body, "<UploadId>%lu</UploadId><StorageClass>STANDARD</StorageClass>", upload->id);
        add_algorithm(body, &upload->declared);
        text_add(body, "</Upload>");
    }
    text_add(body, "</ListMultipartUploadsResult>");
}

void list_parts(const struct request *request, const struct upload *upload, struct text *body)
{
    char value[16] = "";
    unsigned int number = http_parameter(request, "part-number-marker", value, sizeof value)
                              ? (unsigned int)strtoul(value, NULL, 10)
                              : 0;
    size_t room = page_size(request, "max-parts"), listed = 0;
    unsigned int last = number, truncated = 0;
    text_add(body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                   "<ListPartsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><UploadId>%lu</UploadId>",
             upload->id);
    add_algorithm(body, &upload->declared);
    for (; number < upload->room; number++) {
        const struct part *part = &upload->parts[number];
        if (!part->there)
            continue;
        if (listed++ == room) {
            truncated = 1;
            break;
        }
        last = number + 1;
        text_add(body, "<Part><PartNumber>%u</PartNumber><Size>%llu</Size><ETag>", last,
                 (unsigned long long)part->content.size);
        add_etag(body, part->content.crc, 1);
        text_add(body, "</ETag>");
        if (*part->content.declared.algorithm) {
            char element[32] = "Checksum";
            for (size_t i = 0; part->content.declared.algorithm[i]; i++)
                element[8 + i] = (char)toupper((unsigned char)part->content.declared.algorithm[i]);
            add_element(body, element, part->content.declared.value, 0);
        }
        text_add(body, "</Part>");
    }
    text_add(body, "<NextPartNumberMarker>%u</NextPartNumberMarker><IsTruncated>%s</IsTruncated></ListPartsResult>",
             last, truncated ? "true" : "false");
}
