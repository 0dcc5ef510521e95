/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STORE_H
#define STORE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* A checksum as a client declares it; empty strings where it declares none. */
struct declared {
    char algorithm[16]; /* such as "crc64nvme" */
    char value[100];
    int full_object;
};

/* What is known of bytes that arrived: they themselves are not kept. */
struct content {
    uint64_t size;
    uint32_t crc; /* CRC32C, computed here */
    struct declared declared;
};

struct object {
    char *key; /* with the bucket: "/bucket/key" */
    struct content content;
    unsigned int parts;
    time_t modified;
    struct object *next;
};

struct part {
    int there;
    struct content content;
};

struct upload {
    unsigned long id;
    char *key;
    struct declared declared;
    struct part *parts; /* by number - 1 */
    unsigned int room;  /* of parts */
    struct upload *next;
};

/* Whoever reads or changes what the functions below give, or calls them, holds this lock. */
void store_lock(void);
void store_unlock(void);

void store_put(const char *key, const struct content *content, unsigned int parts);
struct object *store_find(const char *key);
void store_remove(const char *key);
/* All objects, ordered by key. */
struct object **store_sorted(size_t *count);

struct upload *store_create_upload(const char *key);
struct upload *store_find_upload(const char *key, unsigned long id);
struct upload *store_first_upload(void);
/* The part of that number, from 1 on, made where it is missing. */
struct part *store_part(struct upload *upload, unsigned int number);
void store_remove_upload(struct upload *upload);

/* Forget all objects and uploads. */
void store_reset(void);

#endif
