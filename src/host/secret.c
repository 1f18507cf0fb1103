/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_OCTETS (2 * SECRET_OCTETS)

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c);

	return c != '\0' && at != NULL ? (int)(at - digits) : -1;
}

static int parse(const char text[TEXT_OCTETS], uint8_t ret[SECRET_OCTETS])
{
	for (unsigned i = 0; i < SECRET_OCTETS; i++) {
		int hi = digit(text[2 * i]), lo = digit(text[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return -EINVAL;
		ret[i] = (uint8_t)(hi << 4 | lo);
	}
	return 0;
}

static int load(int fd, uint8_t ret[SECRET_OCTETS])
{
	char text[TEXT_OCTETS + 2]; /* a newline, and one octet too many */
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return -EACCES;
	n = read(fd, text, sizeof(text));
	if (n < 0)
		return -errno;
	if (n != TEXT_OCTETS + 1 || text[TEXT_OCTETS] != '\n')
		return -EINVAL;
	return parse(text, ret);
}

static int draw(int fd, uint8_t ret[SECRET_OCTETS])
{
	char text[TEXT_OCTETS + 2];

	if (getrandom(ret, SECRET_OCTETS, 0) != SECRET_OCTETS)
		return -EIO;
	for (unsigned i = 0; i < SECRET_OCTETS; i++)
		snprintf(text + 2 * i, 3, "%02x", ret[i]);
	text[TEXT_OCTETS] = '\n';
	if (write(fd, text, TEXT_OCTETS + 1) != TEXT_OCTETS + 1 || fsync(fd) < 0)
		return errno != 0 ? -errno : -EIO;
	return 0;
}

int secret_load(const char *path, uint8_t ret[SECRET_OCTETS])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;

	if (fd >= 0) {
		rc = load(fd, ret);
		close(fd);
		return rc;
	}
	if (errno != ENOENT)
		return -errno;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return -errno;
	errno = 0;
	rc = draw(fd, ret);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc < 0)
		unlink(path); /* half of it would be refused for ever */
	return rc;
}
