// SPDX-License-Identifier: MIT
// published.cjs DEFINITIONS LOG: do the requests in a stand-in collector's log
// mean the same to OpenTelemetry's own protobuf definitions?  DEFINITIONS is the
// generated module of @opentelemetry/otlp-transformer.
//
// JSON of OTLP is that of protobuf but for ids, which are in hex.  What the
// definitions don't know they would pass over, so each request is taken through
// the binary form and back, and has to be what it was.  Prints what is wrong.
"use strict";
const assert = require("assert");
const fs = require("fs");
const root = require(process.argv[2]);
const Request =
    root.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
const IDS = new Set(["traceId", "spanId", "parentSpanId"]);

// As protobuf's JSON has it, ids in base64; or the other way round.
function convert(value, from, to) {
    if (Array.isArray(value))
        return value.map((one) => convert(one, from, to));
    if (value === null || typeof value !== "object")
        return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) =>
        [name, IDS.has(name) ? Buffer.from(member, from).toString(to)
            : convert(member, from, to)]));
}

let requests = 0, wrong = 0;
for (const line of fs.readFileSync(process.argv[3], "utf8").split("\n")) {
    if (line === "")
        continue;
    const { request } = JSON.parse(line);
    try {
        const read = Request.fromObject(convert(request, "hex", "base64"));
        assert.strictEqual(Request.verify(read), null);
        const again = Request.decode(Request.encode(read).finish());
        assert.deepStrictEqual(convert(Request.toObject(again,
            { longs: String, bytes: String }), "base64", "hex"), request);
    } catch (e) {
        console.error("published: " + e.message);
        wrong++;
    }
    requests++;
}
console.log(requests + " requests, " + wrong + " wrong");
process.exit(requests === 0 || wrong > 0 ? 1 : 0);
