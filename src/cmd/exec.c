/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "cmd/cmd.h"
#include "exec/exec.h"

#define WORD "exec"

int cmd_exec(int argc, char **argv)
{
	char err[EXEC_ERR];
	int status;

	if (argc < 3)
		return usage(WORD, "it wants NAME and a command");
	status = exec_run(argv[1], argv + 2, err);
	if (err[0] != '\0')
		(void)failed(WORD, "%s", err);
	return status;
}
