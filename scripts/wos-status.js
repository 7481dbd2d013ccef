// SPDX-License-Identifier: MIT
// wos-status.js: the page of wos-status is of one moment.  Until this has looked
// at the clock nothing on it is green, and nothing is once its time is over.
(function () {
	"use strict";
	var page = document.documentElement, SKEW = 5 * 60000;

	function span(ms) {
		var m = Math.floor(ms / 60000);
		return m < 120 ? m + " min" : m < 2880 ? Math.floor(m / 60) + " h" :
		    Math.floor(m / 1440) + " days";
	}

	function look() {
		var now = Date.now(), made = Number(page.dataset.made);
		var icon = document.querySelector("link[data-colour]");
		var age = document.querySelector(".age");
		var old = now > Number(page.dataset.until);

		page.className = old ? "old" : now < made - SKEW ? "early" : "current";
		document.title = document.title.replace(/^(old · )?/, old ? "old · " : "");
		icon.href = icon.href.replace(/%23[0-9a-f]{6}/, "%23" +
		    (page.className === "current" ? icon.dataset.colour : "767c83"));
		if (age)
			age.textContent = span(now - made) + " ago";
	}

	look();
	document.addEventListener("DOMContentLoaded", look);
	setInterval(look, 10000);
})();
