/* SPDX-License-Identifier: BSD-3-Clause */
/* An archive as kernels read it for their first root file system: cpio in its "newc" form. */
#ifndef INABA_CONFORM_CPIO_H
#define INABA_CONFORM_CPIO_H

#include <stdio.h>

#include "base/base.h"

/** cpio_dir() - A directory; those above it come first. @path without a leading "/". */
void cpio_dir(FILE *f, const char *path);

/** cpio_file() - @from as the file @path, to be run by all. Return: 0, or a negative errno. */
int cpio_file(FILE *f, const char *path, const char *from);

/** cpio_text() - A file with this in it. */
void cpio_text(FILE *f, const char *path, const char *text);

/** cpio_end() - The last entry. Return: 0, or a negative errno of anything that was written. */
int cpio_end(FILE *f);

#endif
