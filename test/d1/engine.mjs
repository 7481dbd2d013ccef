// SPDX-License-Identifier: MIT
// What workerd runs: each database is a Durable Object with SQLite storage, which
// is what D1 is made of, and a batch is one transaction of it.
import { DurableObject } from "cloudflare:workers";

export class Database extends DurableObject {
	#changes() {
		return this.ctx.storage.sql.exec("SELECT total_changes() AS n, last_insert_rowid() AS id").one();
	}
	#run({ sql, params = [] }) {
		const before = this.#changes().n, cursor = this.ctx.storage.sql.exec(sql, ...params);
		const rows = [...cursor.raw()], after = this.#changes();
		return { columns: cursor.columnNames, rows, meta: {
			served_by_primary: true, duration: 0, changes: after.n - before, last_row_id: after.id,
			changed_db: after.n > before, size_after: this.ctx.storage.sql.databaseSize,
			rows_read: cursor.rowsRead, rows_written: cursor.rowsWritten } };
	}
	async fetch(request) {
		const batch = await request.json();
		try {
			return Response.json(this.ctx.storage.transactionSync(() => batch.map((q) => this.#run(q))));
		} catch (e) {
			return new Response(e.message, { status: 400 });
		}
	}
}

export default {
	// The path is the database's UUID; GET says what its file is called.
	async fetch(request, env) {
		const id = env.DATABASES.idFromName(new URL(request.url).pathname);
		if (request.method === "GET")
			return new Response(`${id}.sqlite`);
		try {
			return await env.DATABASES.get(id).fetch(request);
		} catch (e) { // what is found out at the commit, such as a deferred foreign key
			return new Response(e.message, { status: 400 });
		}
	},
};
