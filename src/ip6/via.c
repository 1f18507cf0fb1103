/* SPDX-License-Identifier: BSD-3-Clause */
#include "ip6/via.h"

#include <stdlib.h>

#define VIAS_MIN 8
#define VIAS_MAX (UINT32_C(1) << 31)

static uint32_t *slot_of(const struct vias *vs, const struct via *via)
{
	return &vs->slot[siphash(vs->key, via, sizeof(*via)) & (vs->size - 1)];
}

static void chain(struct vias *vs, uint32_t index)
{
	uint32_t *slot = slot_of(vs, &vs->via[index]);

	vs->ref[index].next = *slot;
	*slot = index;
}

/* To twice the size, or nothing is changed. */
static int vias_grow(struct vias *vs)
{
	uint32_t size = vs->size == 0 ? VIAS_MIN : vs->size * 2;
	struct vias old = *vs;

	if (vs->size >= VIAS_MAX)
		return -ENOMEM;
	vs->via = calloc(size, sizeof(*vs->via));
	vs->ref = calloc(size, sizeof(*vs->ref));
	vs->slot = calloc(size, sizeof(*vs->slot));
	if (vs->via == NULL || vs->ref == NULL || vs->slot == NULL) {
		free(vs->via);
		free(vs->ref);
		free(vs->slot);
		*vs = old;
		return -ENOMEM;
	}
	vs->size = size;
	if (old.size > 0) {
		memcpy(vs->via, old.via, old.size * sizeof(*vs->via));
		memcpy(vs->ref, old.ref, old.size * sizeof(*vs->ref));
	}
	for (uint32_t i = 1; i < vs->top; i++)
		if (vs->ref[i].users != 0)
			chain(vs, i);
	free(old.via);
	free(old.ref);
	free(old.slot);
	return 0;
}

int vias_init(struct vias *vs, const struct hash_key *key)
{
	*vs = (struct vias){ .key = key, .top = 1 };
	if (vias_grow(vs) < 0)
		return -ENOMEM;
	vs->via[0] = (struct via){ .type = ROUTE_UNREACHABLE };
	return 0;
}

void vias_done(struct vias *vs)
{
	free(vs->via);
	free(vs->ref);
	free(vs->slot);
	*vs = (struct vias){ 0 };
}

uint32_t via_get(struct vias *vs, const struct via *via)
{
	uint32_t i = *slot_of(vs, via);

	while (i != 0 && !via_eq(&vs->via[i], via))
		i = vs->ref[i].next;
	if (i != 0) {
		vs->ref[i].users++;
		return i;
	}
	if (vs->free == 0 && vs->top == vs->size && vias_grow(vs) < 0)
		return 0;
	if (vs->free != 0) {
		i = vs->free;
		vs->free = vs->ref[i].next;
	} else {
		i = vs->top++;
	}
	vs->via[i] = *via;
	vs->ref[i].users = 1;
	chain(vs, i);
	vs->n++;
	vs->n_prefsrc += !ip6_is_unspec(&via->prefsrc);
	return i;
}

void via_put(struct vias *vs, uint32_t index)
{
	uint32_t *at;

	ASSERT(index != 0 && index < vs->top && vs->ref[index].users > 0);
	if (--vs->ref[index].users > 0)
		return;
	for (at = slot_of(vs, &vs->via[index]); *at != index; at = &vs->ref[*at].next)
		ASSERT(*at != 0);
	*at = vs->ref[index].next;
	vs->ref[index].next = vs->free;
	vs->free = index;
	vs->n--;
	vs->n_prefsrc -= !ip6_is_unspec(&vs->via[index].prefsrc);
}
