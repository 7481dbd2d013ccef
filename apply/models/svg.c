/* SPDX-License-Identifier: MIT */
/*
 * A drawing of what belongs to what: each view in the column to the right of
 * all those that it belongs to, near them, and at the foot those that stand
 * alone.
 */
#include <stdlib.h>

#include "memory.h"
#include "models.h"

/* In pixels. */
enum { WIDTH = 250, HEIGHT = 22, ACROSS = 310, DOWN = 32, MARGIN = 16 };

struct node {
	const struct table *table;
	bool alone;
	int depth, row;
	double wish; /* the row in the middle of those it belongs to */
};

static struct node *nodes;
static size_t nnodes;

static struct node *
find_node(const struct table *t)
{
	struct node *n = nodes;

	while (n->table != t)
		n++;
	return n;
}

/* Parents stand before: they have their places. */
static void
note_parent(struct model *m, const struct relation *r)
{
	struct node *n = find_node(r->from), *to = find_node(r->to);

	(void)m;
	if (n->depth <= to->depth)
		n->depth = to->depth + 1;
	n->wish += (double)to->row / (double)n->table->nparents;
}

static int
by_wish(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a,
			  *y = *(struct node *const *)b;

	if (x->wish != y->wish)
		return x->wish < y->wish ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Places a column, each below the one before; returns how many rows it has. */
static int
place_column(struct model *m, int depth)
{
	struct node **column = memory_new(nnodes, sizeof *column);
	size_t n = 0;
	int row = 0;

	for (size_t i = 0; i < nnodes; i++)
		if (!nodes[i].alone && nodes[i].depth == depth)
			column[n++] = &nodes[i];
	for (size_t i = 0; i < n; i++) {
		column[i]->wish = 0;
		model_relations(column[i]->table, false, note_parent, m);
	}
	qsort(column, n, sizeof *column, by_wish);
	for (size_t i = 0; i < n; i++) {
		if (row < (int)column[i]->wish)
			row = (int)column[i]->wish;
		column[i]->row = row++;
	}
	free(column);
	return row;
}

static void
find_nodes(struct model *m)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	nodes = memory_new(n, sizeof *nodes);
	nnodes = 0;
	for (; n > 0; n--, t++) {
		if (*t->view == '\0')
			continue;
		nodes[nnodes++] = (struct node){.table = t,
		    .alone = !model_has_relations(t, false) &&
			     !model_has_relations(t, true)};
		model_relations(t, false, note_parent, m);
	}
}

static void
draw_box(struct model *m, const struct node *n, int down)
{
	int x = MARGIN + n->depth * ACROSS, y = MARGIN + down + n->row * DOWN;

	buf_printf(m->out,
	    "<g><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\" "
	    "height=\"%d\" rx=\"4\"/><text x=\"%d\" y=\"%d\">%s</text></g>\n",
	    n->table->about, x, y, WIDTH, HEIGHT, x + 8, y + 15,
	    n->table->view);
}

static void
draw_line(struct model *m, const struct relation *r)
{
	const struct node *from = find_node(r->to), *to = find_node(r->from);
	int x = MARGIN + from->depth * ACROSS + WIDTH,
	    y = MARGIN + from->row * DOWN + HEIGHT / 2,
	    x2 = MARGIN + to->depth * ACROSS,
	    y2 = MARGIN + to->row * DOWN + HEIGHT / 2;

	buf_printf(m->out,
	    "<path d=\"M%d %dC%d %d %d %d %d %d\"%s><title>%s.%s</title>"
	    "</path>\n",
	    x, y, x + 40, y, x2 - 40, y2, x2, y2,
	    r->must ? "" : " class=\"maybe\"", r->from->view, r->column->name);
}

static void
draw(struct model *m, int down)
{
	for (size_t i = 0; i < nnodes; i++)
		model_relations(nodes[i].table, false, draw_line, m);
	for (size_t i = 0; i < nnodes; i++)
		draw_box(m, &nodes[i], nodes[i].alone ? down : 0);
	buf_puts(m->out, "</svg>\n");
}

static void
head(struct model *m, int width, int height)
{
	buf_printf(m->out,
	    "<!-- SPDX-License-Identifier: MIT -->\n<svg "
	    "xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\">\n<desc>",
	    width, height, width, height);
	model_origin(m, "svg");
	buf_puts(m->out,
	    "</desc>\n<style>\n"
	    "text { font: 13px sans-serif; fill: #222 }\n"
	    "rect { fill: #f4f6fb; stroke: #56a }\n"
	    "path { fill: none; stroke: #56a; stroke-opacity: .6 }\n"
	    ".maybe { stroke-dasharray: 4 3 }\n</style>\n"
	    "<rect width=\"100%%\" height=\"100%%\" style=\"fill: #fff; "
	    "stroke: none\"/>\n");
}

/* All is drawn at the end: a table's place needs the others'. */
static void
tail(struct model *m)
{
	int columns = 1, rows = 0, alone = 0;

	find_nodes(m);
	for (size_t i = 0; i < nnodes; i++)
		if (nodes[i].depth >= columns)
			columns = nodes[i].depth + 1;
	for (int i = 0; i < columns; i++) {
		int n = place_column(m, i);

		rows = n > rows ? n : rows;
	}
	for (size_t i = 0; i < nnodes; i++)
		if (nodes[i].alone) {
			nodes[i].depth = alone % columns;
			nodes[i].row = alone++ / columns;
		}
	head(m, 2 * MARGIN + (columns - 1) * ACROSS + WIDTH,
	    2 * MARGIN + (rows + 1 + (alone + columns - 1) / columns) * DOWN);
	draw(m, (rows + 1) * DOWN);
	free(nodes);
}

static void
table(struct model *m, const struct table *t)
{
	(void)m, (void)t;
}

const struct writer model_svg = {.name = "svg", .table = table, .tail = tail};
