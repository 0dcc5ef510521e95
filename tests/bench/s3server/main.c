/* Copyright (c) 2026 dbferry contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
/* An S3 server for measuring uploads. It keeps what it needs to answer and to tell what has arrived, not the bytes.
 * Listens on a free port of loopback, prints the port, and ends with the process that started it.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "s3.h"

static void *serve(void *argument)
{
    int one = 1;
    struct connection connection = {.descriptor = (int)(intptr_t)argument};
    struct request *request = malloc(sizeof *request);
    connection.buffer = malloc(HEAD_ROOM);
    connection.body = malloc(BODY_ROOM);
    if (!request || !connection.buffer || !connection.body)
        abort();
    setsockopt(connection.descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connection_count++;
    while (!http_read_head(&connection, request) && !s3_serve(&connection, request))
        ;
    close(connection.descriptor);
    connection_count--;
    free(connection.body);
    free(connection.buffer);
    free(request);
    return NULL;
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024) ||
        getsockname(listener, (struct sockaddr *)&address, &length)) {
        perror("s3server");
        return 1;
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        pthread_t thread;
        int descriptor = accept(listener, NULL, NULL);
        if (descriptor < 0)
            continue;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)descriptor))
            close(descriptor);
        else
            pthread_detach(thread);
    }
}
