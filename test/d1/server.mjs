// SPDX-License-Identifier: MIT
// A stand-in for Cloudflare's D1 REST API with D1's own engine behind it.
// Usage: node server.mjs MINIFLARE [PORT]; d1-api calls it with where npm
// installed that.  README.md has what it takes.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const [miniflare, port = "0"] = process.argv.slice(2);
const { Miniflare } = createRequire(`${miniflare}/node_modules/`)("miniflare");
const ACCOUNT = "0123456789abcdef0123456789abcdef", TOKEN = "d1_standin";
const ROW = 2_000_000; // bytes that D1 lets a row have; workerd's own limit is 4 MiB
const LOGGED = 10_000; // requests of a database that are kept for .../requests
const ROUTE = /^\/client\/v4\/accounts\/([^/]+)\/d1\/database(?:\/([^/]+))?(?:\/(query|raw|faults|requests))?$/;
const folder = mkdtempSync("/tmp/wos-d1.");
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const here = dirname(fileURLToPath(import.meta.url));
const databases = new Map(); // UUID: {uuid, name, file, faults, requests}

const engine = new Miniflare({
	modules: true, scriptPath: `${here}/engine.mjs`, modulesRoot: here,
	compatibilityDate: "2026-01-01", host: "127.0.0.1", port: 0, durableObjectsPersist: folder,
	durableObjects: { DATABASES: { className: "Database", useSQLite: true,
		unsafeUniqueKey: "miniflare-D1DatabaseObject" } } });
const workerd = String(await engine.ready);

class Refused extends Error {
	constructor(status, code, message) {
		super(message);
		Object.assign(this, { status, code });
	}
}

// The statements of a text, cut as D1 cuts it: a trigger's body, too.
function split(sql) {
	const cut = /'[^']*'|"[^"]*"|`[^`]*`|--[^\n]*|\/\*[^]*?\*\/|(;)/g, found = [];
	let from = 0;
	for (const m of sql.matchAll(cut))
		if (m[1])
			found.push(sql.slice(from, m.index)), from = m.index + 1;
	return [...found, sql.slice(from)].map((s) => s.trim()).filter(Boolean);
}

function statements({ sql, params = [] }) {
	if (typeof sql !== "string" || !Array.isArray(params) ||
	    !params.every((p) => p === null || ["string", "number"].includes(typeof p)))
		throw new Refused(400, 7400, "The request is malformed: params must be strings, numbers or null");
	if (params.reduce((n, p) => n + Buffer.byteLength(String(p ?? "")), 0) > ROW)
		throw new Refused(400, 7500, "string or blob too big: SQLITE_TOOBIG");
	return split(sql).map((s) => ({ sql: s, params }));
}

// What a server does that takes a batch for one transaction, or, `apart`, does not.
async function run({ uuid }, how, body, apart) {
	const batch = (body.batch ?? [body]).flatMap(statements), results = [];
	for (const part of apart ? batch.map((q) => [q]) : [batch]) {
		const answer = await fetch(workerd + uuid, { method: "POST", body: JSON.stringify(part) });
		if (!answer.ok)
			throw new Refused(400, 7500, await answer.text());
		results.push(...await answer.json());
	}
	return results.map(({ columns, rows, meta }) => ({ success: true, meta, results: how === "raw"
		? { columns, rows } : rows.map((r) => Object.fromEntries(r.map((v, i) => [columns[i], v]))) }));
}

// A name's database is an empty one, whatever it had before.
async function create(name) {
	const was = [...databases.values()].find((d) => d.name === name);
	if (was)
		databases.delete(was.uuid);
	const uuid = randomUUID();
	const file = `${folder}/miniflare-D1DatabaseObject/` + await (await fetch(workerd + uuid)).text();
	databases.set(uuid, { uuid, name, file, faults: [], requests: [] });
	// Its file is there once something has been written.
	await run(databases.get(uuid), "raw", { sql: "CREATE TABLE x (a); DROP TABLE x" });
	return databases.get(uuid);
}

const about = ({ uuid, name, file }) => ({ uuid, name, version: "production", file });

// The result of a request; what the database's next fault says comes before.
async function answer(request, url, text) {
	const [, account, uuid, what] = ROUTE.exec(url.pathname) ?? [];
	if (!account)
		throw new Refused(404, 7000, "No route for that URI");
	if (request.headers.authorization !== `Bearer ${TOKEN}`)
		throw new Refused(request.headers.authorization ? 403 : 401, 10000, "Authentication error");
	if (account !== ACCOUNT)
		throw new Refused(403, 7403, "The given account is not valid or is not authorized to access this service");
	let body = {};
	try {
		body = text ? JSON.parse(text) : {};
	} catch (e) {
		throw new Refused(400, 7400, `The request is malformed: ${e.message}`);
	}
	if (!uuid && request.method === "POST")
		return about(await create(body.name));
	const name = url.searchParams.get("name");
	const database = uuid ? databases.get(uuid) : [...databases.values()].find((d) => d.name === name);
	if (uuid && !database)
		throw new Refused(404, 7404, `The database ${uuid} could not be found`);
	if (what === "faults")
		return (database.faults = body);
	if (what === "requests")
		return database.requests;
	const asked = { what: what ?? "lookup", bytes: text.length,
		statements: body.batch?.length ?? 1, done: false }; // as far as it is going to be
	if (database && database.requests.length < LOGGED)
		database.requests.push(asked);
	const work = async (apart) => {
		if (!what)
			return uuid ? about(database) : database ? [about(database)] : [];
		const results = await run(database, what, body, apart);
		asked.written = results.reduce((n, r) => n + r.meta.rows_written, 0);
		return results;
	};
	return faulty(next(database?.faults ?? [], asked), asked, work);
}

// The fault of this request, if it has one.
function next(faults, asked) {
	const fault = faults[0];
	if (!fault || asked.statements < (fault.statements ?? 0))
		return {};
	if (fault.skip > 0) {
		fault.skip--;
		return {};
	}
	if (fault.times > 1)
		fault.times--;
	else
		faults.shift();
	return fault;
}

async function faulty(fault, asked, work) {
	const wrong = fault.status || fault.body || fault.cut;
	const outcome = !wrong || fault.after ? work(fault.apart) : null;
	await outcome?.catch(() => {}); // a batch that is refused is an answer, too
	asked.done = true;
	if (fault.delay)
		await pause(fault.delay, undefined, { ref: false });
	if (!wrong)
		return outcome;
	throw Object.assign(new Refused(fault.status ?? 200, fault.code ?? 7500, fault.message ?? ""), { fault });
}

const server = createServer(async (request, response) => {
	let text = "", status = 200, headers = {}, body;
	try {
		for await (const chunk of request.setEncoding("utf8"))
			text += chunk;
		body = { result: await answer(request, new URL(request.url, "http://d1"), text),
			success: true, errors: [], messages: [] };
	} catch (e) {
		if (e.fault?.cut)
			return request.socket.destroy();
		({ status = 500 } = e), (headers = e.fault?.headers ?? {});
		body = e.fault?.body?.repeat(e.fault.repeat ?? 1) ?? { result: [], success: false, errors: [{ code: e.code ?? 7500, message: e.message }], messages: [] };
	}
	response.writeHead(status, { "content-type": "application/json", ...headers });
	response.end(typeof body === "string" ? body : JSON.stringify(body));
});
server.listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/client/v4`));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"])
	process.on(signal, async () => {
		await engine.dispose();
		process.exit(0);
	});
