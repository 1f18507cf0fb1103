/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/nut.h"

const char *nut_cap_name(uint32_t bit)
{
	switch (bit) {
	case NUT_CAN_REBOOT:
		return "reboot";
	case NUT_CAN_ADDR:
		return "configured addresses";
	case NUT_CAN_ROUTE:
		return "configured routes";
	case NUT_CAN_MTU:
		return "a configured MTU";
	case NUT_CAN_ADVERTISE:
		return "router advertisements";
	case NUT_CAN_PING:
		return "ping from the device";
	case NUT_CAN_FORWARD:
		return "forwarding";
	case NUT_MCAST_ROUTING:
		return "multicast routing";
	case NUT_WAITS_HOURS:
		return "virtual time";
	case NUT_USES_CLASS:
		return "a use for the traffic class";
	case NUT_USES_FLOW:
		return "a use for the flow label";
	case NUT_ADV_VARS:
		return "router variables";
	case NUT_MLD_ROUTER:
		return "an MLD router";
	case NUT_CAN_TEMP:
		return "temporary addresses";
	case NUT_CAN_LISTEN:
		return "listening with source filters";
	case NUT_CAN_RESOLVE:
		return "a resolver";
	case NUT_EDGE:
		return "a customer's edge router";
	case NUT_CAN_OPTIMISTIC:
		return "optimistic addresses";
	case NUT_CAN_LINK:
		return "a link that goes down and up";
	case NUT_HAS_DNA:
		return "simple DNA";
	}
	return "unknown";
}

const char *nut_cap_word(uint32_t bit)
{
	switch (bit) {
	case NUT_CAN_REBOOT:
		return "reboot";
	case NUT_CAN_ADDR:
		return "addr";
	case NUT_CAN_ROUTE:
		return "route";
	case NUT_CAN_MTU:
		return "mtu";
	case NUT_CAN_ADVERTISE:
		return "advertise";
	case NUT_CAN_PING:
		return "ping";
	case NUT_CAN_FORWARD:
		return "forwarding";
	case NUT_MCAST_ROUTING:
		return "mroute";
	case NUT_USES_CLASS:
		return "class";
	case NUT_USES_FLOW:
		return "flow";
	case NUT_ADV_VARS:
		return "adv-vars";
	case NUT_MLD_ROUTER:
		return "mld-router";
	case NUT_CAN_TEMP:
		return "temporary";
	case NUT_CAN_LISTEN:
		return "listen";
	case NUT_CAN_RESOLVE:
		return "resolve";
	case NUT_EDGE:
		return "edge";
	case NUT_CAN_OPTIMISTIC:
		return "optimistic";
	case NUT_CAN_LINK:
		return "link";
	case NUT_HAS_DNA:
		return "dna";
	}
	return NULL;
}

const char *nut_cap_optional(uint32_t bit)
{
	switch (bit) {
	case NUT_MCAST_ROUTING:
		return "no RFC of the core demands that a router route multicast packets";
	case NUT_CAN_FORWARD:
		return "a host forwards nothing (RFC 8200 section 2)";
	case NUT_CAN_TEMP:
		return "RFC 8504 section 6.4: a host SHOULD have them";
	case NUT_EDGE:
		return "RFC 7084 is for routers at a customer's edge";
	case NUT_CAN_OPTIMISTIC:
		return "RFC 4429 section 3.3: a host MAY choose to have them";
	case NUT_HAS_DNA:
		return "no RFC demands simple DNA of a host";
	case NUT_WAITS_HOURS:
		return "the part would take hours";
	}
	return "no RFC demands it, the part cannot do without";
}

const char *nut_role_name(enum nut_role role)
{
	return role == NUT_HOST ? "host" : "router";
}
