/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/mld_odd.h"

#define V1_CUT	20
#define V1_LONG 32

void mld_hop_0(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->hop_limit = IS(0);
}

void mld_hop_2(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->hop_limit = IS(2);
}

void mld_hop_255(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->hop_limit = IS(255);
}

void mld_from_nobody(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->src = IS_ADDR(IP6_UNSPEC);
}

void mld_from_group(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->src = IS_ADDR(all_mld_routers);
}

void mld_v1_odd_code(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->code = IS(100);
}

void mld_v1_odd_reserved(struct tester *t, struct pv *pv)
{
	(void)t;
	pv->param.v |= 30;
}

void mld_v1_longer(struct tester *t, struct pv *pv)
{
	mld_resize(t, pv, V1_LONG);
}

void mld_v1_shorter(struct tester *t, struct pv *pv)
{
	mld_resize(t, pv, V1_CUT);
}
