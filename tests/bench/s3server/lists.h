/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef LISTS_H
#define LISTS_H

#include "http.h"
#include "store.h"

/* S3's ListObjectsV2 (and the older ListObjects), ListMultipartUploads and ListParts, as XML. */
void list_objects(const struct request *request, const char *bucket, struct text *body);
void list_uploads(const struct request *request, const char *bucket, struct text *body);
void list_parts(const struct request *request, const struct upload *upload, struct text *body);

/* The entity tag of an object or of a part: opaque, not the MD5. */
void add_etag(struct text *text, uint32_t crc, unsigned int parts);

#endif
