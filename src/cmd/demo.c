/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/cmd.h"

int cmd_demo(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return failed("demo", "not built in yet");
}
