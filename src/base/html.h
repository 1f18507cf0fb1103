/* SPDX-License-Identifier: BSD-3-Clause */
/* What pages for people have in common, and text in HTML and XML. Errors are left in the stream. */
#ifndef INABA_BASE_HTML_H
#define INABA_BASE_HTML_H

#include <stdio.h>

#include "base/base.h"

/**
 * html_escape() - Write @text so that no octet of it is taken for HTML or XML, in an element or in a
 * quoted attribute.
 *
 * What neither may contain (control characters but tab and line feed, octets that are no UTF-8,
 * noncharacters) becomes U+FFFD.
 */
void html_escape(FILE *f, const char *text);

/** html_escape_octets() - The same for @n octets. */
void html_escape_octets(FILE *f, const char *text, size_t n);

/** html_style - Colours for light, dark and paper, headings, links, tables. */
extern const char html_style[];

#endif
