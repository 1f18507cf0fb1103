/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any octets as a response to a question: the first octet chooses the question, and whether id and
 * question are put in front of the rest, so that what is behind them is reached. Whatever it says is
 * within bounds.
 */
#include "node/dnsmsg.h"

/* prototype for -Wmissing-prototypes; libFuzzer calls it */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ID	   0x1234
#define COUNTS_OFF 6
#define MSG_MAX	   70000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t msg[MSG_MAX];
	struct wr w = wr_of(msg, sizeof(msg));
	struct dns_reply r;
	struct dname name;

	if (size < 7 || size > MSG_MAX - DNS_QUERY_OCTETS)
		return 0;
	ASSERT(dname_parse(data[0] & 1 ? "www.example.com" : "a", &name) == 0);
	if (data[0] & 2) {
		dns_query_build(&w, ID, &name);
		msg[2] = 0x80; /* a response, with the counts of the input */
		memcpy(msg + COUNTS_OFF, data + 1, 6);
		data += 7;
		size -= 7;
	}
	wr_bytes(&w, data, size);
	ASSERT(!w.overflow);
	dns_reply_parse(rd_of(msg, wr_len(&w)), ID, &name, &r);
	ASSERT(r.n <= DNS_ADDRS_MAX && (r.n > 0) == (r.verdict == DNS_ADDRS));
	if (r.verdict == DNS_ADDRS || r.verdict == DNS_NO_ADDR) {
		struct rd in = rd_of(r.canonical.b, r.canonical.octets);
		struct dname again;

		ASSERT(dname_take(&in, &again) && in.left == 0);
		ASSERT(dname_eq(&again, &r.canonical));
	}
	return 0;
}
