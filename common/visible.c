#include <stdio.h>
#include <string.h>

#include "utf8.h"
#include "visible.h"

char *
visible(char *out, size_t size, const char *text, size_t len)
{
	const size_t most = 4; /* bytes that one step adds: \xNN */
	size_t used = 0, n;

	for (size_t i = 0; i < len; i += n) {
		unsigned char c = (unsigned char)text[i];

		if (used + most + sizeof "..." > size) {
			memcpy(out + used, "...", 3);
			used += 3;
			break;
		}
		n = utf8_length(text + i, len - i);
		if (n == 1 && c >= 0x20 && c != 0x7F) {
			out[used++] = text[i];
		} else if (n > 2 || (n == 2 && c != 0xC2)) {
			memcpy(out + used, text + i, n);
			used += n;
		} else if (n == 2 && (unsigned char)text[i + 1] >= 0xA0) {
			memcpy(out + used, text + i, n);
			used += n;
		} else {
			n = 1; /* the second byte of a C1 control follows */
			used += (size_t)snprintf(
			    out + used, size - used, "\\x%02X", c);
		}
	}
	out[used] = '\0';
	return out;
}
