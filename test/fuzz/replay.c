/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target without a fuzzer: runs it on each file that is named, so that
 * the suite can, with any compiler.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Larger ones are cut short. */
#define MOST_BYTES (1024 * 1024)

int
main(int argc, char **argv)
{
	uint8_t *data = malloc(MOST_BYTES);
	size_t size;
	FILE *f;

	if (data == NULL)
		err(1, NULL);
	for (int i = 1; i < argc; i++) {
		if ((f = fopen(argv[i], "rb")) == NULL)
			err(1, "%s", argv[i]);
		size = fread(data, 1, MOST_BYTES, f);
		fclose(f);
		if (LLVMFuzzerTestOneInput(data, size) != 0)
			errx(1, "%s: not 0", argv[i]);
	}
	free(data);
	printf("%d inputs\n", argc - 1);
	return 0;
}
