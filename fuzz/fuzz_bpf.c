/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program of classic BPF and a packet, both of the input's: what the check takes ends, reads nothing but
 * the packet, and says the same twice.
 */
#include "base/bpf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROGRAM_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sock_filter f[PROGRAM_MAX];
	struct bpf *b = NULL;
	struct bpf_input in;
	uint8_t *packet;
	size_t n;

	if (size < 4)
		return 0;
	n = MIN((size_t)data[0] % PROGRAM_MAX, (size - 4) / sizeof(f[0]));
	memcpy(f, data + 4, n * sizeof(f[0]));
	data += 4 + n * sizeof(f[0]);
	size -= 4 + n * sizeof(f[0]);
	if (bpf_new(f, n, &b) < 0)
		return 0;
	packet = malloc(size + 1); /* its end is the end of what may be read */
	ASSERT(packet != NULL);
	memcpy(packet, data, size);
	in = (struct bpf_input){ .p = packet,
				 .octets = (uint32_t)size,
				 .data = (uint32_t)MIN(size, (size_t)14),
				 .net = (uint32_t)MIN(size, (size_t)14),
				 .whole = (uint32_t)size };
	ASSERT(bpf_run(b, &in) == bpf_run(b, &in));
	free(packet);
	bpf_free(b);
	return 0;
}
