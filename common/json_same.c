/* SPDX-License-Identifier: MIT */
#include "json_same.h"

static bool value_same(struct jsonspan a, struct jsonspan b);

/* The last member of that name, which counts, or m->n. */
static size_t
find(const struct jsonmembers *m, struct jsonspan name)
{
	for (size_t i = m->n; i > 0; i--)
		if (jsontext_is_alike(m->member[i - 1].name, name))
			return i - 1;
	return m->n;
}

/* Each member of one is in the other, and the other way round. */
static bool
objects_same(struct jsonspan a, struct jsonspan b)
{
	struct jsonmembers in_a, in_b;

	if (jsontext_members(a, &in_a) == -1 ||
	    jsontext_members(b, &in_b) == -1)
		return jsontext_is_alike(a, b);
	for (size_t j = 0; j < in_b.n; j++)
		if (find(&in_a, in_b.member[j].name) == in_a.n)
			return false;
	for (size_t i = 0; i < in_a.n; i++) {
		size_t j = find(&in_b, in_a.member[i].name);

		if (j == in_b.n || (find(&in_a, in_a.member[i].name) == i &&
				       !value_same(in_a.member[i].value,
					   in_b.member[j].value)))
			return false;
	}
	return true;
}

static bool
arrays_same(struct jsonspan a, struct jsonspan b)
{
	struct jsonwalk in_a, in_b;
	bool more;

	jsonwalk_begin(&in_a, a.p, a.len);
	jsonwalk_begin(&in_b, b.p, b.len);
	jsonwalk_into(&in_a, '[');
	jsonwalk_into(&in_b, '[');
	while ((more = jsonwalk_element(&in_a)) == jsonwalk_element(&in_b)) {
		if (!more)
			return true;
		if (!value_same(jsonwalk_value(&in_a), jsonwalk_value(&in_b)))
			return false;
	}
	return false;
}

static bool
value_same(struct jsonspan a, struct jsonspan b)
{
	if (*a.p == '{' && *b.p == '{')
		return objects_same(a, b);
	if (*a.p == '[' && *b.p == '[')
		return arrays_same(a, b);
	return jsontext_is_alike(a, b);
}

bool
json_same(struct jsonspan a, struct jsonspan b)
{
	const char *why;
	size_t at;
	struct jsonspan value_a, value_b;

	if (jsontext_is_alike(a, b))
		return true;
	value_a = jsontext_check(a.p, a.len, &why, &at);
	value_b = jsontext_check(b.p, b.len, &why, &at);
	return value_a.p != NULL && value_b.p != NULL &&
	       value_same(value_a, value_b);
}
