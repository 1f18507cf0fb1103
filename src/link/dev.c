/* SPDX-License-Identifier: BSD-3-Clause */
#include "link/dev.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/random.h>

#define MAC_GROUP 0x01
#define MAC_LOCAL 0x02

static const struct {
	const char *prefix;
	int (*open)(const char *name, struct dev **ret, char err[DEV_ERR_MAX]);
} kinds[] = {
	{ "tap:", dev_tap_open },
	{ "packet:", dev_packet_open },
	{ "wire:", dev_seg_open },
};

int dev_open(const char *spec, struct dev **ret, char err[DEV_ERR_MAX])
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t n = strlen(kinds[i].prefix);

		if (strncmp(spec, kinds[i].prefix, n) == 0)
			return kinds[i].open(spec + n, ret, err);
	}
	return dev_fail(err, -EINVAL, "%.80s: a device is tap:NAME, packet:NAME or wire:SEGMENT",
			spec);
}

void dev_close(struct dev *d)
{
	if (d != NULL)
		d->ops->close(d);
}

void dev_count_drops(struct dev *d, uint64_t n, enum drop why)
{
	d->drops[why] += n;
	d->n_drops += n;
}

void dev_drop(struct dev *d, struct pkt *pkt, enum drop why)
{
	dev_count_drops(d, 1, why);
	pkt_free(pkt);
}

int dev_fail(char err[DEV_ERR_MAX], int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err, DEV_ERR_MAX, fmt, ap);
	va_end(ap);
	return code;
}

void dev_random(void *p, size_t n)
{
	/* Up to 256 octets come whole and cannot be interrupted: getrandom(2). */
	ASSERT(n <= 256 && getrandom(p, n, 0) == (ssize_t)n);
}

struct mac dev_random_mac(void)
{
	struct mac m;

	dev_random(m.b, sizeof(m.b));
	m.b[0] = (uint8_t)((m.b[0] & ~MAC_GROUP) | MAC_LOCAL);
	return m;
}
