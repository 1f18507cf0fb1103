/* SPDX-License-Identifier: BSD-3-Clause */
/* What several suites make odd about a message of MLD. */
#ifndef INABA_CONFORM_MLD_ODD_H
#define INABA_CONFORM_MLD_ODD_H

#include "conform/mld_msg.h"

/* Hop limits other than 1; sources that no message may have. */
void mld_hop_0(struct tester *t, struct pv *pv);
void mld_hop_2(struct tester *t, struct pv *pv);
void mld_hop_255(struct tester *t, struct pv *pv);
void mld_from_nobody(struct tester *t, struct pv *pv);
void mld_from_group(struct tester *t, struct pv *pv);

/* Of MLDv1, where code and reserved field are ignored, what is too long is read and what is cut is not. */
void mld_v1_odd_code(struct tester *t, struct pv *pv);
void mld_v1_odd_reserved(struct tester *t, struct pv *pv);
void mld_v1_longer(struct tester *t, struct pv *pv);
void mld_v1_shorter(struct tester *t, struct pv *pv);

#endif
