/* SPDX-License-Identifier: BSD-3-Clause */
/* The memory and the descriptors of the programs that are run: those of a thread that waits. */
#ifndef INABA_EXEC_TARGET_H
#define INABA_EXEC_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** target_pointer() - An address of theirs, for structures that want a pointer. */
void *target_pointer(uint64_t at);

/** target_read(), target_write() - All of it, or -EFAULT. */
int target_read(pid_t tid, uint64_t at, void *p, size_t n);
int target_write(pid_t tid, uint64_t at, const void *p, size_t n);

/** target_string() - Return: 0; -EFAULT, -ENAMETOOLONG. */
int target_string(pid_t tid, uint64_t at, char *buf, size_t size);

/** target_inode() - Of the socket that a descriptor is; 0: it is none. */
uint64_t target_inode(pid_t tid, int fd);

/** target_fd() - A duplicate, to be closed. Return: it, or a negative errno. */
int target_fd(pid_t tid, int fd);

#endif
