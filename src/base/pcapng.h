/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Captures in the pcapng format (draft-ietf-opsawg-pcapng), for Wireshark and its kin: one
 * section, any number of Ethernet interfaces, times in nanoseconds, and for each packet its
 * direction and comments (why it was dropped, what judged it).
 *
 * The blocks are rendered into a caller's buffer (struct wr), each whole or not at all: one that
 * does not fit sets the cursor's overflow and changes nothing else. struct pcapng_file does the
 * same towards a stdio stream with one buffer of a fixed size.
 */
#ifndef INABA_BASE_PCAPNG_H
#define INABA_BASE_PCAPNG_H

#include "base/wr.h"

#include <stdio.h>

#define PCAPNG_SNAPLEN	    65664  /* holds the largest frame of ours, pkt.h's PKT_LARGE */
#define PCAPNG_SNAPLEN_MAX  262144 /* what readers take for Ethernet */
#define PCAPNG_COMMENTS_MAX 8	   /* of one packet; what is more is left out */
#define PCAPNG_TEXT_MAX	    1020   /* octets of a comment or name; the rest is cut off */

struct pcapng_conf {
	time_ns epoch;	     /* Unix time of time 0, in ns; 0 for times that are Unix times */
	uint32_t snaplen;    /* octets kept of a frame, to PCAPNG_SNAPLEN_MAX; 0: PCAPNG_SNAPLEN */
	const char *comment; /* on the whole capture (seed, commit, scenario), or NULL */
};

/* State of one section. */
struct pcapng {
	time_ns epoch;
	uint32_t snaplen;
	uint32_t n_ifs;
};

enum pcapng_dir {
	PCAPNG_NO_DIR,
	PCAPNG_IN,
	PCAPNG_OUT,
};

/* All borrowed for the time of the call. */
struct pcapng_frame {
	uint32_t iface; /* as returned by pcapng_iface() */
	time_ns when;	/* on the clock whose time 0 is the epoch */
	enum pcapng_dir dir;
	const void *p; /* from the Ethernet header, without FCS */
	uint32_t len;
	const char *comment[PCAPNG_COMMENTS_MAX]; /* UTF-8; up to the first NULL */
};

/** pcapng_begin() - Start a section: write its header. */
void pcapng_begin(struct pcapng *c, struct wr *w, const struct pcapng_conf *conf);

/**
 * pcapng_iface() - Describe one more interface, at any time before its first frame.
 *
 * Return: its number in this section, for pcapng_frame.iface. If the block did not fit, the next
 * call returns the same number.
 */
uint32_t pcapng_iface(struct pcapng *c, struct wr *w, const char *name);

/** pcapng_frame() - Write one frame, cut to the snap length; its original length is noted. */
void pcapng_frame(const struct pcapng *c, struct wr *w, const struct pcapng_frame *f);

/** pcapng_frame_octets() - Exact size of the block that pcapng_frame() would write. */
size_t pcapng_frame_octets(const struct pcapng *c, const struct pcapng_frame *f);

/* A section that goes to a stream. */
struct pcapng_file {
	struct pcapng c;
	FILE *f;
	uint8_t *buf; /* one block */
	size_t size;
	int err; /* the first error; nothing is written behind it */
};

/**
 * pcapng_file_open() - Start a capture on @f.
 * @f:	Borrowed until pcapng_file_close(), which flushes it and leaves it open.
 *
 * Return: 0, or -ENOMEM. Errors of the stream are kept for pcapng_file_close().
 */
int pcapng_file_open(struct pcapng_file *c, FILE *f, const struct pcapng_conf *conf);

/** pcapng_file_iface(), pcapng_file_frame() - As pcapng_iface() and pcapng_frame(). */
uint32_t pcapng_file_iface(struct pcapng_file *c, const char *name);
void pcapng_file_frame(struct pcapng_file *c, const struct pcapng_frame *f);

/**
 * pcapng_file_close() - Flush, and give the buffer back.
 *
 * Return: 0, or the first error of the stream (-ENOSPC, -EPIPE, ...): the capture ends early.
 */
int pcapng_file_close(struct pcapng_file *c);

#endif
