/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef S3_H
#define S3_H

#include "http.h"

/* Requests that were answered. */
extern _Atomic unsigned long request_count;
/* Connections that are open now. */
extern _Atomic unsigned int connection_count;

/* Read a request's body, carry the request out and answer it; -1 when the connection has ended. */
int s3_serve(struct connection *connection, const struct request *request);

#endif
