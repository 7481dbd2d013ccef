/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "heap.h"

void
heap_give_back(int bytes)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, bytes);
#else
	(void)bytes;
#endif
}
