/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the pages are made of. They are HTML and well-formed XML at once; no scripts, nothing from
 * elsewhere. Errors are left in the stream.
 */
#ifndef INABA_CONFORM_HTML_H
#define INABA_CONFORM_HTML_H

#include "base/html.h"
#include "conform/report.h"

#define HTML_LINE_MAX 256

/** html_put_style() - The style of all pages. */
void html_put_style(FILE *f);

/** html_name() - A file of a part's: its id and role, and nothing that a path could be made of. */
void html_name(char buf[HTML_NAME_MAX], const char *id, enum nut_role role, const char *suffix);

/** html_head() - To the opened main element; html_foot() closes it. */
void html_head(FILE *f, const char *title);
void html_foot(FILE *f);

/** html_first_line() - Octets of the first line of @text. */
size_t html_first_line(const char *text);

/** html_class() - "pass", "fail", ...: a class of the style, part of an id. */
const char *html_class(enum verdict v);

/** html_sign() - One character, so that colours are not needed to tell verdicts apart. */
const char *html_sign(enum verdict v);

/** html_index() - The page of all: what was tested, sums, what failed, the matrix. */
void html_index(const struct out_html *h, FILE *f);

/** html_part() - The page of one, without its navigation. */
void html_part(const struct run_conf *conf, const struct result *r, FILE *f);

/** html_why() - The reason of a verdict; expected and seen become a table. */
void html_why(const char *why, FILE *f);

/** html_summary() - It in one line, with the first fields that differ. Return: to be freed. */
char *html_summary(const char *why);

/** html_packets() - All frames, each with its fields and octets. */
void html_packets(const struct result *r, FILE *f);

/** html_diagram() - The frames as arrows between stations and device, as SVG. */
void html_diagram(const struct result *r, FILE *f);

/* What the case thought of a frame. */
enum html_mark { MARK_NONE, MARK_GOOD, MARK_BAD };

/** html_mark() - The mark of @s, and its words without the part's id in @words ("" for none). */
enum html_mark html_mark(const struct result *r, const struct seen *s, const char **words);

/** html_mark_class() - "", "good" or "bad"; html_mark_sign() - as html_sign(). */
const char *html_mark_class(enum html_mark mark);
const char *html_mark_sign(enum html_mark mark);

/** html_judged() - How many frames have a mark. */
size_t html_judged(const struct result *r);

/**
 * html_starting() - How many frames there are before anything is sent to the device or judged: its
 * neighbor discovery and MLD while it starts. 0 where they are too few to be told apart.
 */
size_t html_starting(const struct result *r);

/** html_time() - Seconds since the first frame: "7.000". Return: @buf. */
const char *html_time(const struct record *r, const struct seen *s, char *buf, size_t size);

/** html_line() - The frame in one line, as pv_line() or what else it is. Return: @buf. */
const char *html_line(const struct seen *s, char *buf, size_t size);

/** html_kind() - The same without addresses. */
const char *html_kind(const struct seen *s, char *buf, size_t size);

/* One end of a frame: a station, or one of these. */
enum { END_DEVICE = STATIONS, END_GROUP, END_OTHER };

/** html_from(), html_to() - Who sent it, and to whom, by its link-layer addresses. */
int html_from(const struct seen *s);
int html_to(const struct seen *s);

/** html_end_name() - "TN1", "device", "group", "other". */
const char *html_end_name(int end);

#endif
