// SPDX-License-Identifier: MIT
// Loaded before the emulator's own code (node --require): whatever it listens
// on, it listens on 127.0.0.1.  By itself it takes all interfaces.
"use strict";
const net = require("net");
const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (...args) {
	const callback = args.find((arg) => typeof arg === "function");
	const first = args[0];
	let options = { port: 0 };

	if (typeof first === "object" && first !== null)
		options = first;
	else if (first !== undefined && first !== null && first !== callback)
		options = { port: Number(first) };
	if (!Number.isInteger(Number(options.port)))
		throw new Error("loopback.cjs: only a port can be listened on");
	return listen.call(this, { port: options.port, host: "127.0.0.1" },
	    ...(callback ? [callback] : []));
};
