/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* setresuid() */
#include "host/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

/* Groups and group first: they need the user's privilege. EINVAL: nobody has no number here. */
static int become_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) < 0)
		return errno == EINVAL ? 0 : -errno;
	if (setgroups(0, NULL) < 0)
		return -errno;
	return setresuid(NOBODY, NOBODY, NOBODY) < 0 ? -errno : 0;
}

int privileges_drop(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
	int rc = 0;

	if (geteuid() == 0)
		rc = become_nobody();
	if (rc < 0)
		return rc;
	if (syscall(SYS_capset, &head, none) < 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}
