/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A block is: type, total length, body, options, total length again; all in units of four
 * octets. The section's byte-order magic says which end comes first: little, as on this machine.
 */
#include "base/pcapng.h"

#include <stdlib.h>

/* draft-ietf-opsawg-pcapng sections 4.1, 4.2 and 4.3 */
#define BLOCK_SECTION	  0x0a0d0d0au
#define BLOCK_IFACE	  1
#define BLOCK_FRAME	  6
#define BLOCK_OCTETS	  12 /* type and the two lengths */
#define SECTION_BODY	  16
#define IFACE_BODY	  8
#define FRAME_BODY	  20
#define BYTE_ORDER_MAGIC  0x1a2b3c4du
#define LINKTYPE_ETHERNET 1
#define TSRESOL_NS	  9 /* 10^-9 s */

/* section 3.5 */
#define OPT_END		     0
#define OPT_COMMENT	     1
#define OPT_SECTION_USERAPPL 4
#define OPT_IFACE_NAME	     2
#define OPT_IFACE_TSRESOL    9
#define OPT_FRAME_FLAGS	     2
#define OPT_OCTETS	     4 /* code and length */

#define PROGRAM "Inaba"

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static void put16(struct wr *w, uint16_t v)
{
	wr_bytes(w, &v, sizeof(v));
}

static void put32(struct wr *w, uint32_t v)
{
	wr_bytes(w, &v, sizeof(v));
}

static void put_padded(struct wr *w, const void *p, size_t n)
{
	wr_bytes(w, p, n);
	wr_zero(w, padded(n) - n);
}

/* A cut must not fall inside a character. */
static size_t text_len(const char *s)
{
	size_t n = strnlen(s, PCAPNG_TEXT_MAX + 1);

	if (n <= PCAPNG_TEXT_MAX)
		return n;
	for (n = PCAPNG_TEXT_MAX; n > 0 && ((uint8_t)s[n] & 0xc0) == 0x80; n--)
		;
	return n;
}

static size_t text_octets(const char *s)
{
	return OPT_OCTETS + padded(text_len(s));
}

static void put_option(struct wr *w, uint16_t code, const void *p, size_t n)
{
	put16(w, code);
	put16(w, (uint16_t)n);
	put_padded(w, p, n);
}

static void put_text(struct wr *w, uint16_t code, const char *s)
{
	put_option(w, code, s, text_len(s));
}

/* Room for a whole block, its frame filled in, and a cursor over what lies between. */
static bool begin_block(struct wr *w, uint32_t type, size_t octets, struct wr *body)
{
	uint8_t *p = wr_take(w, octets);

	if (p == NULL)
		return false;
	*body = wr_of(p, octets);
	put32(body, type);
	put32(body, (uint32_t)octets);
	return true;
}

static void end_block(struct wr *body)
{
	put32(body, (uint32_t)(wr_len(body) + body->left));
	ASSERT(!body->overflow && body->left == 0);
}

static uint32_t snaplen_of(const struct pcapng_conf *conf)
{
	ASSERT(conf->snaplen <= PCAPNG_SNAPLEN_MAX);
	return conf->snaplen != 0 ? conf->snaplen : PCAPNG_SNAPLEN;
}

void pcapng_begin(struct pcapng *c, struct wr *w, const struct pcapng_conf *conf)
{
	size_t octets = BLOCK_OCTETS + SECTION_BODY + text_octets(PROGRAM) + OPT_OCTETS;
	struct wr b;

	*c = (struct pcapng){
		.epoch = conf->epoch,
		.snaplen = snaplen_of(conf),
	};
	if (conf->comment != NULL)
		octets += text_octets(conf->comment);
	if (!begin_block(w, BLOCK_SECTION, octets, &b))
		return;
	put32(&b, BYTE_ORDER_MAGIC);
	put16(&b, 1); /* version 1.0 */
	put16(&b, 0);
	put32(&b, UINT32_MAX); /* length of the section, 64 bits: not known */
	put32(&b, UINT32_MAX);
	if (conf->comment != NULL)
		put_text(&b, OPT_COMMENT, conf->comment);
	put_text(&b, OPT_SECTION_USERAPPL, PROGRAM);
	put_option(&b, OPT_END, NULL, 0);
	end_block(&b);
}

