/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What tests of src/base share: cmocka with the headers it wants, and proof that an ASSERT
 * stands where it should.
 */
#ifndef INABA_TESTS_BASE_ABORTS_H
#define INABA_TESTS_BASE_ABORTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/** aborts() - Does @fn(@ctx) end the program with abort()? Runs it in a child. */
static inline int aborts(void (*fn)(void *ctx), void *ctx)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(2);
		fn(ctx);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
