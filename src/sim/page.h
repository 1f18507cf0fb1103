/* SPDX-License-Identifier: BSD-3-Clause */
/* The demo as one page of HTML: topology, timeline and tables; no scripts, nothing from elsewhere. */
#ifndef INABA_SIM_PAGE_H
#define INABA_SIM_PAGE_H

#include "sim/demo.h"

/**
 * page_write() - Write the page.
 * @capture:	Name of the capture that lies beside it, for a link; or NULL.
 *
 * Errors are left in the stream: see ferror().
 */
void page_write(const struct demo *d, FILE *f, const char *capture);

/** picture_topology() - The nodes, their wires and addresses, as SVG. */
void picture_topology(const struct demo *d, FILE *f);

/** picture_pings() - Every echo request on an axis of time: answered, or not. */
void picture_pings(const struct demo *d, FILE *f);

/** picture_lanes() - What the rows of the timeline refer to: the lanes' lines, once. */
void picture_lanes(const struct timeline *tl, FILE *f);

/** picture_names() - The head of the lanes: their names. */
void picture_names(const struct timeline *tl, FILE *f);

/** picture_entry() - One entry's mark or arrow on the lanes, as SVG. */
void picture_entry(const struct timeline *tl, const struct tl_entry *e, FILE *f);

#endif
