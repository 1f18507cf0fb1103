/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef INABA_CMD_STATUS_TEXT_H
#define INABA_CMD_STATUS_TEXT_H

#include <jansson.h>
#include <stdio.h>

/** status_text() - Print a node's state (the object of node/status.h) for people. */
void status_text(const json_t *root, FILE *to);

#endif
