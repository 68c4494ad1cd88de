// The theme puts each copy button into a nav without a name. Screen readers list these, so they get names.
"use strict";

function nameAll() {
  document.querySelectorAll("nav.md-code__nav").forEach((nav, at) => {
    const label = `Code ${at + 1}`;
    if (nav.getAttribute("aria-label") !== label) nav.setAttribute("aria-label", label);
  });
}

nameAll();
new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
