/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the robustness suites share. Each of their parts sends a packet that an RFC forbids and
 * shows three things: the device does no more about it than the clause says, it is alive
 * afterwards, and the case would have seen the effect, since a good twin of the packet has it.
 *
 * TR3 is the witness: it pings and does nothing else, so whoever aims a packet at the device's
 * state is unknown to it before.
 */
#ifndef INABA_CONFORM_ROBUST_H
#define INABA_CONFORM_ROBUST_H

#include "conform/message.h"

#define ERROR_GAP NS_PER_S /* between errors: RFC 4443 section 2.4 (f) limits their rate */
#define PIECE_ID  0x1ba9

/* Nobody on the links has it. */
extern const struct ip6_addr far;

/* Whatever the other fields are. */
extern const struct pv any_echo_reply, any_na, any_ra;

/** alive() - It answers the witness. */
void alive(struct tester *t);

/** ignored() - Station @from sends @bad: nothing comes, and the device is alive before and after. */
void ignored(struct tester *t, enum station_id from, const struct pv *bad);

/** discarded() - As ignored(), but an error message may come. An echo reply may not. */
void discarded(struct tester *t, enum station_id from, const struct pv *bad);

/** answered() - Echo request @good is answered. */
void answered(struct tester *t, enum station_id from, const struct pv *good);

/** refused() - @bad is answered by one Parameter Problem and nothing else; alive afterwards. */
void refused(struct tester *t, enum station_id from, const struct pv *bad, uint8_t code,
	     uint32_t pointer);

/** came() - Does what matches @pv leave the device within so long? Judges nothing. */
bool came(struct tester *t, time_ns within, const struct pv *pv);

/** must_resolve() - The device does not know @who's link-layer address: to answer, it asks. */
void must_resolve(struct tester *t, enum station_id who);

/** must_know() - It does know it: it answers without asking all. */
void must_know(struct tester *t, enum station_id who);

/** far_goes_by() - Who asks from far away, by TR1, is answered by way of @router. */
void far_goes_by(struct tester *t, enum station_id router);

/** cut_to() - The first @n octets of @whole's ICMPv6 message, with a checksum that is right. */
struct pv cut_to(struct tester *t, const struct pv *whole, size_t n);

/** spoil_checksum() - Whatever else of @pv is set: a bit of its checksum is wrong. */
void spoil_checksum(struct pv *pv);

/** zero_option() - Put an ND option of length zero behind those of @pv. */
void zero_option(struct tester *t, struct pv *pv);

/** overrun_option() - Put an ND option there that is longer than the message. */
void overrun_option(struct tester *t, struct pv *pv);

/** piece() - Octets @from to @to (0: the end) of what follows @whole's IPv6 header, as a fragment. */
struct pv piece(struct tester *t, const struct pv *whole, size_t from, size_t to);

/** in_fragment() - @whole behind a fragment header that says that it is the only fragment. */
struct pv in_fragment(struct pv whole);

/** with_options() - @pv with a header of options in front (@kind: which); a multiple of 8, less 2. */
struct pv with_options(struct pv pv, uint8_t kind, const uint8_t *body, size_t octets);

#endif
