/* SPDX-License-Identifier: MIT */
#ifndef WOS_HEAP_H
#define WOS_HEAP_H

/*
 * Has what is allocated in pieces of so many bytes or more go back to the
 * system as soon as it is freed; glibc would come to keep it, and in pieces.
 * Another C library is left to its own ways.
 */
void heap_give_back(int bytes);

#endif