uint32_t pcapng_iface(struct pcapng *c, struct wr *w, const char *name)
{
	size_t octets = BLOCK_OCTETS + IFACE_BODY + text_octets(name) + OPT_OCTETS + padded(1) +
			OPT_OCTETS;
	struct wr b;

	if (!begin_block(w, BLOCK_IFACE, octets, &b))
		return c->n_ifs;
	put16(&b, LINKTYPE_ETHERNET);
	put16(&b, 0);
	put32(&b, c->snaplen);
	put_text(&b, OPT_IFACE_NAME, name);
	put_option(&b, OPT_IFACE_TSRESOL, (const uint8_t[]){ TSRESOL_NS }, 1);
	put_option(&b, OPT_END, NULL, 0);
	end_block(&b);
	return c->n_ifs++;
}

static size_t options_octets(const struct pcapng_frame *f)
{
	size_t n = f->dir != PCAPNG_NO_DIR ? OPT_OCTETS + sizeof(uint32_t) : 0;

	for (unsigned i = 0; i < PCAPNG_COMMENTS_MAX && f->comment[i] != NULL; i++)
		n += text_octets(f->comment[i]);
	return n != 0 ? n + OPT_OCTETS : 0;
}

static void put_options(struct wr *b, const struct pcapng_frame *f)
{
	uint32_t flags = f->dir; /* bits 0 and 1: 01 inbound, 10 outbound */

	if (f->dir != PCAPNG_NO_DIR)
		put_option(b, OPT_FRAME_FLAGS, &flags, sizeof(flags));
	for (unsigned i = 0; i < PCAPNG_COMMENTS_MAX && f->comment[i] != NULL; i++)
		put_text(b, OPT_COMMENT, f->comment[i]);
	if (f->dir != PCAPNG_NO_DIR || f->comment[0] != NULL)
		put_option(b, OPT_END, NULL, 0);
}

size_t pcapng_frame_octets(const struct pcapng *c, const struct pcapng_frame *f)
{
	return BLOCK_OCTETS + FRAME_BODY + padded(MIN(f->len, c->snaplen)) + options_octets(f);
}

void pcapng_frame(const struct pcapng *c, struct wr *w, const struct pcapng_frame *f)
{
	time_ns when = time_after(c->epoch, f->when);
	uint32_t kept = MIN(f->len, c->snaplen);
	struct wr b;

	ASSERT(w->overflow || f->iface < c->n_ifs); /* or readers refuse the file */
	if (!begin_block(w, BLOCK_FRAME, pcapng_frame_octets(c, f), &b))
		return;
	put32(&b, f->iface);
	put32(&b, (uint32_t)(when >> 32));
	put32(&b, (uint32_t)when);
	put32(&b, kept);
	put32(&b, f->len);
	put_padded(&b, f->p, kept);
	put_options(&b, f);
	end_block(&b);
}

/* Octets of the largest block there can be. */
static size_t block_max(uint32_t snaplen)
{
	return BLOCK_OCTETS + FRAME_BODY + padded(snaplen) + OPT_OCTETS + sizeof(uint32_t) +
	       PCAPNG_COMMENTS_MAX * (OPT_OCTETS + padded(PCAPNG_TEXT_MAX)) + OPT_OCTETS;
}

/* Write out what @w holds of c->buf. */
static void flush_block(struct pcapng_file *c, const struct wr *w)
{
	ASSERT(!w->overflow);
	if (c->err != 0)
		return;
	errno = 0;
	if (fwrite(c->buf, 1, wr_len(w), c->f) != wr_len(w))
		c->err = errno != 0 ? -errno : -EIO;
}

int pcapng_file_open(struct pcapng_file *c, FILE *f, const struct pcapng_conf *conf)
{
	size_t size = block_max(snaplen_of(conf));
	uint8_t *buf = malloc(size);
	struct wr w = wr_of(buf, size);

	if (buf == NULL)
		return -ENOMEM;
	*c = (struct pcapng_file){ .f = f, .buf = buf, .size = size };
	pcapng_begin(&c->c, &w, conf);
	flush_block(c, &w);
	return 0;
}

uint32_t pcapng_file_iface(struct pcapng_file *c, const char *name)
{
	struct wr w = wr_of(c->buf, c->size);
	uint32_t iface = pcapng_iface(&c->c, &w, name);

	flush_block(c, &w);
	return iface;
}

void pcapng_file_frame(struct pcapng_file *c, const struct pcapng_frame *f)
{
	struct wr w = wr_of(c->buf, c->size);

	pcapng_frame(&c->c, &w, f);
	flush_block(c, &w);
}

int pcapng_file_close(struct pcapng_file *c)
{
	int err = c->err;

	if (err == 0 && fflush(c->f) != 0)
		err = -errno;
	free(c->buf);
	*c = (struct pcapng_file){ 0 };
	return err;
}
