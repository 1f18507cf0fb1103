/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The system calls of a program for another architecture have other numbers, and the filter ends it at
 * its first. Better that execve(2) says so: this is a courtesy, not a fence, so that the path may well
 * name another file a moment later.
 */
#include "exec/part.h"
#include "exec/target.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#endif

#define SENTENCE_MAX (PATH_MAX + 256)

/* As the program sees it: from its root, its directory, or the descriptor that it names. */
static int open_there(const struct call *c, const char *path)
{
	char from[PATH_MAX + 64];
	int n, at = c->nr == SYS_execveat ? (int)c->arg[0] : AT_FDCWD;

	if (path[0] == '/')
		n = snprintf(from, sizeof(from), "/proc/%d/root%s", (int)c->tid, path);
	else if (at == AT_FDCWD)
		n = snprintf(from, sizeof(from), "/proc/%d/cwd/%s", (int)c->tid, path);
	else if (path[0] == '\0')
		n = snprintf(from, sizeof(from), "/proc/%d/fd/%d", (int)c->tid, at);
	else
		n = snprintf(from, sizeof(from), "/proc/%d/fd/%d/%s", (int)c->tid, at, path);
	if (n < 0 || (size_t)n >= sizeof(from))
		return -1;
	return open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static bool is_foreign(const struct call *c, const char *path)
{
	Elf64_Ehdr h;
	int fd = open_there(c, path);
	ssize_t n = fd >= 0 ? read(fd, &h, sizeof(h)) : 0;

	if (fd >= 0)
		close(fd);
	if (n < (ssize_t)offsetof(Elf64_Ehdr, e_version) || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0)
		return false;
	return h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_machine != MACHINE;
}

static void say_why(const struct call *c, const char *path)
{
	char text[SENTENCE_MAX];
	int fd = target_fd(c->tid, STDERR_FILENO), n;

	if (fd < 0)
		return;
	n = snprintf(text, sizeof(text),
		     "inaba exec: %s is a program for another architecture, whose system calls "
		     "nobody could answer: not run\n",
		     path);
	(void)!write(fd, text, (size_t)n);
	close(fd);
}

void begin_execve(struct exec *e, struct call *c)
{
	char path[PATH_MAX];

	if (target_string(c->tid, c->arg[c->nr == SYS_execveat ? 1 : 0], path, sizeof(path)) < 0 ||
	    !is_foreign(c, path)) {
		call_pass(e, c);
		return;
	}
	say_why(c, path);
	call_end(e, c, -ENOSYS); /* for ENOEXEC, shells would read it as a script */
}
