/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the tree (sysctl.c) and its tables only. */
#ifndef INABA_NODE_SYSCTL_PART_H
#define INABA_NODE_SYSCTL_PART_H

#include "node/sysctl.h"

/* Whose a directory below conf and neigh is. */
enum sysctl_of {
	SYSCTL_OF_NODE, /* below neither */
	SYSCTL_OF_ALL,
	SYSCTL_OF_DEFAULT,
	SYSCTL_OF_IF,
};

struct sysctl_at {
	struct node *n;
	enum sysctl_of of;
	struct iface *ifc;
};

/* Where the field lies that a row is. */
enum sysctl_base {
	SYSCTL_NO_FIELD, /* get and set know */
	SYSCTL_IN_NODE,	 /* struct node */
	SYSCTL_IN_CONF,	 /* struct if_conf */
	SYSCTL_IN_NUD,	 /* struct nud_conf */
};

/*
 * A file. Values are from min to max; the field counts unit to each. What has neither a field nor set() nor
 * take() is read only.
 */
struct sysctl_row {
	const char *name;
	uint8_t base, width; /* enum sysctl_base; octets of the field */
	bool only_if;	     /* not in all and default */
	size_t off;
	int64_t min, max;
	int64_t unit; /* 0: 1 */
	/** get(), set() - In place of the field; set() with one interface, default, or the node. */
	int64_t (*get)(const struct sysctl_at *at);
	int (*set)(const struct sysctl_at *at, int64_t v);
	/** text(), take() - In place of numbers. */
	void (*text)(const struct node *n, char buf[SYSCTL_TEXT_MAX]);
	int (*take)(struct node *n, const char *text);
};

#define SYSCTL_FIELD(base_, type, name_, field, min_, max_, unit_)                                 \
	{                                                                                          \
		.name = (name_), .base = (base_), .width = sizeof(((type *)0)->field),             \
		.off = offsetof(type, field), .min = (min_), .max = (max_), .unit = (unit_)        \
	}

/** sysctl_always_1(), sysctl_as_it_is() - get() and set() of what is so, and may be told to be. */
int64_t sysctl_always_1(const struct sysctl_at *at);
int sysctl_as_it_is(const struct sysctl_at *at, int64_t v);

/* The rows of a directory: "ipv6/conf/" and "ipv6/neigh/" are those of each below. */
struct sysctl_dir {
	const char *path;
	const struct sysctl_row *row;
	size_t n;
};

extern const struct sysctl_dir SYSCTL_CONF, SYSCTL_NEIGH, SYSCTL_NEIGH_DEFAULT; /* sysctl_if.c */
extern const struct sysctl_dir SYSCTL_NODE[];					/* sysctl_node.c */
extern const size_t SYSCTL_NODE_N;

#endif
