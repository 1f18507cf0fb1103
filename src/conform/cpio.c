/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernel's Documentation/driver-api/early-userspace/buffer-format.rst: a header of 13 numbers
 * in eight hexadecimal digits each, the name with its NUL, the data; both filled up to four octets.
 */
#include "conform/cpio.h"

#include <sys/stat.h>

#define HEADER_OCTETS 110
#define ALIGN	      4
#define CHUNK	      65536
#define OCTETS_MAX    (1u << 30)

static void fill(FILE *f, size_t octets)
{
	for (; octets % ALIGN != 0; octets++)
		fputc('\0', f);
}

static void header(FILE *f, const char *path, unsigned mode, unsigned octets)
{
	size_t name = strlen(path) + 1;

	/* magic, inode, mode, uid, gid, links, mtime, size, two devices, length of the name, sum */
	fprintf(f, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 0, mode, 0, 0, 1,
		0, octets, 0, 0, 0, 0, (unsigned)name, 0);
	(void)fwrite(path, 1, name, f);
	fill(f, HEADER_OCTETS + name);
}

void cpio_dir(FILE *f, const char *path)
{
	header(f, path, S_IFDIR | 0755, 0);
}

static int copy(FILE *to, FILE *from, size_t octets)
{
	char chunk[CHUNK];
	size_t left = octets;

	while (left > 0) {
		size_t got = fread(chunk, 1, MIN(left, sizeof(chunk)), from);

		if (got == 0)
			return -EIO; /* it has become shorter */
		(void)fwrite(chunk, 1, got, to);
		left -= got;
	}
	fill(to, octets);
	return 0;
}

int cpio_file(FILE *f, const char *path, const char *from)
{
	FILE *in = fopen(from, "rb");
	struct stat st;
	int rc = 0;

	if (in == NULL)
		return -errno;
	if (fstat(fileno(in), &st) < 0)
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	else if (st.st_size > OCTETS_MAX)
		rc = -EFBIG;
	if (rc == 0) {
		header(f, path, S_IFREG | 0755, (unsigned)st.st_size);
		rc = copy(f, in, (size_t)st.st_size);
	}
	fclose(in);
	return rc;
}

void cpio_text(FILE *f, const char *path, const char *text)
{
	header(f, path, S_IFREG | 0644, (unsigned)strlen(text));
	(void)fwrite(text, 1, strlen(text), f);
	fill(f, strlen(text));
}

int cpio_end(FILE *f)
{
	header(f, "TRAILER!!!", 0, 0);
	return fflush(f) != 0 || ferror(f) != 0 ? -EIO : 0;
}
