/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 65536

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct object *table[BUCKETS];
static size_t object_count;
static struct object **sorted; /* NULL: to be made anew */
static struct upload *uploads;
static unsigned long last_upload;

void store_lock(void) { pthread_mutex_lock(&lock); }

void store_unlock(void) { pthread_mutex_unlock(&lock); }

static void changed(void)
{
    free(sorted);
    sorted = NULL;
}

/* Where the pointer to the object of that key is or belongs. */
static struct object **place(const char *key)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (const char *c = key; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    struct object **next = &table[hash % BUCKETS];
    while (*next && strcmp((*next)->key, key))
        next = &(*next)->next;
    return next;
}

struct object *store_find(const char *key) { return *place(key); }

void store_put(const char *key, const struct content *content, unsigned int parts)
{
    struct object **where = place(key);
    if (!*where) {
        *where = calloc(1, sizeof **where);
        (*where)->key = strdup(key);
        object_count++;
    }
    (*where)->content = *content;
    (*where)->parts = parts;
    (*where)->modified = time(NULL);
    changed();
}

void store_remove(const char *key)
{
    struct object **where = place(key);
    struct object *object = *where;
    if (!object)
        return;
    *where = object->next;
    free(object->key);
    free(object);
    object_count--;
    changed();
}

static int by_key(const void *left, const void *right)
{
    return strcmp((*(struct object *const *)left)->key, (*(struct object *const *)right)->key);
}

struct object **store_sorted(size_t *count)
{
    *count = object_count;
    if (!sorted) {
        size_t filled = 0;
        sorted = malloc((object_count + 1) * sizeof *sorted);
        for (size_t i = 0; i < BUCKETS; i++)
            for (struct object *object = table[i]; object; object = object->next)
                sorted[filled++] = object;
        qsort(sorted, filled, sizeof *sorted, by_key);
    }
    return sorted;
}

struct upload *store_create_upload(const char *key)
{
    struct upload *upload = calloc(1, sizeof *upload);
    upload->id = ++last_upload;
    upload->key = strdup(key);
    upload->next = uploads;
    uploads = upload;
    return upload;
}

struct upload *store_first_upload(void) { return uploads; }

struct upload *store_find_upload(const char *key, unsigned long id)
{
    struct upload *upload = uploads;
    while (upload && (upload->id != id || strcmp(upload->key, key)))
        upload = upload->next;
    return upload;
}

struct part *store_part(struct upload *upload, unsigned int number)
{
    if (number > upload->room) {
        unsigned int room = number * 2;
        upload->parts = realloc(upload->parts, room * sizeof *upload->parts);
        memset(upload->parts + upload->room, 0, (room - upload->room) * sizeof *upload->parts);
        upload->room = room;
    }
    return &upload->parts[number - 1];
}

void store_remove_upload(struct upload *upload)
{
    struct upload **next = &uploads;
    while (*next != upload)
        next = &(*next)->next;
    *next = upload->next;
    free(upload->parts);
    free(upload->key);
    free(upload);
}

void store_reset(void)
{
    changed();
    for (size_t i = 0; i < BUCKETS; i++)
        while (table[i])
            store_remove(table[i]->key);
    while (uploads)
        store_remove_upload(uploads);
}
