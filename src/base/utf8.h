/* SPDX-License-Identifier: BSD-3-Clause */
/* Text in UTF-8 (RFC 3629), of which nobody has promised that it is well-formed. */
#ifndef INABA_BASE_UTF8_H
#define INABA_BASE_UTF8_H

#include "base/base.h"

/**
 * utf8_char() - The character that @s begins with.
 * @n:		Octets at @s, at least one.
 * @code:	Its code point; set only if it is well-formed.
 *
 * RFC 3629 section 4: no overlong form, no surrogate, nothing above U+10FFFF.
 * Return: its octets, or 0.
 */
size_t utf8_char(const uint8_t *s, size_t n, uint32_t *code);

#endif
