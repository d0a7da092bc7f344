// Keeps a page of the batch layer up to date without loading it again, and does what its buttons ask for.
(() => {
  "use strict";

  const page = () => document.getElementById("batch-page");
  const pace = () => Number(page().querySelector("[data-refresh]").dataset.refresh);
  const answer = document.getElementById("batch-answer");
  let timer;
  let isAsking = false;

  // Changes only what differs, so that the focus, a selection and scrolled tables stay as they are.
  function update(shown, wanted) {
    if (shown.isEqualNode(wanted)) {
      return;
    }

    const isSimilar = shown.nodeType === Node.ELEMENT_NODE && shown.nodeName === wanted.nodeName
      && shown.childNodes.length === wanted.childNodes.length;
    if (!isSimilar) {
      shown.replaceWith(wanted);
      return;
    }

    for (const name of shown.getAttributeNames()) {
      if (!wanted.hasAttribute(name)) {
        shown.removeAttribute(name);
      }
    }

    for (const { name, value } of [...wanted.attributes]) {
      shown.setAttribute(name, value);
    }

    const children = [...wanted.childNodes];
    [...shown.childNodes].forEach((child, index) => update(child, children[index]));
  }

  function tell(colour, text) {
    answer.className = `alert alert-${colour}`;
    answer.textContent = text;
    answer.hidden = false;
  }

  async function refresh() {
    clearTimeout(timer);
    try {
      if (!document.hidden) {
        const response = await fetch(location.href, { cache: "no-store" });
        const text = await response.text();
        const wanted = new DOMParser().parseFromString(text, "text/html").getElementById("batch-page");
        if (!isAsking && response.ok && wanted) {
          update(page(), wanted);
          page().classList.remove("batch-stale");
        } else if (!isAsking) {
          page().classList.add("batch-stale");
        }
      }
    } catch {
      // The server may be about to start again.
      page().classList.add("batch-stale");
    }

    clearTimeout(timer);
    timer = setTimeout(refresh, pace());
  }

  async function ask(button) {
    const what = button.textContent;
    const header = document.querySelector("meta[name=csrf-header]");
    const token = document.querySelector("meta[name=csrf-token]");
    isAsking = true;
    button.disabled = true;
    try {
      const response = await fetch(button.dataset.command, {
        method: "POST",
        headers: header && token ? { [header.content]: token.content } : {},
      });
      if (response.ok) {
        tell("info", button.dataset.answer);
      } else {
        tell("danger", `${what}: the server answered ${response.status}. Load the page again, and see whether it still applies.`);
      }
    } catch {
      tell("danger", `${what}: the server does not answer. Nobody knows whether it was asked; look again when it does.`);
    }

    isAsking = false;
    button.disabled = false;
    await refresh();
  }

  document.addEventListener("click", event => {
    const button = event.target.closest("[data-command]");
    if (button && !isAsking && (!button.dataset.question || confirm(button.dataset.question))) {
      ask(button);
    }
  });
  document.addEventListener("visibilitychange", refresh);
  timer = setTimeout(refresh, pace());
})();
